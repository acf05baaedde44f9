import type { LoggedCopy } from "../../api/copy.ts";
import type { LogFrame } from "../../api/log-frame.ts";
import type { LogOptions } from "../../api/log-options.ts";
import type { ExitStatus, RunFiles } from "../runtime.ts";
import { ChangeSignal } from "./change-signal.ts";
import { chooseRuns } from "./choose-runs.ts";
import { CopyWatch, isBeginning, type LogRuntime, runsOf } from "./copy-runs.ts";
import { formatPosition, type LogPosition, parsePosition } from "./log-position.ts";
import { type Part, pathsOf, RunReading } from "./run-reading.ts";

type FrameOptions = Omit<LogOptions, keyof Part> & { part: Part };

/** The runs of a copy that are asked for, in frames. With `follow` it goes on over the runs that come, of whichever Instance, until the signal aborts. */
export async function* framesOf(
  runtime: LogRuntime,
  copy: LoggedCopy,
  options: FrameOptions,
  signal: AbortSignal,
): AsyncGenerator<LogFrame> {
  const reader = new FrameReader(runtime, copy, options, signal);
  try {
    yield* reader.frames();
  } finally {
    reader.close();
  }
}

class FrameReader {
  readonly #runtime: LogRuntime;
  readonly #copy: LoggedCopy;
  readonly #options: FrameOptions;
  readonly #signal: AbortSignal;
  readonly #watch: CopyWatch;
  /** Undefined: nothing was read yet. */
  #at: LogPosition | undefined;
  #last: RunFiles | undefined;
  /** Of what is read from here on. */
  #part: Part;
  #bytesLeft: number;

  constructor(runtime: LogRuntime, copy: LoggedCopy, options: FrameOptions, signal: AbortSignal) {
    const { position, part, limitBytes = Number.POSITIVE_INFINITY } = options;
    this.#runtime = runtime;
    this.#copy = copy;
    this.#options = options;
    this.#signal = signal;
    this.#at = position === undefined ? undefined : parsePosition(position, copy);
    this.#part = this.#at ? wholly(part) : part;
    this.#bytesLeft = limitBytes;
    this.#watch = new CopyWatch(runtime, copy);
  }

  close(): void {
    this.#watch.close();
  }

  async *frames(): AsyncGenerator<LogFrame> {
    for (;;) {
      const runs = this.#next(await this.#runs());
      for (const files of runs) {
        yield* this.#run(files);
        if (this.#signal.aborted || this.#bytesLeft === 0) return;
        this.#last = files;
        this.#at = { run: files.run + 1, offsets: [] };
      }
      if (!this.#options.follow) return;
      this.#part = wholly(this.#part);
      if (runs.length === 0) await this.#watch.next(this.#signal);
      if (this.#signal.aborted) return;
    }
  }

  async #runs(): Promise<RunFiles[]> {
    const { instance } = this.#watch;
    const all = await runsOf(this.#runtime, { ...this.#copy, ...(instance !== undefined && { instance }) });
    return this.#options.follow ? all.filter((one) => !isBeginning(this.#runtime, instance, one)) : all;
  }

  /** What is to be read now. */
  #next(all: readonly RunFiles[]): readonly RunFiles[] {
    const from = this.#at;
    if (from) return beganAnew(all, from, this.#last) ? all : all.filter(({ run }) => run >= from.run);
    const runs = this.#first(all);
    this.#at = { run: (all.at(-1)?.run ?? 0) + 1, offsets: [] };
    return runs.filter(({ finishedAt }) => finishedAt === undefined || Date.parse(finishedAt) >= this.#part.since);
  }

  #first(all: readonly RunFiles[]): readonly RunFiles[] {
    const { follow, allRuns, present } = this.#options;
    if (present) return all.filter(({ instanceRun }) => instanceRun !== undefined);
    if (follow) return allRuns ? all : this.#newest(all);
    return chooseRuns(all, this.#options, this.#copy.isInstance ?? false);
  }

  /** What the predecessors of an Instance wrote is not meant by who follows it. */
  #newest(all: readonly RunFiles[]): readonly RunFiles[] {
    const newest = all.at(-1);
    return newest && (newest.instanceRun !== undefined || this.#copy.instance === undefined) ? [newest] : [];
  }

  async *#run(files: RunFiles): AsyncGenerator<LogFrame> {
    const { run, startedAt, instanceRun = 0 } = files;
    const which = { uid: this.#watch.instance ?? "", run: instanceRun };
    const changes = this.#options.follow
      ? new ChangeSignal(pathsOf(files, this.#part.stream), this.#runtime, which, this.#signal)
      : undefined;
    try {
      yield { type: "begin", run, startedAt };
      yield* this.#output(files, changes);
      if (this.#signal.aborted || this.#bytesLeft === 0) return;
      const exit = changes ? (changes.exit ?? (await this.#exitOf(files))) : files.exit;
      if (!changes && !exit) return; // It runs.
      const position = formatPosition(this.#copy, { run: run + 1, offsets: [] });
      yield { type: "end", run, position, ...(exit && { exit: shown(exit) }) };
    } finally {
      changes?.close();
    }
  }

  /** Read again: it may have ended meanwhile. */
  async #exitOf({ run }: RunFiles): Promise<ExitStatus | undefined> {
    return (await this.#runs()).find((one) => one.run === run)?.exit;
  }

  async *#output(files: RunFiles, changes: ChangeSignal | undefined): AsyncGenerator<LogFrame> {
    const { run } = files;
    const isHere = this.#at?.run === run && this.#at.offsets.length > 0;
    let reading: RunReading | undefined;
    try {
      reading = await RunReading.open(files, { ...this.#part, ...(isHere && { offsets: this.#at!.offsets }) }, changes);
      for await (const { bytes: all, offsets } of reading.lines()) {
        if (this.#signal.aborted) return;
        const bytes = all.subarray(0, Math.min(all.length, this.#bytesLeft));
        this.#bytesLeft -= bytes.length;
        yield { type: "output", run, position: formatPosition(this.#copy, { run, offsets }), bytes };
        if (this.#bytesLeft === 0) return;
      }
    } finally {
      await reading?.close();
    }
  }
}

/** The rest of what is followed is read from its beginning. */
function wholly({ tailLines: _, ...part }: Part): Part {
  return { ...part, since: 0 };
}

/** The home of the copy was removed and made again, and its runs count from 1. */
function beganAnew(all: readonly RunFiles[], at: LogPosition, last: RunFiles | undefined): boolean {
  const newest = all.at(-1);
  if (!newest) return false;
  if (newest.run === last?.run) return newest.startedAt !== last.startedAt;
  return newest.run < at.run - 1;
}

const shown = ({ outOfMemory: _, ...exit }: ExitStatus): Omit<ExitStatus, "outOfMemory"> => exit;
