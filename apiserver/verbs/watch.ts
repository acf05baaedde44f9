import type { ListOptions, WatchOptions } from "../../api/client.ts";
import { StatusError } from "../../api/errors.ts";
import type { Clock } from "../../lib/clock.ts";
import { negotiate } from "../accept.ts";
import { EventStream, SlowReader } from "../event-stream.ts";
import { asStatusError } from "../exchange.ts";
import { checkListOptions, checkNotFuture, integer, revisionOf, selectionOf } from "../query.ts";
import { Renderer } from "../rendering.ts";
import { isTrue, type ResourceRequest } from "../router.ts";
import type { Serve, Services } from "../services.ts";

/** A watch without `timeoutSeconds` ends after 30 to 60 min, so that clients spread over time and dead ones are found. */
const SHORTEST_WATCH_MS = 30 * 60_000;
/** Initial events are sent in pieces of about this many characters. */
const PIECE = 64 * 1024;

/** What the client wants to see, worked out before the first byte is sent: what is wrong until then is a plain error reply. */
interface Plan {
  /** ADDED for all there is, before the events. */
  initial?: ReturnType<Services["registry"]["list"]>;
  endMark: boolean;
  /** Events after this revision; absent: from now. */
  from?: string;
  bookmarks: boolean;
  timeoutMs: number;
}

export const watch: Serve = async (exchange, request, services) => {
  const rendering = negotiate(exchange.accept, { yaml: false });
  const renderer = new Renderer(request.resource, rendering, services.tables, request.query);
  const plan = planOf(request, services);
  const ended = endOf(services.clock, plan.timeoutMs, exchange.gone);
  const stream = new EventStream(exchange.response, services.clock, renderer.contentType);
  const events = new EventWriter(stream, renderer);
  try {
    await follow(events, request, services, plan, ended.signal);
    stream.end();
  } catch (error) {
    if (error instanceof SlowReader) return void exchange.response.destroy();
    const status = asStatusError(error, exchange.auditId);
    await events.error(status).catch(() => {});
    stream.end();
    if (!(error instanceof StatusError)) throw error;
  } finally {
    ended.cancel();
  }
};

async function follow(
  events: EventWriter,
  request: ResourceRequest,
  services: Services,
  plan: Plan,
  signal: AbortSignal,
) {
  if (plan.initial) {
    await events.initial(plan.initial.items);
    if (plan.endMark) await events.bookmark(plan.initial.metadata.resourceVersion, true);
  }
  const { limit, continue: _, ...selection } = selectionOf(request.query, request.namespace);
  const options: WatchOptions = { ...selection, signal, bookmarks: plan.bookmarks };
  if (plan.from !== undefined) options.resourceVersion = plan.from;
  for await (const event of services.registry.watch(request.resource, options)) {
    if (event.type === "BOOKMARK") {
      if (plan.bookmarks) await events.bookmark(event.resourceVersion, false);
    } else await events.event(event.type, event.object);
  }
}

/** Unset and `0` begin with what there is, unless the client says otherwise (KEP-3157); a number begins after that revision. */
function planOf({ resource, namespace, query }: ResourceRequest, { registry, random }: Services): Plan {
  checkListOptions(query, true);
  const { revision } = revisionOf(query);
  const asked = query.get("sendInitialEvents");
  const initial = asked === null ? !revision : isTrue(asked);
  const { limit, continue: _, ...selection } = selectionOf(query, namespace);
  // A list judges the selectors also when its items are not wanted.
  const listed = registry.list(resource, initial ? selection : ({ ...selection, limit: 1 } satisfies ListOptions));
  checkNotFuture(revision, listed.metadata.resourceVersion);
  const seconds = integer(query, "timeoutSeconds") ?? 0;
  const bookmarks = isTrue(query.get("allowWatchBookmarks"));
  return {
    ...(initial
      ? { initial: listed, from: listed.metadata.resourceVersion }
      : revision
        ? { from: String(revision) }
        : {}),
    endMark: initial && asked !== null && bookmarks,
    bookmarks,
    timeoutMs: seconds > 0 ? seconds * 1000 : SHORTEST_WATCH_MS * (1 + random()),
  };
}

function endOf(clock: Clock, ms: number, gone: AbortSignal): { signal: AbortSignal; cancel(): void } {
  const timedOut = new AbortController();
  const timer = clock.after(ms, () => timedOut.abort());
  return { signal: AbortSignal.any([gone, timedOut.signal]), cancel: () => timer.cancel() };
}

/** Newline-delimited watch events (Kubernetes API concepts, "Efficient detection of changes"). */
class EventWriter {
  readonly #stream: EventStream;
  readonly #renderer: Renderer;
  #first = true;

  constructor(stream: EventStream, renderer: Renderer) {
    this.#stream = stream;
    this.#renderer = renderer;
  }

  event(type: string, object: Parameters<Renderer["object"]>[0]): Promise<void> {
    return this.#stream.write(this.#line(type, object));
  }

  async initial(objects: readonly Parameters<Renderer["object"]>[0][]): Promise<void> {
    let piece = "";
    for (const object of objects) {
      piece += this.#line("ADDED", object);
      if (piece.length < PIECE) continue;
      await this.#stream.write(piece);
      piece = "";
    }
    if (piece) await this.#stream.write(piece);
  }

  bookmark(resourceVersion: string, endsInitialEvents: boolean): Promise<void> {
    return this.#stream.write(
      `{"type":"BOOKMARK","object":${this.#renderer.bookmark(resourceVersion, endsInitialEvents)}}\n`,
    );
  }

  /** The status line is long gone: the client finds the error in the stream, as from the real server. */
  error(error: StatusError): Promise<void> {
    return this.#stream.write(`${JSON.stringify({ type: "ERROR", object: error.toStatus() })}\n`);
  }

  #line(type: string, object: Parameters<Renderer["object"]>[0]): string {
    const text = this.#renderer.object(object, this.#first);
    this.#first = false;
    return `{"type":"${type}","object":${text}}\n`;
  }
}
