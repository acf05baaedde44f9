import type { DeleteOptions } from "../../api/client.ts";
import type { JsonObject } from "../../lib/json-object.ts";
import { integer, isTrue, text } from "../http/query.ts";
import { readDeleteOptions } from "../registry/delete-options.ts";

/** `DeleteOptions` from the body, where there is one, else from the query. */
export const deleteOptionsOf = (query: URLSearchParams, body: unknown): DeleteOptions =>
  body === undefined ? readDeleteOptions(fromQuery(query), "the query") : readDeleteOptions(body, "the body");

function fromQuery(query: URLSearchParams): JsonObject {
  const given: JsonObject = {};
  if (query.has("dryRun")) given.dryRun = query.getAll("dryRun");
  const propagation = text(query, "propagationPolicy");
  if (propagation !== undefined) given.propagationPolicy = propagation;
  const grace = integer(query, "gracePeriodSeconds");
  if (grace !== undefined) given.gracePeriodSeconds = grace;
  if (query.has("orphanDependents")) given.orphanDependents = isTrue(query.get("orphanDependents"));
  const preconditions = { uid: text(query, "uid"), resourceVersion: text(query, "resourceVersion") };
  if (preconditions.uid ?? preconditions.resourceVersion) given.preconditions = preconditions;
  return given;
}
