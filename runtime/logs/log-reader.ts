import type { LoggedCopy } from "../../api/copy.ts";
import { encodeFrame } from "../../api/log-frame.ts";
import type { LogOptions } from "../../api/log-options.ts";
import type { RunFiles } from "../runtime.ts";
import { ChangeSignal } from "./change-signal.ts";
import { chooseRuns } from "./choose-runs.ts";
import { begunRunsOf, type LogRuntime, runsOf } from "./copy-runs.ts";
import { framesOf } from "./log-frames.ts";
import { type Part, pathsOf, RunReading } from "./run-reading.ts";

const LINE_FEED = 0x0a;

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
   * Rejects with NotFound when there is no such run. Text ends when the log ends; with `follow` when everything of the run has ended and been read: it
   * does not go on into the next run, as frames do. Both end when the signal aborts.
   */
  async *open(copy: LoggedCopy, options: LogOptions, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    const part = partOf(options, this.#wall());
    if (options.frames) {
      for await (const frame of framesOf(this.#runtime, copy, { ...options, part }, signal)) yield encodeFrame(frame);
      return;
    }
    const all = options.follow ? begunRunsOf(this.#runtime, copy, signal) : runsOf(this.#runtime, copy);
    const runs = chooseRuns(await all, options, copy.isInstance ?? false);
    for await (const chunk of limited(this.#text(runs, copy, { ...options, part }, signal), options.limitBytes)) {
      if (signal.aborted) return;
      yield chunk;
    }
  }

  /** Only the last of several runs is followed. */
  async *#text(
    runs: readonly RunFiles[],
    { instance = "" }: LoggedCopy,
    { follow, part }: { follow?: boolean; part: Part },
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    let last: number | undefined = LINE_FEED;
    for (const files of runs) {
      if (last !== LINE_FEED && !part.raw) yield Buffer.of(LINE_FEED);
      const which = { uid: instance, run: files.instanceRun ?? 0 };
      const isFollowed = follow === true && files === runs.at(-1);
      const changes = isFollowed
        ? new ChangeSignal(pathsOf(files, part.stream), this.#runtime, which, signal)
        : undefined;
      for await (const chunk of textOf(files, part, changes)) {
        last = chunk.at(-1) ?? last;
        yield chunk;
      }
    }
  }
}

async function* textOf(files: RunFiles, part: Part, changes: ChangeSignal | undefined): AsyncGenerator<Uint8Array> {
  let reading: RunReading | undefined;
  try {
    reading = await RunReading.open(files, part, changes);
    yield* reading.text();
  } finally {
    changes?.close();
    await reading?.close();
  }
}

function partOf({ tailLines, timestamps, stream, raw, ...times }: LogOptions, now: Date): Part {
  return {
    since: sinceOf(times, now),
    ...(tailLines !== undefined && { tailLines }),
    ...(timestamps && { timestamps }),
    ...(stream && { stream }),
    ...(raw && { raw }),
  };
}

/** 0: from the beginning. */
function sinceOf({ sinceSeconds, sinceTime }: Pick<LogOptions, "sinceSeconds" | "sinceTime">, now: Date): number {
  if (sinceTime !== undefined) return Date.parse(sinceTime) || 0;
  return sinceSeconds === undefined ? 0 : now.getTime() - sinceSeconds * 1000;
}

async function* limited(
  chunks: AsyncGenerator<Uint8Array>,
  bytes = Number.POSITIVE_INFINITY,
): AsyncGenerator<Uint8Array> {
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
