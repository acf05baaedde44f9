import type { WatchEvent } from "../../api/client.ts";
import type { StatusError } from "../../api/errors.ts";
import type { Stored } from "../../api/object.ts";
import type { Watching } from "../../store/store.ts";
import { inChunks } from "../http/chunks.ts";
import type { EventStream } from "../http/event-stream.ts";
import type { StreamTurns } from "../http/stream-turns.ts";
import type { Renderer } from "../printing/rendering.ts";

/** About so much is written at once: characters of initial events, bytes of others. */
const PIECE = 64 * 1024;

/** The watch that is followed. */
interface Followed {
  events: Watching<WatchEvent>;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Newline-delimited watch events (Kubernetes API concepts, "Efficient detection of changes"). A watch asks for a turn
 * when there is something; what has happened until then leaves in one piece. No promise is made for an event, as a thousand watchers may wait for the same one.
 */
export class EventWriter {
  readonly #stream: EventStream;
  readonly #renderer: Renderer;
  readonly #turns: StreamTurns;
  readonly #bookmarks: boolean;
  #isFirst = true;
  #lines: Uint8Array[] = [];
  #bytes = 0;
  #followed: Followed | undefined;
  #isWaiting = false;

  /** `bookmarks`: the client asked for them. */
  constructor(stream: EventStream, renderer: Renderer, turns: StreamTurns, bookmarks: boolean) {
    this.#stream = stream;
    this.#renderer = renderer;
    this.#turns = turns;
    this.#bookmarks = bookmarks;
  }

  async initial(objects: readonly Stored[]): Promise<void> {
    for (const piece of inChunks(this.#initialLines(objects), PIECE)) await this.#stream.write(piece);
  }

  *#initialLines(objects: readonly Stored[]): Generator<string> {
    for (const object of objects) {
      yield `{"type":"ADDED","object":${this.#renderer.object(object, this.#isFirst)}}\n`;
      this.#isFirst = false;
    }
  }

  /** The bookmark that ends the initial events. */
  async endMark(resourceVersion: string): Promise<void> {
    this.#bookmark(resourceVersion, true);
    await this.#flush();
  }

  /** Writes what happens. Resolves when the watch has ended; rejects as the watch does, or with SlowReader. */
  follow(events: Watching<WatchEvent>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#followed = { events, resolve, reject };
      this.#wait(this.#followed);
    });
  }

  #wait({ events }: Followed): void {
    this.#isWaiting = true;
    events.whenMore(this.#more);
  }

  readonly #more = (): void => {
    if (!this.#isWaiting) return;
    this.#isWaiting = false;
    this.#turns.add(this);
  };

  send(): void {
    const followed = this.#followed;
    if (!followed) return;
    try {
      for (let event = followed.events.nextNow(); event; event = followed.events.nextNow()) {
        this.#put(event);
        if (this.#bytes > PIECE) break;
      }
      if (this.#lines.length === 0) this.#ask(followed);
      else this.#leave(followed);
    } catch (error) {
      followed.reject(error);
    }
  }

  #leave(followed: Followed): void {
    const late = this.#flush();
    if (late === undefined) this.#wait(followed);
    else late.then(() => this.#wait(followed)).catch(followed.reject);
  }

  /** What there is, if not an event for this watcher, only a question tells: the end, a bookmark, or a later event. */
  #ask({ events, resolve, reject }: Followed): void {
    const hear = ({ done, value }: IteratorResult<WatchEvent>): void => {
      if (!done) this.#put(value);
      if (done) resolve();
      else this.#turns.add(this);
    };
    events.next().then(hear).catch(reject);
  }

  #put(event: WatchEvent): void {
    if (event.type === "BOOKMARK") {
      if (this.#bookmarks) this.#bookmark(event.resourceVersion, false);
    } else {
      this.#add(this.#renderer.event(event.type, event.object, this.#isFirst));
      this.#isFirst = false;
    }
  }

  #bookmark(resourceVersion: string, endsInitialEvents: boolean): void {
    const object = this.#renderer.bookmark(resourceVersion, endsInitialEvents);
    this.#add(Buffer.from(`{"type":"BOOKMARK","object":${object}}\n`));
  }

  #add(line: Uint8Array): void {
    this.#lines.push(line);
    this.#bytes += line.length;
  }

  #flush(): Promise<void> | undefined {
    const lines = this.#lines;
    if (lines.length === 0) return undefined;
    this.#lines = [];
    this.#bytes = 0;
    return this.#stream.write(joined(lines));
  }

  /** The status line is long gone: the client finds the error in the stream, as from the real server. */
  error(error: StatusError): void {
    this.#add(Buffer.from(`${JSON.stringify({ type: "ERROR", object: error.toStatus() })}\n`));
  }

  /** What was put down leaves first. */
  end(): void {
    void this.#flush()?.catch(() => {}); // Who is late at the end is cut off by the stream.
    this.#stream.end();
  }
}

/** What was joined last. Those who write one after the other mostly have the same to say, and lines are shared. */
let last: { lines: readonly Uint8Array[]; bytes: Uint8Array } = { lines: [], bytes: Buffer.alloc(0) };

function joined(lines: readonly Uint8Array[]): Uint8Array {
  const [only] = lines;
  if (lines.length === 1 && only) return only;
  const isSame = lines.length === last.lines.length && lines.every((line, index) => line === last.lines[index]);
  if (!isSame) last = { lines, bytes: Buffer.concat(lines) };
  return last.bytes;
}
