import { type Line, LineSplitter, LONGEST_LINE, SPLIT_MARKER } from "./line-splitter.ts";
import type { LogCursor } from "./log-cursor.ts";
import type { LogDecoder } from "./log-decoder.ts";
import type { Newlines } from "./newlines.ts";

const NEWLINE = 0x0a;

export interface TimedLine {
  bytes: Buffer;
  /** Wall clock, ms. */
  time: number;
}

/** One file as chunks: decoded, with too long lines in pieces; without a decoder the bytes as they are. */
export class ChunkStream {
  readonly #cursor: LogCursor;
  readonly #decoder: LogDecoder | undefined;
  #lineLength = 0;
  #position: number;

  constructor(cursor: LogCursor, decoder: LogDecoder | undefined) {
    this.#cursor = cursor;
    this.#decoder = decoder;
    this.#position = cursor.position;
  }

  /** Yields what there is now; with `last`, also what waits for the rest of a character. */
  async *available(last: boolean): AsyncGenerator<Buffer> {
    for (let chunk = await this.#cursor.read(); chunk; chunk = await this.#cursor.read()) {
      const from = this.#cursor.position - chunk.length;
      if (from !== this.#position) this.#decoder?.restart(from); // Over what was released.
      this.#position = this.#cursor.position;
      if (this.#decoder) yield* this.#split(this.#decoder.push(chunk));
      else yield chunk;
    }
    if (last && this.#decoder) yield* this.#split(this.#decoder.end());
  }

  *#split(text: Buffer): Generator<Buffer> {
    let from = 0;
    for (let lineEnd = endOfLine(text, 0); ; lineEnd = endOfLine(text, from)) {
      const most = from + LONGEST_LINE - this.#lineLength;
      if (lineEnd <= most) break;
      yield text.subarray(from, most);
      yield SPLIT_MARKER;
      from = most;
      this.#lineLength = 0;
    }
    if (from < text.length) yield text.subarray(from);
    const newline = text.lastIndexOf(NEWLINE);
    this.#lineLength = newline < from ? this.#lineLength + text.length - from : text.length - 1 - newline;
  }
}

/** Only the first line of a chunk can be too long: chunks are shorter than the longest line. */
function endOfLine(text: Buffer, from: number): number {
  const newline = text.indexOf(NEWLINE, from);
  return newline === -1 ? text.length : newline;
}

/** One file as lines with their times: decoded, or without a decoder as they are. */
export class LineStream {
  readonly #cursor: LogCursor;
  readonly #splitter: LineSplitter;
  readonly #decoder: LogDecoder | undefined;
  readonly #since: number;
  #ready: Line[] = [];
  #end: number;

  constructor(cursor: LogCursor, newlines: Newlines, decoder: LogDecoder | undefined, since: number) {
    this.#cursor = cursor;
    this.#splitter = new LineSplitter(cursor.position, newlines);
    this.#decoder = decoder;
    this.#since = since;
    this.#end = cursor.position;
  }

  /** The offset behind the last line that was taken, or passed over for its time. */
  get end(): number {
    return this.#end;
  }

  /** The next whole line there is now; with `last`, also one without a newline. */
  async peek(last: boolean): Promise<TimedLine | undefined> {
    for (;;) {
      while (this.#ready.length === 0) if (!(await this.#fill(last))) return undefined;
      const { bytes, end } = this.#ready[0]!;
      const time = this.#cursor.time(end);
      if (time >= this.#since) return { bytes, time };
      this.take();
    }
  }

  /** All whole lines of the next chunk, whatever their times: much cheaper than one by one. Undefined when there are none now. */
  async takeChunk(last: boolean): Promise<Buffer | undefined> {
    while (this.#ready.length === 0) if (!(await this.#fill(last))) return undefined;
    const lines = this.#ready;
    this.#ready = [];
    this.#end = lines.at(-1)!.end;
    return Buffer.concat(lines.map(({ bytes }) => bytes));
  }

  take(): void {
    this.#end = this.#ready.shift()?.end ?? this.#end;
  }

  async #fill(last: boolean): Promise<boolean> {
    const chunk = await this.#cursor.read();
    if (!chunk) {
      this.#ready = last ? this.#rest() : [];
      return this.#ready.length > 0;
    }
    const from = this.#cursor.position - chunk.length;
    if (this.#splitter.jump(from)) this.#decoder?.restart(from);
    this.#ready = Array.from(this.#splitter.push(chunk), (line) => this.#decoded(line));
    return true;
  }

  #decoded(line: Line): Line {
    if (!this.#decoder) return line;
    const bytes = this.#decoder.push(line.bytes);
    return { ...line, bytes: line.isPiece ? Buffer.concat([bytes, SPLIT_MARKER]) : bytes };
  }

  /** Yields what is left without a newline, and what the decoder still held back. */
  #rest(): Line[] {
    const parts = Array.from(this.#splitter.rest(), (line) => this.#decoded(line).bytes);
    const bytes = Buffer.concat(this.#decoder ? [...parts, this.#decoder.end()] : parts);
    return bytes.length > 0 ? [{ bytes, end: this.#cursor.position, isPiece: false }] : [];
  }
}

/** Merges the lines of several streams by time, as far as it is known; at equal times in the order of the streams. */
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
