import { closeSync, type FSWatcher, openSync, readSync, statSync, watch } from "node:fs";
import { dirname } from "node:path";
import type { Clock, Timer } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { LogPolicy } from "../runtime.ts";
import { detectEncoding, hasByteOrderMark } from "./detect-encoding.ts";
import { encodingOf } from "./encodings.ts";
import { Newlines } from "./newlines.ts";
import { isMoving, locate, retainedPath, retainedSize } from "./retained-part.ts";
import { appendSample, markUtf16, readTimeIndex, resetTimeIndex, writeStart } from "./time-index.ts";

/** Frees the first `length` bytes of a file in place; its size and what follows stay. Throws when the file system can't. */
export type ReleaseOldest = (path: string, length: number) => void;

export interface LogTrimmerOptions {
  clock: Clock;
  logger: Logger;
  release: ReleaseOldest;
  /** Looks at quiet files too: for file systems that tell of a write only when it is flushed (NTFS). */
  alwaysLook?: boolean;
}

/** How often the trimmer looks at a growing file. It looks more often while the file grows fast: before another quarter of its size is written. */
const HOT_MS = 500;
const SOONEST_MS = 2;
/** The first look after the first sign of a write, when nobody knows yet how fast the file will grow. */
const FIRST_MS = 10;
/** How often it looks while no file grows, with `alwaysLook`. */
const QUIET_MS = 2_000;
/** It looks at so many files at once. The rest of a thousand waits a moment, so that nothing else waits for all of them. */
const SLICE = 50;
const BETWEEN_SLICES_MS = 10;
/** After so long without growth a file counts as idle again. */
const IDLE_AFTER_MS = 1_500;
const BLOCK = 4096;
/** How far after the cut the trimmer looks for the beginning of a line. */
const LINE_SEARCH = 256 * 1024;

/** Called once for each log that others emptied. `lost`: bytes that were known to stand there and are gone. */
export type OnTruncated = (path: string, lost: number) => void;

interface TrackedLog {
  path: string;
  maxSize: number;
  newlines: Newlines;
  /** No encoding was declared, and nobody has looked for a byte order mark yet. */
  isUndeclared: boolean;
  /** `size`: bytes of the whole row. `retained`: those that stood there before others emptied the file. */
  size: number;
  retained: number;
  start: number;
  /** Monotonic ms of the last growth that was seen. */
  grewAt: number;
  /** Monotonic ms. */
  lookedAt: number;
  /** Until it will have grown by a quarter of its size, as fast as it grew last. */
  nextMs: number;
  onTruncated: OnTruncated | undefined;
}

interface Folder {
  files: TrackedLog[];
  /** Present while idle. */
  watcher?: FSWatcher;
}

/** One look at all folders that are hot, in slices. */
interface Round {
  left: Iterator<[string, Folder]>;
  nextMs: number;
  quiet: boolean;
}

/**
 * Keeps each log within its size while the workload writes on, and remembers when what was written. Never copies, renames or
 * truncates: the oldest part is released in place. Idle files cost nothing (the file system tells of the first write), growing
 * ones a look now and then. An error here is a warning, never a stopped process.
 */
export class LogTrimmer {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #release: ReleaseOldest;
  readonly #folders = new Map<string, Folder>();
  readonly #hot = new Set<Folder>();
  readonly #alwaysLook: boolean;
  #timer: Timer | undefined;
  #round: Round | undefined;
  /** The file system has refused to release once: it would refuse each time. */
  #refused = false;
  readonly #warned = new Set<string>();

  constructor(options: LogTrimmerOptions) {
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#release = options.release;
    this.#alwaysLook = options.alwaysLook ?? false;
  }

  /**
   * Keeps the files of the newest run of an instance. They lie in one folder, which held the earlier runs too. `isNew`: the run has just begun, so
   * nobody was told of it yet.
   */
  track(
    paths: readonly string[],
    { maxSize, encoding }: Pick<LogPolicy, "maxSize" | "encoding">,
    onTruncated?: OnTruncated,
    isNew = false,
  ): void {
    const [first] = paths;
    if (first === undefined) return;
    const name = dirname(first);
    const folder = this.#folders.get(name) ?? { files: [] };
    for (const file of folder.files) this.#look(file);
    const now = this.#clock.now();
    folder.files = paths.map((path) => {
      const known = { size: 0, retained: isNew ? 0 : retainedSize(path), start: readTimeIndex(path).start };
      const newlines = new Newlines(encodingOf(detectEncoding(path, encoding)));
      const isUndeclared = encoding === undefined;
      return {
        path,
        maxSize,
        newlines,
        isUndeclared,
        ...known,
        grewAt: now,
        lookedAt: now,
        nextMs: FIRST_MS,
        onTruncated,
      };
    });
    this.#folders.set(name, folder);
    for (const file of folder.files) this.#look(file);
    if (!this.#hot.has(folder)) this.#idle(name, folder);
  }

  /** Looks a last time at a run that has ended. */
  ended(folderName: string): void {
    for (const file of this.#folders.get(folderName)?.files ?? []) this.#look(file);
  }

  untrack(folderName: string): void {
    const folder = this.#folders.get(folderName);
    if (!folder) return;
    folder.watcher?.close();
    this.#hot.delete(folder);
    this.#folders.delete(folderName);
  }

  close(): void {
    this.#timer?.cancel();
    for (const name of [...this.#folders.keys()]) this.untrack(name);
  }

  #idle(name: string, folder: Folder): void {
    if (this.#alwaysLook) {
      this.#heat(folder);
      return;
    }
    this.#hot.delete(folder);
    if (folder.watcher) return;
    try {
      folder.watcher = watch(name, { persistent: false }, () => {
        if (folder.files.some((file) => this.#look(file))) this.#heat(folder);
      });
      folder.watcher.on("error", () => this.#heat(folder));
    } catch (error) {
      this.#warn("logs are looked at by the clock: their folder can't be watched", error);
      this.#heat(folder);
      return;
    }
    if (folder.files.some((file) => this.#look(file))) this.#heat(folder); // Written between the last look and the watch.
  }

  #heat(folder: Folder): void {
    folder.watcher?.close();
    delete folder.watcher;
    for (const file of folder.files) file.grewAt = this.#clock.now();
    this.#hot.add(folder);
    this.#arm(FIRST_MS);
  }

  #arm(ms: number): void {
    this.#timer ??= this.#clock.after(ms, () => {
      this.#timer = undefined;
      this.#lookAtHot();
    });
  }

  #lookAtHot(): void {
    const round = this.#round ?? { left: this.#folders.entries(), nextMs: HOT_MS, quiet: true };
    const isDone = this.#lookAtSlice(round);
    this.#round = isDone ? undefined : round;
    if (!isDone) this.#arm(BETWEEN_SLICES_MS);
    else if (this.#hot.size > 0) this.#arm(round.quiet ? QUIET_MS : round.nextMs);
  }

  /** True when nothing is left of the round. */
  #lookAtSlice(round: Round): boolean {
    for (let looks = 0; looks < SLICE; ) {
      const { value, done } = round.left.next();
      if (done) return true;
      const [name, folder] = value;
      if (!this.#hot.has(folder)) continue;
      looks += folder.files.length;
      for (const file of folder.files) {
        if (this.#look(file)) file.grewAt = file.lookedAt;
        round.nextMs = Math.min(round.nextMs, file.nextMs);
        round.quiet &&= this.#isIdle(file);
      }
      if (!this.#alwaysLook && folder.files.every((file) => this.#isIdle(file))) this.#idle(name, folder);
    }
    return false;
  }

  #isIdle({ grewAt }: TrackedLog): boolean {
    return this.#clock.now() - grewAt >= IDLE_AFTER_MS;
  }

  /** True when it has changed since the last look. */
  #look(file: TrackedLog): boolean {
    const seen = this.#see(file);
    if (!seen) return false;
    const { size, retained, mtimeMs } = seen;
    if (size < file.size || retained > file.retained) this.#emptied(file, seen);
    file.nextMs = this.#nextLook(file, size - file.size);
    if (size === file.size) return false;
    file.size = size;
    if (file.isUndeclared && size >= 2) this.#lookForMark(file);
    this.#attempt("the times of a log could not be written", () => appendSample(file.path, { size, time: mtimeMs }));
    if (!this.#refused && size - file.start > file.maxSize * 1.25) {
      this.#attempt("logs are not kept within their size", () => this.#cut(file));
    }
    return true;
  }

  /** Undefined: the file is gone, or bytes are on their way and the next look will see them. */
  #see({ path }: TrackedLog): { size: number; retained: number; mtimeMs: number } | undefined {
    if (isMoving(path)) return undefined;
    const retained = retainedSize(path);
    const seen = statSync(path, { throwIfNoEntry: false });
    if (!seen || isMoving(path)) return undefined;
    return { size: retained + seen.size, retained, mtimeMs: seen.mtimeMs };
  }

  /** Call it before the beginning of the file is released, and the mark with it. */
  #lookForMark(file: TrackedLog): void {
    file.isUndeclared = false;
    if (!hasByteOrderMark(file.path)) return;
    file.newlines = new Newlines(encodingOf("UTF-16LE"));
    this.#attempt("the encoding of a log could not be noted", () => markUtf16(file.path));
  }

  #nextLook(file: TrackedLog, growth: number): number {
    const now = this.#clock.now();
    const elapsed = Math.max(1, now - file.lookedAt);
    file.lookedAt = now;
    if (growth <= 0) return Math.min(HOT_MS, Math.ceil(file.nextMs * 1.25)); // It may only pause.
    return Math.min(HOT_MS, Math.max(SOONEST_MS, Math.floor((file.maxSize / 4 / growth) * elapsed)));
  }

  #emptied(file: TrackedLog, { size, retained }: { size: number; retained: number }): void {
    const lost = Math.max(0, file.size - size);
    file.retained = retained;
    if (lost > 0) {
      this.#attempt("the times of a log could not be written", () => resetTimeIndex(file.path, retained));
      file.start = Math.min(file.start, retained);
      file.size = retained;
    }
    file.onTruncated?.(file.path, lost);
    file.onTruncated = undefined;
  }

  #cut(file: TrackedLog): void {
    const cut = Math.floor((file.size - file.maxSize) / BLOCK) * BLOCK;
    if (cut <= 0) return;
    const { path, at } = locate(file.path, cut, file.retained);
    const start = cut - at + lineStartAfter(path, at, file.newlines);
    writeStart(file.path, start);
    try {
      if (file.retained > 0) this.#release(retainedPath(file.path), Math.min(cut, file.retained));
      if (cut > file.retained) this.#release(file.path, cut - file.retained);
      file.start = start;
    } catch (error) {
      writeStart(file.path, file.start);
      this.#refused = ["EOPNOTSUPP", "ENOSYS"].includes((error as NodeJS.ErrnoException).code ?? "");
      throw error;
    }
  }

  #attempt(what: string, act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#warn(what, error);
    }
  }

  #warn(message: string, error: unknown): void {
    if (this.#warned.has(message)) return;
    this.#warned.add(message);
    this.#logger.warn(message, { error: String(error) });
  }
}

/** The offset after the first newline at or after `offset`; `offset` itself when there is none near. */
export function lineStartAfter(path: string, offset: number, newlines = new Newlines({ unit: 1 })): number {
  const fd = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(LINE_SEARCH);
    const found = newlines.endOfFirst(bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, offset)), 0, offset);
    return found === -1 ? offset : offset + found;
  } finally {
    closeSync(fd);
  }
}
