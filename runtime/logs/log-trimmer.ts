import { type FSWatcher, watch } from "node:fs";
import { dirname } from "node:path";
import type { Clock, Timer } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { LogPolicy } from "../runtime.ts";
import { FIRST_MS, HOT_MS, type OnTruncated, type ReleaseOldest, TrackedLog, type TrimContext } from "./tracked-log.ts";

export interface LogTrimmerOptions {
  clock: Clock;
  logger: Logger;
  release: ReleaseOldest;
  /** Looks at quiet files too: for file systems that tell of a write only when it is flushed (NTFS). */
  alwaysLook?: boolean;
}

/** How often it looks while no file grows, with `alwaysLook`. */
const QUIET_MS = 2_000;
/** It looks at so many files at once. The rest of a thousand waits a moment, so that nothing else waits for all of them. */
const SLICE = 50;
const BETWEEN_SLICES_MS = 10;

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
  readonly #context: TrimContext;
  readonly #folders = new Map<string, Folder>();
  readonly #hot = new Set<Folder>();
  readonly #alwaysLook: boolean;
  #timer: Timer | undefined;
  #round: Round | undefined;
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
    const folder = this.#folders.get(name) ?? { files: [] };
    for (const file of folder.files) file.look();
    folder.files = paths.map((path) => new TrackedLog(path, policy, this.#context, { onTruncated, isNew }));
    this.#folders.set(name, folder);
    for (const file of folder.files) file.look();
    if (!this.#hot.has(folder)) this.#idle(name, folder);
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

  #idle(name: string, folder: Folder): void {
    if (this.#alwaysLook) {
      this.#heat(folder);
      return;
    }
    this.#hot.delete(folder);
    if (folder.watcher) return;
    try {
      folder.watcher = watch(name, { persistent: false }, () => {
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
        if (file.look()) file.heat();
        round.nextMs = Math.min(round.nextMs, file.nextMs);
        round.quiet &&= file.isIdle;
      }
      if (!this.#alwaysLook && folder.files.every((file) => file.isIdle)) this.#idle(name, folder);
    }
    return false;
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
