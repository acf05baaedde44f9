import { type FSWatcher, watch } from "node:fs";
import { dirname } from "node:path";
import type { Clock, Timer } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { LogPolicy } from "../runtime.ts";
import { FIRST_MS, type OnTruncated, type ReleaseOldest, TrackedLog, type TrimContext } from "./tracked-log.ts";

export interface LogTrimmerOptions {
  clock: Clock;
  logger: Logger;
  release: ReleaseOldest;
  /** Looks at quiet files too: for file systems that tell of a write only when it is flushed (NTFS). */
  alwaysLook?: boolean;
}

/** How often it looks at files that do not grow, with `alwaysLook`. */
const QUIET_MS = 2_000;
/** Each may be looked at by this part of its wait too early, so that one timer serves many. */
const EARLY = 1 / 8;
/** It looks at so many files at once. The rest of a thousand waits a moment, so that nothing else waits for all of them. */
const SLICE = 50;
const BETWEEN_SLICES_MS = 10;

interface Folder {
  readonly name: string;
  files: TrackedLog[];
  /** Present while idle. */
  watcher?: FSWatcher;
  /** Monotonic ms of the next look, and how long that is after the last. */
  dueAt: number;
  waitMs: number;
}

/**
 * Keeps each log within its size while the workload writes on, and remembers when what was written. Never copies, renames or
 * truncates: the oldest part is released in place. Idle files cost nothing (the file system tells of the first write), growing
 * ones a look now and then. An error here is a warning, never a stopped process.
 */
export class LogTrimmer {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #context: TrimContext;
  readonly #folders = new Map<string, Folder>();
  /** Those that are looked at by the clock; who was looked at last stands last. */
  readonly #hot = new Set<Folder>();
  readonly #alwaysLook: boolean;
  #timer: Timer | undefined;
  /** Of the timer. */
  #dueAt = Number.POSITIVE_INFINITY;
  readonly #warned = new Set<string>();

  constructor({ clock, logger, release, alwaysLook = false }: LogTrimmerOptions) {
    this.#clock = clock;
    this.#logger = logger;
    this.#context = { clock, release, isRefused: false, attempt: (what, act) => this.#attempt(what, act) };
    this.#alwaysLook = alwaysLook;
  }

  /**
   * Keeps the files of the newest run of an instance. They lie in one folder, which held the earlier runs too. `isNew`: the run has just begun, so
   * nobody was told of it yet.
   */
  track(
    paths: readonly string[],
    policy: Pick<LogPolicy, "maxSize" | "encoding">,
    onTruncated?: OnTruncated,
    isNew = false,
  ): void {
    const [first] = paths;
    if (first === undefined) return;
    const name = dirname(first);
    const folder = this.#folders.get(name) ?? { name, files: [], dueAt: Number.POSITIVE_INFINITY, waitMs: 0 };
    for (const file of folder.files) file.look();
    folder.files = paths.map((path) => new TrackedLog(path, policy, this.#context, { onTruncated, isNew }));
    this.#folders.set(name, folder);
    for (const file of folder.files) file.look();
    if (this.#hot.has(folder)) this.#heat(folder);
    else this.#idle(folder);
  }

  /** Looks a last time at a run that has ended. */
  ended(folderName: string): void {
    for (const file of this.#folders.get(folderName)?.files ?? []) file.look();
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

  #idle(folder: Folder): void {
    if (this.#alwaysLook) {
      this.#heat(folder);
      return;
    }
    this.#hot.delete(folder);
    if (folder.watcher) return;
    try {
      folder.watcher = watch(folder.name, { persistent: false }, () => {
        if (folder.files.some((file) => file.look())) this.#heat(folder);
      });
      folder.watcher.on("error", () => this.#heat(folder));
    } catch (error) {
      this.#warn("logs are looked at by the clock: their folder can't be watched", error);
      this.#heat(folder);
      return;
    }
    if (folder.files.some((file) => file.look())) this.#heat(folder); // Written between the last look and the watch.
  }

  #heat(folder: Folder): void {
    folder.watcher?.close();
    delete folder.watcher;
    for (const file of folder.files) file.heat();
    this.#hot.add(folder);
    this.#wait(folder, FIRST_MS);
    this.#arm(folder.dueAt);
  }

  #wait(folder: Folder, ms: number): void {
    folder.waitMs = ms;
    folder.dueAt = this.#clock.now() + ms;
  }

  #arm(dueAt: number): void {
    if (dueAt >= this.#dueAt) return;
    this.#timer?.cancel();
    this.#dueAt = dueAt;
    this.#timer = this.#clock.after(dueAt - this.#clock.now(), () => {
      this.#dueAt = Number.POSITIVE_INFINITY;
      this.#lookAtHot();
    });
  }

  /** Looks at those whose time has come, and at no others. */
  #lookAtHot(): void {
    const now = this.#clock.now();
    let next = Number.POSITIVE_INFINITY;
    let looks = 0;
    for (const folder of [...this.#hot]) {
      if (folder.dueAt - folder.waitMs * EARLY > now) next = Math.min(next, folder.dueAt);
      else if (looks >= SLICE) next = Math.min(next, now + BETWEEN_SLICES_MS);
      else {
        looks += folder.files.length;
        this.#lookAt(folder);
        next = Math.min(next, folder.dueAt);
      }
    }
    this.#arm(looks >= SLICE ? Math.max(next, now + BETWEEN_SLICES_MS) : next);
  }

  #lookAt(folder: Folder): void {
    for (const file of folder.files) if (file.look()) file.heat();
    const isIdle = folder.files.every((file) => file.isIdle);
    this.#hot.delete(folder);
    folder.dueAt = Number.POSITIVE_INFINITY;
    if (isIdle && !this.#alwaysLook) {
      this.#idle(folder);
      return;
    }
    this.#hot.add(folder);
    this.#wait(folder, isIdle ? QUIET_MS : Math.min(...folder.files.map(({ nextMs }) => nextMs)));
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
