import { type Line, LineSplitter, LONGEST_LINE, SPLIT_MARKER } from "./line-splitter.ts";
import type { LogCursor } from "./log-cursor.ts";

const NEWLINE = 0x0a;

export interface TimedLine {
  bytes: Buffer;
  /** Wall clock, ms. */
  time: number;
}

/** One file as chunks, untouched but for lines that are too long. */
export class RawStream {
  readonly #cursor: LogCursor;
  #lineLength = 0;

  constructor(cursor: LogCursor) {
    this.#cursor = cursor;
  }

  /** What there is now. */
  async *available(): AsyncGenerator<Buffer> {
    for (let chunk = await this.#cursor.read(); chunk; chunk = await this.#cursor.read()) yield* this.#split(chunk);
  }

  /** A chunk is shorter than the longest line, so only its first line can be too long. */
  *#split(chunk: Buffer): Generator<Buffer> {
    const first = chunk.indexOf(NEWLINE);
    const lineEnd = first === -1 ? chunk.length : first;
    const most = LONGEST_LINE - this.#lineLength;
    if (lineEnd > most) {
      yield chunk.subarray(0, most);
      yield SPLIT_MARKER;
      yield chunk.subarray(most);
      this.#lineLength = first === -1 ? chunk.length - most : chunk.length - 1 - chunk.lastIndexOf(NEWLINE);
      return;
    }
    yield chunk;
    this.#lineLength = first === -1 ? this.#lineLength + chunk.length : chunk.length - 1 - chunk.lastIndexOf(NEWLINE);
  }
}

/** One file as lines with their times. */
export class LineStream {
  readonly #cursor: LogCursor;
  readonly #splitter: LineSplitter;
  readonly #since: number;
  #ready: Line[] = [];

  constructor(cursor: LogCursor, since: number) {
    this.#cursor = cursor;
    this.#splitter = new LineSplitter(cursor.position);
    this.#since = since;
  }

  /** The next whole line there is now; with `last`, also one without a newline. */
  async peek(last: boolean): Promise<TimedLine | undefined> {
    for (;;) {
      while (this.#ready.length === 0) if (!(await this.#fill(last))) return undefined;
      const { bytes, end } = this.#ready[0]!;
      const time = this.#cursor.time(end);
      if (time >= this.#since) return { bytes, time };
      this.#ready.shift();
    }
  }

  take(): void {
    this.#ready.shift();
  }

  async #fill(last: boolean): Promise<boolean> {
    const chunk = await this.#cursor.read();
    if (!chunk) {
      this.#ready = last ? [...this.#splitter.rest()] : [];
      return this.#ready.length > 0;
    }
    this.#splitter.jump(this.#cursor.position - chunk.length);
    this.#ready = [...this.#splitter.push(chunk)];
    return true;
  }
}

/** Lines of several streams by time as far as it is known; at equal times in the order of the streams. */
export async function* mergeByTime(streams: readonly LineStream[], last: boolean): AsyncGenerator<TimedLine> {
  for (;;) {
    let best: { stream: LineStream; line: TimedLine } | undefined;
    for (const stream of streams) {
      const line = await stream.peek(last);
      if (line && (!best || line.time < best.line.time)) best = { stream, line };
    }
    if (!best) return;
    best.stream.take();
    yield best.line;
  }
}
