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

interface Turn {
  events: Watching<WatchEvent>;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Newline-delimited watch events (Kubernetes API concepts, "Efficient detection of changes"). When it is this watch's turn, what is put down leaves in one
 * piece, with what has happened until then.
 */
export class EventWriter {
  readonly #stream: EventStream;
  readonly #renderer: Renderer;
  readonly #turns: StreamTurns;
  readonly #bookmarks: boolean;
  #isFirst = true;
  #lines: Uint8Array[] = [];
  #bytes = 0;
  #turn: Turn | undefined;

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

  /** Resolves when `first`, and those of `events` that are there when it is this watch's turn, have been written. Rejects with SlowReader. */
  inTurn(first: WatchEvent, events: Watching<WatchEvent>): Promise<void> {
    this.#put(first);
    return new Promise((resolve, reject) => {
      this.#turn = { events, resolve, reject };
      this.#turns.add(this);
    });
  }

  send(): void {
    const turn = this.#turn;
    this.#turn = undefined;
    try {
      for (let event = turn?.events.nextNow(); event; event = turn?.events.nextNow()) {
        this.#put(event);
        if (this.#bytes > PIECE) break;
      }
      const late = this.#flush();
      if (late === undefined) turn?.resolve();
      else late.then(turn?.resolve, turn?.reject);
    } catch (error) {
      turn?.reject(error);
    }
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
