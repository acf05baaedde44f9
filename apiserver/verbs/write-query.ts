import type { StatusCause } from "../../api/errors.ts";
import type { Authority } from "../admission/authority.ts";
import type { WriteContext } from "../admission/write-context.ts";
import type { Exchange } from "../http/exchange.ts";
import { dryRunOf, invalidOptions, text, unsupported } from "../http/query.ts";
import { forbiddenField, required } from "../validation/field-error.ts";

/** The options of create and update. */
export const writeContextOf = (query: URLSearchParams, kind: "CreateOptions" | "UpdateOptions", writer: Writer) =>
  contextOf(query, kind, writer, []);

/** Server-side apply, or a patch of another type. */
export type PatchKind = "apply" | "other";

/** The options of patch. Who applies must say under which name, and alone may use force. */
export function patchContextOf(query: URLSearchParams, patch: PatchKind, writer: Writer): WriteContext {
  const causes: StatusCause[] = [];
  const force = text(query, "force");
  if (patch === "other" && force !== undefined) {
    causes.push(forbiddenField("force", "may not be specified for non-apply patch"));
  } else if (patch === "apply" && text(query, "fieldManager") === undefined) {
    causes.push(required("fieldManager", "is required for apply patch"));
  }
  return contextOf(query, "PatchOptions", writer, causes);
}

function contextOf(
  query: URLSearchParams,
  kind: string,
  { userAgent, authority }: Writer,
  causes: StatusCause[],
): WriteContext {
  const context: WriteContext = {
    user: authority?.user,
    authority,
    dryRun: dryRunOf(query.getAll("dryRun"), causes),
    tracksFields: true,
  };
  const validation = text(query, "fieldValidation");
  if (validation === "Strict" || validation === "Warn" || validation === "Ignore") context.fieldValidation = validation;
  else if (validation !== undefined)
    causes.push(unsupported("fieldValidation", validation, ["", "Ignore", "Strict", "Warn"]));
  const manager = text(query, "fieldManager") ?? managerOf(userAgent);
  if (manager.length > 128) {
    causes.push({
      reason: "FieldValueTooLong",
      message: "Too long: may not be more than 128 bytes",
      field: "fieldManager",
    });
  } else if (!/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$/u.test(manager)) {
    causes.push({
      reason: "FieldValueInvalid",
      message: "Invalid value: should only contain printable characters",
      field: "fieldManager",
    });
  }
  if (causes.length > 0) throw invalidOptions(kind, causes);
  if (manager) context.fieldManager = manager;
  return context;
}

/** As an Exchange gives them. */
export const writerOf = ({ request, authority }: Exchange): Writer => ({
  userAgent: request.headers["user-agent"],
  authority,
});

interface Writer {
  userAgent: string | undefined;
  authority?: Authority | undefined;
}

/** What stands before the slash in `kubectl/v1.32.0 (linux/amd64)`. */
const managerOf = (userAgent: string | undefined): string =>
  (userAgent ?? "unknown")
    .split("/")[0]
    ?.replace(/[^\x20-\x7e]/g, "")
    .slice(0, 128) || "unknown";
