import type { ListOptions } from "../../api/client.ts";
import { badRequest, type StatusCause, tooLargeRevision } from "../../api/errors.ts";
import { integer, invalidOptions, text, unsupported } from "../http/query.ts";

/** The selection of list, watch and deletecollection. Selectors are judged by the Registry. */
export function selectionOf(query: URLSearchParams, namespace: string | undefined): ListOptions {
  const options: ListOptions = {};
  const limit = integer(query, "limit");
  const labelSelector = text(query, "labelSelector");
  const fieldSelector = text(query, "fieldSelector");
  const token = text(query, "continue");
  if (namespace !== undefined) options.namespace = namespace;
  if (labelSelector !== undefined) options.labelSelector = labelSelector;
  if (fieldSelector !== undefined) options.fieldSelector = fieldSelector;
  // As on the real server a negative one is none.
  if (limit !== undefined && limit > 0) options.limit = limit;
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

/** The only revision that a list may show; undefined when a newer one will do. A page of a named revision is exact also without a match, as in Kubernetes. */
export function exactRevisionOf(query: URLSearchParams): number | undefined {
  const { revision, match } = revisionOf(query);
  const isPaged = (integer(query, "limit") ?? 0) > 0;
  return match === "Exact" || (match === undefined && isPaged) ? revision || undefined : undefined;
}

/** What cannot go together in a list or watch: a 422 about ListOptions, as the real server says it (`ValidateListOptions`). */
export function checkListOptions(query: URLSearchParams, watch: boolean): void {
  integer(query, "timeoutSeconds");
  const causes = watch ? watchCauses(query) : listCauses(query);
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

function watchCauses(query: URLSearchParams): StatusCause[] {
  const field = "resourceVersionMatch";
  const match = text(query, field);
  const initial = query.get("sendInitialEvents") !== null;
  const causes: StatusCause[] = [];
  if (initial && match !== "NotOlderThan") {
    causes.push(forbidden(field, `sendInitialEvents requires setting ${field} to NotOlderThan`));
  }
  if (match === undefined) return causes;
  if (!initial) causes.push(forbidden(field, `${field} is forbidden for watch unless sendInitialEvents is provided`));
  if (match !== "NotOlderThan") causes.push(unsupported(field, match, ["NotOlderThan"]));
  if (text(query, "continue") !== undefined) causes.push(whileContinuing(field));
  return causes;
}

function listCauses(query: URLSearchParams): StatusCause[] {
  const field = "resourceVersionMatch";
  const match = text(query, field);
  const revision = text(query, "resourceVersion");
  const causes: StatusCause[] = [];
  if (match !== undefined) {
    if (revision === undefined) {
      causes.push(forbidden(field, `${field} is forbidden unless resourceVersion is provided`));
    }
    if (text(query, "continue") !== undefined) causes.push(whileContinuing(field));
    if (match !== "Exact" && match !== "NotOlderThan")
      causes.push(unsupported(field, match, ["Exact", "NotOlderThan", ""]));
    if (match === "Exact" && revision === "0") {
      causes.push(forbidden(field, `${field} "exact" is forbidden for resourceVersion "0"`));
    }
  }
  if (query.get("sendInitialEvents") !== null) {
    causes.push(forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"));
  }
  return causes;
}

const whileContinuing = (field: string): StatusCause =>
  forbidden(field, `${field} is forbidden when continue is provided`);

/** Throws for a revision that has not happened yet. What keeps nothing has none (`""`). */
export function checkNotFuture(wanted: number | undefined, current: string | undefined): void {
  if (wanted !== undefined && current && wanted > Number(current)) throw tooLargeRevision(wanted, current);
}
