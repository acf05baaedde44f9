import { type Stats, statSync } from "node:fs";
import type { Clock } from "../../lib/clock.ts";
import type { LogPolicy } from "../runtime.ts";
import { detectEncoding, hasByteOrderMark } from "./detect-encoding.ts";
import { encodingOf } from "./encodings.ts";
import { lineStartAfter } from "./line-start.ts";
import { Newlines } from "./newlines.ts";
import { isMoving, locate, retainedPath, retainedSize } from "./retained-part.ts";
import { appendSample, markUtf16, readTimeIndex, resetTimeIndex, writeStart } from "./time-index.ts";

/** Frees the first `length` bytes of a file in place; its size and what follows stay. Throws when the file system can't. */
export type ReleaseOldest = (path: string, length: number) => void;

/** Called once for each log that others emptied. `lost`: bytes that were known to stand there and are gone. */
export type OnTruncated = (path: string, lost: number) => void;

/** What all logs of a trimmer share. */
export interface TrimContext {
  readonly clock: Clock;
  readonly release: ReleaseOldest;
  /** The file system has refused to release once: it would refuse each time. */
  isRefused: boolean;
  /** Calls `act`, and warns of `what` when it throws. */
  attempt(what: string, act: () => void): void;
}

/** How often a growing file is looked at. It is looked at more often while it grows fast: before another quarter of its size is written. */
const HOT_MS = 500;
const SOONEST_MS = 2;
/** The first look after the first sign of a write, when nobody knows yet how fast the file will grow. */
export const FIRST_MS = 10;
/** After so long without growth a file counts as idle again. */
const IDLE_AFTER_MS = 1_500;
const BLOCK = 4096;

/** One log of a run: how far it has grown, and where its oldest whole line begins. */
export class TrackedLog {
  readonly #path: string;
  readonly #maxSize: number;
  readonly #context: TrimContext;
  #onTruncated: OnTruncated | undefined;
  #newlines: Newlines;
  /** No encoding was declared, and nobody has looked for a byte order mark yet. */
  #isUndeclared: boolean;
  /** The file that the workload holds, as it was seen last. */
  #live: Pick<Stats, "size" | "mtimeMs"> | undefined;
  /** Bytes of the whole row. */
  #size = 0;
  /** Bytes that stood there before others emptied the file. */
  #retained: number;
  #start: number;
  /** Monotonic ms of the last growth that was seen, and of the last look. */
  #grewAt: number;
  #lookedAt: number;
  #nextMs = FIRST_MS;

  /** `isNew`: its run has just begun, so nobody was told of a truncation yet. */
  constructor(
    path: string,
    { maxSize, encoding }: Pick<LogPolicy, "maxSize" | "encoding">,
    context: TrimContext,
    { onTruncated, isNew }: { onTruncated: OnTruncated | undefined; isNew: boolean },
  ) {
    this.#path = path;
    this.#maxSize = maxSize;
    this.#context = context;
    this.#onTruncated = onTruncated;
    this.#retained = isNew ? 0 : retainedSize(path);
    this.#start = readTimeIndex(path).start;
    this.#newlines = new Newlines(encodingOf(detectEncoding(path, encoding)));
    this.#isUndeclared = encoding === undefined;
    this.#grewAt = context.clock.now();
    this.#lookedAt = this.#grewAt;
  }

  /** Milliseconds until it will have grown by a quarter of its size, as fast as it grew last. */
  get nextMs(): number {
    return this.#nextMs;
  }

  get isIdle(): boolean {
    return this.#context.clock.now() - this.#grewAt >= IDLE_AFTER_MS;
  }

  /** Counts as growing from now on. */
  heat(): void {
    this.#grewAt = this.#context.clock.now();
  }

  /** Notes what has changed since the last look, and trims the log where it is too long. False when nothing has changed. */
  look(): boolean {
    if (this.#isUntouched()) {
      this.#nextMs = this.#nextLook(0);
      return false;
    }
    const seen = this.#see();
    if (!seen) return false;
    const { size, retained, mtimeMs } = seen;
    if (size < this.#size || retained > this.#retained) this.#emptied(seen);
    this.#nextMs = this.#nextLook(size - this.#size);
    if (size === this.#size) return false;
    this.#size = size;
    if (this.#isUndeclared && size >= 2) this.#lookForMark();
    const { attempt, isRefused } = this.#context;
    attempt("the times of a log could not be written", () => appendSample(this.#path, { size, time: mtimeMs }));
    if (!isRefused && size - this.#start > this.#maxSize * 1.25) {
      attempt("logs are not kept within their size", () => this.#trim());
    }
    return true;
  }

  /**
   * It has rested, and nobody has written to it or emptied it since: most looks at most logs end here, with one question to the system. While it does
   * not rest, what happens within one tick of the clock of files could look like nothing.
   */
  #isUntouched(): boolean {
    const live = this.isIdle && this.#live && statSync(this.#path, { throwIfNoEntry: false });
    return Boolean(live && live.size === this.#live?.size && live.mtimeMs === this.#live.mtimeMs);
  }

  /** Undefined: the file is gone, or bytes are on their way and the next look will see them. */
  #see(): { size: number; retained: number; mtimeMs: number } | undefined {
    const path = this.#path;
    if (isMoving(path)) return undefined;
    const retained = retainedSize(path);
    const seen = statSync(path, { throwIfNoEntry: false });
    if (!seen || isMoving(path)) return undefined;
    this.#live = seen;
    return { size: retained + seen.size, retained, mtimeMs: seen.mtimeMs };
  }

  /** Call it before the beginning of the file is released, and the mark with it. */
  #lookForMark(): void {
    this.#isUndeclared = false;
    if (!hasByteOrderMark(this.#path)) return;
    this.#newlines = new Newlines(encodingOf("UTF-16LE"));
    this.#context.attempt("the encoding of a log could not be noted", () => markUtf16(this.#path));
  }

  #nextLook(growth: number): number {
    const now = this.#context.clock.now();
    const elapsed = Math.max(1, now - this.#lookedAt);
    this.#lookedAt = now;
    if (growth <= 0) return Math.min(HOT_MS, Math.ceil(this.#nextMs * (this.#size === 0 ? 2 : 1.25))); // It may only pause.
    return Math.min(HOT_MS, Math.max(SOONEST_MS, Math.floor((this.#maxSize / 4 / growth) * elapsed)));
  }

  #emptied({ size, retained }: { size: number; retained: number }): void {
    const lost = Math.max(0, this.#size - size);
    this.#retained = retained;
    if (lost > 0) {
      const reset = (): void => resetTimeIndex(this.#path, retained);
      this.#context.attempt("the times of a log could not be written", reset);
      this.#start = Math.min(this.#start, retained);
      this.#size = retained;
    }
    this.#onTruncated?.(this.#path, lost);
    this.#onTruncated = undefined;
  }

  #trim(): void {
    const cut = Math.floor((this.#size - this.#maxSize) / BLOCK) * BLOCK;
    if (cut <= 0) return;
    const { path, at } = locate(this.#path, cut, this.#retained);
    const start = cut - at + lineStartAfter(path, at, this.#newlines);
    writeStart(this.#path, start);
    try {
      const { release } = this.#context;
      if (this.#retained > 0) release(retainedPath(this.#path), Math.min(cut, this.#retained));
      if (cut > this.#retained) release(this.#path, cut - this.#retained);
      this.#start = start;
    } catch (error) {
      writeStart(this.#path, this.#start);
      this.#context.isRefused = ["EOPNOTSUPP", "ENOSYS"].includes((error as NodeJS.ErrnoException).code ?? "");
      throw error;
    }
  }
}
