import type { ListOptions } from "../../api/client.ts";
import { badRequest, type StatusCause, StatusError } from "../../api/errors.ts";
import { integer, invalidOptions, text, unsupported } from "../http/query.ts";

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
  const causes = [...(watch ? watchCauses(query) : listCauses(query)), ...matchCauses(query)];
  if (causes.length > 0) throw invalidOptions("ListOptions", causes);
  const revision = text(query, "resourceVersion");
  if (!watch && text(query, "continue") !== undefined && revision !== undefined && revision !== "0") {
    throw badRequest("specifying resource version is not allowed when using continue");
  }
}

const forbidden = (field: string, why: string): StatusCause => ({
  reason: "FieldValueForbidden",
  message: `Forbidden: ${why}`,
  field,
});

function matchCauses(query: URLSearchParams): StatusCause[] {
  const match = text(query, "resourceVersionMatch");
  if (match === undefined || match === "Exact" || match === "NotOlderThan") return [];
  return [unsupported("resourceVersionMatch", match, ["Exact", "NotOlderThan"])];
}

function watchCauses(query: URLSearchParams): StatusCause[] {
  const field = "resourceVersionMatch";
  const match = text(query, field);
  const initial = query.get("sendInitialEvents") !== null;
  if (match !== undefined && !initial) {
    return [forbidden(field, `${field} is forbidden for watch unless sendInitialEvents is provided`)];
  }
  if (!initial || match === "NotOlderThan") return [];
  return [forbidden(field, `sendInitialEvents requires setting ${field} to NotOlderThan`)];
}

function listCauses(query: URLSearchParams): StatusCause[] {
  const field = "resourceVersionMatch";
  const match = text(query, field);
  const revision = text(query, "resourceVersion");
  const causes: StatusCause[] = [];
  if (query.get("sendInitialEvents") !== null) {
    causes.push(forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"));
  }
  if (match === undefined) return causes;
  if (revision === undefined) {
    causes.push(forbidden(field, `${field} is forbidden unless resourceVersion is provided`));
  } else if (text(query, "continue") !== undefined) {
    causes.push(forbidden(field, `${field} is forbidden when continue is provided`));
  } else if (match === "Exact" && revision === "0") {
    causes.push(forbidden(field, `${field} "exact" is forbidden for resourceVersion "0"`));
  }
  return causes;
}

/** Kubernetes' texts and code for a revision that has not happened yet. What keeps nothing has none (`""`). */
export function checkNotFuture(wanted: number | undefined, current: string | undefined): void {
  if (wanted === undefined || !current || wanted <= Number(current)) return;
  throw new StatusError("Timeout", `Timeout: Too large resource version: ${wanted}, current: ${current}`, {
    details: {
      causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
      retryAfterSeconds: 1,
    },
  });
}
