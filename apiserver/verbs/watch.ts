import type { ObjectList, WatchEvent } from "../../api/client.ts";
import { isExpired, StatusError } from "../../api/errors.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Watching } from "../../store/store.ts";
import { negotiate } from "../http/accept.ts";
import { SlowReader } from "../http/event-stream.ts";
import { asStatusError, type Exchange } from "../http/exchange.ts";
import { integer, isTrue } from "../http/query.ts";
import { Renderer } from "../printing/rendering.ts";
import type { ResourceRequest } from "../router.ts";
import type { Serve, Services } from "../services.ts";
import { EventWriter } from "./event-writer.ts";
import { checkListOptions, checkNotFuture, revisionOf, selectionOf } from "./list-query.ts";

/** A watch without `timeoutSeconds` ends after 30 to 60 min, so that clients spread over time and dead ones are found. */
const SHORTEST_WATCH_MS = 30 * 60_000;

/** What the client wants to see. */
interface Plan {
  /** ADDED for all there is, before the events. */
  initial?: ObjectList;
  endMark: boolean;
  events: Watching<WatchEvent>;
}

export const watch: Serve = async (exchange, request, services) => {
  const rendering = negotiate(exchange.accept, { yaml: false });
  const renderer = new Renderer(request.storage, rendering, request.query);
  const seconds = integer(request.query, "timeoutSeconds") ?? 0;
  const timeoutMs = seconds > 0 ? seconds * 1000 : SHORTEST_WATCH_MS * (1 + services.random());
  const ended = endOf(services.clock, timeoutMs, exchange.gone);
  try {
    // What is wrong until here is a plain error reply, but for a revision that is too old: clients look for that in the stream.
    const plan = await attempt(() => planOf(request, services, ended.signal));
    const stream = exchange.follow(renderer.contentType);
    const bookmarks = isTrue(request.query.get("allowWatchBookmarks"));
    await run(new EventWriter(stream, renderer, services.streamTurns, bookmarks), plan, exchange);
  } finally {
    ended.cancel();
  }
};

async function attempt(make: () => Promise<Plan>): Promise<Plan | StatusError> {
  try {
    return await make();
  } catch (error) {
    if (isExpired(error)) return error;
    throw error;
  }
}

async function run(writer: EventWriter, plan: Plan | StatusError, exchange: Exchange): Promise<void> {
  try {
    if (plan instanceof StatusError) throw plan;
    await follow(writer, plan);
    writer.end();
  } catch (error) {
    if (error instanceof SlowReader) throw error;
    const status = asStatusError(error, exchange.auditId);
    writer.error(status);
    writer.end();
    if (status !== error) throw error;
  }
}

async function follow(writer: EventWriter, { initial, endMark, events }: Plan): Promise<void> {
  if (initial) {
    await writer.initial(initial.items);
    if (endMark) await writer.endMark(initial.metadata.resourceVersion);
  }
  try {
    await writer.follow(events);
  } finally {
    await events.return();
  }
}

/** Unset and `0` begin with what there is, as if the client had asked for it, unless it says otherwise (KEP-3157); a number begins after that revision. */
async function planOf(
  { resource, namespace, query }: ResourceRequest,
  { registry }: Services,
  signal: AbortSignal,
): Promise<Plan> {
  checkListOptions(query, true);
  const { revision } = revisionOf(query);
  const asked = query.get("sendInitialEvents");
  const bookmarks = isTrue(query.get("allowWatchBookmarks"));
  const { limit, continue: _, ...selection } = selectionOf(query, namespace);
  const initial = (asked === null ? !revision : isTrue(asked)) ? await registry.list(resource, selection) : undefined;
  checkNotFuture(revision, initial?.metadata.resourceVersion);
  const from = initial?.metadata.resourceVersion ?? (revision ? String(revision) : undefined);
  const events = registry.watch(resource, {
    ...selection,
    signal,
    bookmarks,
    ...(from === undefined ? {} : { resourceVersion: from }),
  });
  return {
    ...(initial ? { initial } : {}),
    endMark: initial !== undefined && bookmarks,
    events,
  };
}

function endOf(clock: Clock, ms: number, gone: AbortSignal): { signal: AbortSignal; cancel(): void } {
  const timedOut = new AbortController();
  const timer = clock.after(ms, () => timedOut.abort());
  return { signal: AbortSignal.any([gone, timedOut.signal]), cancel: () => timer.cancel() };
}
