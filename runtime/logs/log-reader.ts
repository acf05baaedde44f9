import { StatusError } from "../../api/errors.ts";
import type { LogOptions } from "../../api/log-options.ts";
import type { RunFiles, Runtime } from "../runtime.ts";
import { ChangeSignal, type FollowedRuntime } from "./change-signal.ts";
import { detectEncoding } from "./detect-encoding.ts";
import { type Encoding, encodingOf } from "./encodings.ts";
import { LogCursor } from "./log-cursor.ts";
import { LogDecoder } from "./log-decoder.ts";
import { ChunkStream, LineStream, mergeByTime } from "./log-stream.ts";
import { Newlines } from "./newlines.ts";
import { countLines, tailOffset } from "./tail-offset.ts";
import { offsetSince } from "./time-index.ts";

/** Lines that are passed on together, so that a million lines are not a million writes. */
const BATCH = 256;

type LogRuntime = Pick<Runtime, "runs"> & FollowedRuntime;

/**
 * Reads what workloads wrote, with bounded memory whatever the size of the file: as UTF-8 with lines that end in LF, decoded from the encoding that
 * the run was started with; or raw.
 */
export class LogReader {
  readonly #runtime: LogRuntime;
  readonly #wall: () => Date;

  constructor(runtime: LogRuntime, wall: () => Date = () => new Date()) {
    this.#runtime = runtime;
    this.#wall = wall;
  }

  /**
   * Rejects with NotFound when there is no such run. Ends when the log ends; with `follow` when everything of the run has ended and
   * been read, or when the signal aborts. It does not go on into the next run.
   */
  async *open(uid: string, options: LogOptions, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    const files = await this.#choose(uid, options.previous ?? false);
    const paths = pathsOf(files, options.stream ?? "All");
    const follow = options.follow
      ? new ChangeSignal(paths, this.#runtime, { uid, run: files.instanceRun ?? 0 }, signal)
      : undefined;
    const cursors: LogCursor[] = [];
    try {
      for (const path of paths) {
        const cursor = await LogCursor.open(path);
        if (cursor) cursors.push(cursor);
      }
      if (follow && files.encoding === undefined) await untilMarked(cursors, follow);
      const since = sinceOf(options, this.#wall());
      const encoding = encodingOf(detectEncoding(files.stdout, files.encoding));
      const newlines = new Newlines(encoding);
      const skip = await place(cursors, newlines, options.tailLines, since);
      const reading: Reading = { cursors, encoding: options.raw ? undefined : encoding, newlines, follow };
      const timestamps = options.timestamps === true;
      const perLine = timestamps || since > 0 || cursors.length > 1;
      const chunks = perLine ? timed(reading, since, skip, timestamps) : whole(reading);
      for await (const chunk of limited(chunks, options.limitBytes)) {
        if (signal.aborted) return;
        yield chunk;
      }
    } finally {
      follow?.close();
      for (const cursor of cursors) await cursor.close();
    }
  }

  async #choose(uid: string, previous: boolean): Promise<RunFiles> {
    const runs = await this.#runtime.runs(uid);
    const files = runs.at(previous ? -2 : -1);
    if (files) return files;
    throw new StatusError(
      "NotFound",
      previous ? "there is no previous run of this copy" : "this instance has not run yet",
    );
  }
}

/** The first two bytes tell the encoding of the log. */
async function untilMarked([first]: readonly LogCursor[], follow: ChangeSignal): Promise<void> {
  while (first && !follow.over && (await first.refresh()).size < 2) await follow.next();
}

function pathsOf({ stdout, stderr }: RunFiles, stream: NonNullable<LogOptions["stream"]>): string[] {
  if (stream === "Stdout") return [stdout];
  if (stream === "Stderr") return stderr === undefined ? [] : [stderr];
  return stderr === undefined ? [stdout] : [stdout, stderr];
}

/** 0: from the beginning. */
function sinceOf({ sinceSeconds, sinceTime }: LogOptions, now: Date): number {
  if (sinceTime !== undefined) return Date.parse(sinceTime) || 0;
  return sinceSeconds === undefined ? 0 : now.getTime() - sinceSeconds * 1000;
}

/** Moves each cursor to where reading begins. Returns how many of the merged lines to leave out so that `tailLines` remain. */
async function place(
  cursors: readonly LogCursor[],
  newlines: Newlines,
  tailLines: number | undefined,
  since: number,
): Promise<number> {
  let lines = 0;
  for (const cursor of cursors) {
    const { start, size } = await cursor.refresh();
    const readAt = (at: number, length: number): Promise<Buffer> => cursor.readAt(at, length);
    const tail = tailLines === undefined ? start : await tailOffset(readAt, start, size, tailLines, newlines);
    if (tailLines !== undefined && cursors.length > 1) lines += await countLines(readAt, tail, size, newlines);
    const sinceOffset = since > 0 ? offsetSince(cursor.samples, since) : 0;
    cursor.position = newlines.align(Math.max(start, tail, sinceOffset));
  }
  return tailLines === undefined || cursors.length < 2 ? 0 : Math.max(0, lines - tailLines);
}

interface Reading {
  cursors: readonly LogCursor[];
  /** Undefined: raw. */
  encoding: Encoding | undefined;
  newlines: Newlines;
  follow: ChangeSignal | undefined;
}

const decoderOf = ({ encoding }: Reading, { position }: LogCursor): LogDecoder | undefined =>
  encoding && new LogDecoder(encoding, position);

async function* whole(reading: Reading): AsyncGenerator<Buffer> {
  const { cursors, follow } = reading;
  const streams = cursors.map((cursor) => new ChunkStream(cursor, decoderOf(reading, cursor)));
  for (;;) {
    const over = !follow || follow.over; // Asked before reading: what is read afterwards is then the end.
    for (const stream of streams) yield* stream.available(over);
    if (over) return;
    await follow.next();
  }
}

async function* timed(reading: Reading, since: number, skip: number, timestamps: boolean): AsyncGenerator<Buffer> {
  const { cursors, newlines, follow } = reading;
  const streams = cursors.map((cursor) => new LineStream(cursor, newlines, decoderOf(reading, cursor), since));
  let toSkip = skip;
  for (;;) {
    const over = !follow || follow.over;
    for (const cursor of cursors) await cursor.refresh();
    const batch: Buffer[] = [];
    for await (const { bytes, time } of mergeByTime(streams, over)) {
      if (toSkip-- > 0) continue;
      if (timestamps) batch.push(Buffer.from(`${new Date(time).toISOString()} `));
      batch.push(bytes);
      if (batch.length >= BATCH) yield Buffer.concat(batch.splice(0));
    }
    if (batch.length > 0) yield Buffer.concat(batch);
    if (over) return;
    await follow.next();
  }
}

async function* limited(chunks: AsyncGenerator<Buffer>, bytes = Number.POSITIVE_INFINITY): AsyncGenerator<Buffer> {
  let left = bytes;
  for await (const chunk of chunks) {
    if (chunk.length >= left) {
      yield chunk.subarray(0, left);
      return;
    }
    left -= chunk.length;
    yield chunk;
  }
}
