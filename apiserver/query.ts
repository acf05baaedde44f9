import type { DeleteOptions, ListOptions } from "../api/client.ts";
import { badRequest, invalid, type StatusCause, StatusError } from "../api/errors.ts";
import type { WriteContext } from "./registry.ts";
import { isTrue } from "./router.ts";

/** A query parameter that must be a whole number; absent and empty are the same. */
export function integer(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === "") return undefined;
  if (!/^-?\d{1,15}$/.test(text))
    throw badRequest(`query parameter ${name}: ${JSON.stringify(text)} is not an integer`);
  return Number(text);
}

const text = (query: URLSearchParams, name: string): string | undefined => query.get(name) || undefined;

/** The selection of list, watch and deletecollection. Selectors are judged by the Registry. */
export function selectionOf(query: URLSearchParams, namespace: string | undefined): ListOptions {
  const options: ListOptions = {};
  const limit = integer(query, "limit");
  if (limit !== undefined && limit < 0) throw badRequest("query parameter limit must not be negative");
  const labelSelector = text(query, "labelSelector");
  const fieldSelector = text(query, "fieldSelector");
  const token = text(query, "continue");
  if (namespace !== undefined) options.namespace = namespace;
  if (labelSelector !== undefined) options.labelSelector = labelSelector;
  if (fieldSelector !== undefined) options.fieldSelector = fieldSelector;
  if (limit) options.limit = limit;
  if (token !== undefined) options.continue = token;
  return options;
}

/** Which revision a read may or must show (KEP-2340, apimachinery `validateListOptions`). */
export interface RevisionQuery {
  /** Absent: the latest. `0`: any. */
  revision?: number;
  match?: "Exact" | "NotOlderThan";
}

export function revisionOf(query: URLSearchParams): RevisionQuery {
  const wanted = text(query, "resourceVersion");
  if (wanted !== undefined && !/^\d{1,15}$/.test(wanted)) {
    throw badRequest(`resourceVersion: Invalid value: ${JSON.stringify(wanted)}: must be a decimal number`);
  }
  const match = text(query, "resourceVersionMatch");
  return {
    ...(wanted === undefined ? {} : { revision: Number(wanted) }),
    ...(match === "Exact" || match === "NotOlderThan" ? { match } : {}),
  };
}

/** What cannot go together in a list or watch: a 422 about ListOptions, as the real server says it. */
export function checkListOptions(query: URLSearchParams, watch: boolean): void {
  const causes: StatusCause[] = [];
  const forbidden = (field: string, why: string): unknown =>
    causes.push({ reason: "FieldValueForbidden", message: `Forbidden: ${why}`, field });
  const match = text(query, "resourceVersionMatch");
  const revision = text(query, "resourceVersion");
  const initial = query.get("sendInitialEvents") !== null;
  if (match !== undefined) {
    if (match !== "Exact" && match !== "NotOlderThan") {
      causes.push(unsupported("resourceVersionMatch", match, ["Exact", "NotOlderThan"]));
    } else if (watch) {
      if (!initial)
        forbidden(
          "resourceVersionMatch",
          "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
        );
    } else if (revision === undefined) {
      forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden unless resourceVersion is provided");
    } else if (text(query, "continue") !== undefined) {
      forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided");
    } else if (match === "Exact" && revision === "0") {
      forbidden("resourceVersionMatch", 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
    }
  }
  if (initial && !watch) forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list");
  if (initial && watch && match !== "NotOlderThan") {
    forbidden("resourceVersionMatch", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
  }
  if (causes.length > 0) throw invalidOptions("ListOptions", causes);
  if (!watch && text(query, "continue") !== undefined && revision !== undefined && revision !== "0") {
    throw badRequest("specifying resource version is not allowed when using continue");
  }
}

/** Kubernetes' texts and code for a revision that has not happened yet. */
export function checkNotFuture(wanted: number | undefined, current: string): void {
  if (wanted === undefined || wanted <= Number(current)) return;
  throw new StatusError("Timeout", `Timeout: Too large resource version: ${wanted}, current: ${current}`, {
    details: {
      causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
      retryAfterSeconds: 1,
    },
  });
}

/** The options of create, update and patch. */
export function writeContextOf(query: URLSearchParams, kind: string, userAgent: string | undefined): WriteContext {
  const causes: StatusCause[] = [];
  const context: WriteContext = { dryRun: dryRunOf(query.getAll("dryRun"), causes) };
  const validation = text(query, "fieldValidation");
  if (validation === "Strict" || validation === "Warn" || validation === "Ignore") context.fieldValidation = validation;
  else if (validation !== undefined)
    causes.push(unsupported("fieldValidation", validation, ["Ignore", "Strict", "Warn"]));
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

/** What stands before the slash in `kubectl/v1.32.0 (linux/amd64)`. */
const managerOf = (userAgent: string | undefined): string =>
  (userAgent ?? "unknown")
    .split("/")[0]
    ?.replace(/[^\x20-\x7e]/g, "")
    .slice(0, 128) || "unknown";

function dryRunOf(values: readonly unknown[], causes: StatusCause[]): boolean {
  const said = values.filter((value) => value !== "");
  for (const value of said) if (value !== "All") causes.push(unsupported("dryRun", String(value), ["All"]));
  return said.length > 0;
}

const propagations = ["Background", "Foreground", "Orphan"] as const;

/** `DeleteOptions` from the body, where there is one, else from the query. */
export function deleteOptionsOf(query: URLSearchParams, body: unknown): DeleteOptions {
  const given = body === undefined ? fromQuery(query) : asRecord(body);
  const kind = given.get("kind");
  if (kind !== undefined && kind !== "DeleteOptions")
    throw badRequest(`the body must be DeleteOptions, not ${JSON.stringify(kind)}`);
  const causes: StatusCause[] = [];
  const options: DeleteOptions = {};
  const dryRun = given.get("dryRun") ?? [];
  if (dryRunOf(Array.isArray(dryRun) ? dryRun : [dryRun], causes)) options.dryRun = true;
  const propagation = propagationOf(given, causes);
  if (propagation) options.propagation = propagation;
  const grace = given.get("gracePeriodSeconds");
  if (typeof grace === "number" && Number.isInteger(grace) && grace >= 0) options.gracePeriodSeconds = grace;
  else if (grace !== undefined && grace !== null) {
    causes.push({
      reason: "FieldValueInvalid",
      message: `Invalid value: ${JSON.stringify(grace)}: must be a whole number, not negative`,
      field: "gracePeriodSeconds",
    });
  }
  const preconditions = preconditionsOf(given.get("preconditions"), causes);
  if (preconditions) options.preconditions = preconditions;
  if (causes.length > 0) throw invalidOptions("DeleteOptions", causes);
  return options;
}

function fromQuery(query: URLSearchParams): Map<string, unknown> {
  const given = new Map<string, unknown>();
  if (query.has("dryRun")) given.set("dryRun", query.getAll("dryRun"));
  const propagation = text(query, "propagationPolicy");
  if (propagation !== undefined) given.set("propagationPolicy", propagation);
  const grace = integer(query, "gracePeriodSeconds");
  if (grace !== undefined) given.set("gracePeriodSeconds", grace);
  if (query.has("orphanDependents")) given.set("orphanDependents", isTrue(query.get("orphanDependents")));
  return given;
}

function propagationOf(given: Map<string, unknown>, causes: StatusCause[]): DeleteOptions["propagation"] {
  const said = given.get("propagationPolicy") ?? undefined;
  const orphan = given.get("orphanDependents");
  if (said === undefined) return orphan === true ? "Orphan" : orphan === false ? "Background" : undefined;
  const known = propagations.find((policy) => policy === said);
  if (!known) causes.push(unsupported("propagationPolicy", String(said), propagations));
  return known;
}

function preconditionsOf(value: unknown, causes: StatusCause[]): DeleteOptions["preconditions"] {
  if (value === undefined || value === null) return undefined;
  const given = asRecord(value);
  const result: NonNullable<DeleteOptions["preconditions"]> = {};
  for (const field of ["uid", "resourceVersion"] as const) {
    const wanted = given.get(field) ?? undefined;
    if (typeof wanted === "string") result[field] = wanted;
    else if (wanted !== undefined)
      causes.push({
        reason: "FieldValueTypeInvalid",
        message: "Invalid value: must be a string",
        field: `preconditions.${field}`,
      });
  }
  return result;
}

function asRecord(body: unknown): Map<string, unknown> {
  if (typeof body !== "object" || body === null || Array.isArray(body)) throw badRequest("the body must be an object");
  return new Map(Object.entries(body));
}

const unsupported = (field: string, value: string, supported: readonly string[]): StatusCause => ({
  reason: "FieldValueNotSupported",
  message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported.map((item) => `"${item}"`).join(", ")}`,
  field,
});

const invalidOptions = (kind: string, causes: StatusCause[]): StatusError =>
  invalid({ group: "meta.k8s.io", plural: kind, kind }, "", causes);
