import type { LogOptions } from "../../api/log-options.ts";
import type { RunFiles } from "../runtime.ts";
import type { ChangeSignal } from "./change-signal.ts";
import { detectEncoding } from "./detect-encoding.ts";
import { type Encoding, encodingOf } from "./encodings.ts";
import { LogCursor } from "./log-cursor.ts";
import { LogDecoder } from "./log-decoder.ts";
import { ChunkStream, LineStream, mergeByTime } from "./log-stream.ts";
import { Newlines } from "./newlines.ts";
import { countLines, tailOffset } from "./tail-offset.ts";
import { offsetSince } from "./time-index.ts";

/** Lines are passed on together up to one of these, so that a million lines are not a million writes. */
const MOST_LINES = 256;
const MOST_BYTES = 64 * 1024;

/** What is read of a run: everything, or from these offsets on. `since`: wall clock, ms; 0 for all times. */
export interface Part extends Pick<LogOptions, "tailLines" | "timestamps" | "stream" | "raw"> {
  since: number;
  offsets?: readonly number[];
}

/** Whole lines, and the offsets behind them, of each file one. */
export interface Lines {
  bytes: Buffer;
  offsets: readonly number[];
}

export function pathsOf({ stdout, stderr }: RunFiles, stream: LogOptions["stream"] = "All"): string[] {
  if (stream === "Stdout") return [stdout];
  if (stream === "Stderr") return stderr === undefined ? [] : [stderr];
  return stderr === undefined ? [stdout] : [stdout, stderr];
}

/** One run, open at the place where reading begins. With `follow` it goes on until nothing of the run lives. */
export class RunReading {
  readonly #part: Part;
  readonly #cursors: readonly LogCursor[];
  /** Undefined: raw. */
  readonly #encoding: Encoding | undefined;
  readonly #newlines: Newlines;
  readonly #follow: ChangeSignal | undefined;
  #skip = 0;

  private constructor(files: RunFiles, part: Part, cursors: readonly LogCursor[], follow: ChangeSignal | undefined) {
    const encoding = encodingOf(detectEncoding(files.stdout, files.encoding));
    this.#part = part;
    this.#cursors = cursors;
    this.#encoding = part.raw ? undefined : encoding;
    this.#newlines = new Newlines(encoding);
    this.#follow = follow;
  }

  /** Close it. `follow` is the caller's. */
  static async open(files: RunFiles, part: Part, follow?: ChangeSignal): Promise<RunReading> {
    const cursors: LogCursor[] = [];
    for (const path of pathsOf(files, part.stream)) {
      const cursor = await LogCursor.open(path);
      if (cursor) cursors.push(cursor);
    }
    if (follow && files.encoding === undefined) await untilMarked(cursors, follow);
    const reading = new RunReading(files, part, cursors, follow);
    await reading.#place();
    return reading;
  }

  /** In chunks as they come, or in lines where each must be looked at. */
  async *text(): AsyncGenerator<Buffer> {
    if (!this.#isPerLine) yield* this.#chunks();
    else for await (const { bytes } of this.lines()) yield bytes;
  }

  async *lines(): AsyncGenerator<Lines> {
    const { since } = this.#part;
    const streams = this.#cursors.map(
      (cursor) => new LineStream(cursor, this.#newlines, this.#decoderAt(cursor), since),
    );
    for (;;) {
      const over = !this.#follow || this.#follow.over; // Asked before reading: what is read afterwards is then the end.
      for (const cursor of this.#cursors) await cursor.refresh();
      if (this.#isPerLine) yield* this.#merged(streams, over);
      else for (const stream of streams) yield* wholeLines(stream, over);
      if (over) return;
      await this.#follow?.next();
    }
  }

  async close(): Promise<void> {
    for (const cursor of this.#cursors) await cursor.close();
  }

  get #isPerLine(): boolean {
    return this.#part.timestamps === true || this.#part.since > 0 || this.#cursors.length > 1;
  }

  async *#merged(streams: readonly LineStream[], over: boolean): AsyncGenerator<Lines> {
    const batch = new Batch(streams);
    for await (const { bytes, time } of mergeByTime(streams, over)) {
      if (this.#skip-- > 0) continue;
      if (this.#part.timestamps) batch.add(Buffer.from(`${new Date(time).toISOString()} `));
      batch.add(bytes);
      if (batch.isFull) yield batch.take();
    }
    if (!batch.isEmpty) yield batch.take();
  }

  async *#chunks(): AsyncGenerator<Buffer> {
    const streams = this.#cursors.map((cursor) => new ChunkStream(cursor, this.#decoderAt(cursor)));
    for (;;) {
      const over = !this.#follow || this.#follow.over;
      for (const stream of streams) yield* stream.available(over);
      if (over) return;
      await this.#follow?.next();
    }
  }

  /** Moves each cursor to where reading begins; so many of the merged lines are left out that `tailLines` remain. */
  async #place(): Promise<void> {
    const { tailLines, since, offsets } = this.#part;
    let lines = 0;
    for (const [at, cursor] of this.#cursors.entries()) {
      const { start, size } = await cursor.refresh();
      if (offsets) {
        cursor.position = Math.max(start, offsets[at] ?? 0);
        continue;
      }
      const readAt = (from: number, length: number): Promise<Buffer> => cursor.readAt(from, length);
      const tail = tailLines === undefined ? start : await tailOffset(readAt, start, size, tailLines, this.#newlines);
      if (tailLines !== undefined && this.#cursors.length > 1)
        lines += await countLines(readAt, tail, size, this.#newlines);
      const sinceOffset = since > 0 ? offsetSince(cursor.samples, since) : 0;
      cursor.position = this.#newlines.align(Math.max(start, tail, sinceOffset));
    }
    if (tailLines !== undefined && this.#cursors.length > 1) this.#skip = Math.max(0, lines - tailLines);
  }

  #decoderAt({ position }: LogCursor): LogDecoder | undefined {
    return this.#encoding && new LogDecoder(this.#encoding, position);
  }
}

async function* wholeLines(stream: LineStream, over: boolean): AsyncGenerator<Lines> {
  for (let bytes = await stream.takeChunk(over); bytes; bytes = await stream.takeChunk(over))
    yield { bytes, offsets: [stream.end] };
}

class Batch {
  readonly #streams: readonly LineStream[];
  #parts: Buffer[] = [];
  #length = 0;

  constructor(streams: readonly LineStream[]) {
    this.#streams = streams;
  }

  get isEmpty(): boolean {
    return this.#parts.length === 0;
  }

  get isFull(): boolean {
    return this.#parts.length >= MOST_LINES || this.#length >= MOST_BYTES;
  }

  add(bytes: Buffer): void {
    this.#parts.push(bytes);
    this.#length += bytes.length;
  }

  /** Call it before the next line is taken of a stream. */
  take(): Lines {
    const bytes = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#length = 0;
    return { bytes, offsets: this.#streams.map(({ end }) => end) };
  }
}

/** The first two bytes tell the encoding of the log. */
async function untilMarked([first]: readonly LogCursor[], follow: ChangeSignal): Promise<void> {
  while (first && !follow.over && (await first.refresh()).size < 2) await follow.next();
}
