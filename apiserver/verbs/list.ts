import { expired } from "../../api/errors.ts";
import type { Serve } from "../services.ts";
import { checkListOptions, checkNotFuture, revisionOf, selectionOf } from "./list-query.ts";
import { rendererFor, replyList } from "./reply.ts";

/** Reads come from memory and are always the latest, which serves `unset`, `0` and `NotOlderThan` alike; only `Exact` can ask for what is gone. */
export const list: Serve = async (exchange, request, services) => {
  const { resource, namespace, query } = request;
  const renderer = rendererFor(exchange, request);
  checkListOptions(query, false);
  const { revision, match } = revisionOf(query);
  const found = await services.registry.list(resource, selectionOf(query, namespace));
  checkNotFuture(revision, found.metadata.resourceVersion);
  if (match === "Exact" && revision !== Number(found.metadata.resourceVersion)) {
    throw expired(`The provided resource version is too old: ${revision} (${found.metadata.resourceVersion})`);
  }
  return replyList(exchange, request, renderer, found);
};
