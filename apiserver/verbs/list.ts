import type { ObjectList } from "../../api/client.ts";
import { StatusError, tooOldToList } from "../../api/errors.ts";
import type { Exchange } from "../http/exchange.ts";
import type { ResourceRequest } from "../router.ts";
import type { Serve } from "../services.ts";
import { checkListOptions, checkNotFuture, exactRevisionOf, revisionOf, selectionOf } from "./list-query.ts";
import { warnIfOutdated } from "./outdated.ts";
import { rendererFor, replyList } from "./reply.ts";

/** Reads come from memory and are always the latest, which serves `unset`, `0` and `NotOlderThan` alike; only an exact revision needs the history. */
export const list: Serve = async (exchange, request, services) => {
  const { resource, namespace, query } = request;
  const renderer = rendererFor(exchange, request);
  checkListOptions(query, false);
  const { revision } = revisionOf(query);
  const exact = exactRevisionOf(query);
  const selection = selectionOf(query, namespace);
  const found = await services.registry.list(resource, exact === undefined ? selection : { ...selection, exact });
  tellWhatIsMissing(exchange, request, found);
  checkNotFuture(revision, found.metadata.resourceVersion);
  // What keeps no history shows what there is now.
  const shown = found.metadata.resourceVersion;
  if (exact !== undefined && shown !== "" && exact !== Number(shown)) throw tooOldToList();
  return replyList(exchange, request, renderer, found);
};

/** Nobody may call a collection empty that cannot be read as a whole. */
function tellWhatIsMissing(exchange: Exchange, { storage }: ResourceRequest, { items }: ObjectList): void {
  const why = storage.incomplete?.();
  if (why === undefined) {
    warnIfOutdated(exchange, storage);
    return;
  }
  if (items.length === 0) throw new StatusError("ServiceUnavailable", why);
  exchange.warn([`this list may be incomplete: ${why}`]);
}
