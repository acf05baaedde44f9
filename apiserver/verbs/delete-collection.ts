import { readOptions } from "../http/body.ts";
import type { Serve } from "../services.ts";
import { deleteOptionsOf } from "./delete-query.ts";
import { checkListOptions, selectionOf } from "./list-query.ts";
import { rendererFor, replyList } from "./reply.ts";

/** Answers with the list of what it deleted, or asked to go. */
export const deleteCollection: Serve = async (exchange, request, services) => {
  const renderer = rendererFor(exchange, request);
  checkListOptions(request.query, false);
  const selection = selectionOf(request.query, request.namespace);
  const options = deleteOptionsOf(request.query, await readOptions(exchange.request));
  exchange.learned.isDryRun = options.dryRun;
  const deleted = await services.registry.deleteCollection(request.resource, selection, options);
  return replyList(exchange, request, renderer, deleted);
};
