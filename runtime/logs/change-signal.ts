import { existsSync, type FSWatcher, watch } from "node:fs";
import type { ExitStatus, Runtime, RuntimeEvent } from "../runtime.ts";

export type FollowedRuntime = Pick<Runtime, "get" | "subscribe"> & Partial<Pick<Runtime, "name">>;

/** NTFS tells of a growing file only when it is flushed, so there a follower also looks by itself. */
const LOOK_MS = 250;

/** Wakes a follower when a file has grown, when its run's tree has ended, and when it shall stop. Polls on Windows only. */
export class ChangeSignal {
  readonly #watchers: FSWatcher[] = [];
  readonly #stop: (() => void)[] = [];
  readonly #isOver: () => boolean;
  #changed = false;
  #exit: ExitStatus | undefined;
  #wake: (() => void) | undefined;

  constructor(
    paths: readonly string[],
    runtime: FollowedRuntime,
    which: { uid: string; run: number },
    signal: AbortSignal,
  ) {
    const notify = (): void => {
      this.#changed = true;
      this.#wake?.();
    };
    for (const path of paths) {
      if (existsSync(path)) this.#watchers.push(watch(path, { persistent: false }, notify).on("error", notify));
    }
    const isIt = (one: { uid: string; run: number }): boolean => one.uid === which.uid && one.run === which.run;
    const known = runtime.get(which.uid);
    if (known && isIt(known)) this.#exit = known.exit;
    const hear = (event: RuntimeEvent): void => {
      if (event.type === "exited" && isIt(event)) this.#exit = event.exit;
      if (event.uid === which.uid) notify();
    };
    this.#stop.push(runtime.subscribe(hear));
    if (runtime.name === "win32") {
      const look = setInterval(notify, LOOK_MS);
      look.unref();
      this.#stop.push(() => clearInterval(look));
    }
    signal.addEventListener("abort", notify);
    this.#stop.push(() => signal.removeEventListener("abort", notify));
    this.#isOver = () => {
      const state = runtime.get(which.uid);
      return signal.aborted || state?.run !== which.run || !state.treeAlive;
    };
  }

  /** Nothing will be written any more. Ask this before a read: then what the read finds is the end. */
  get over(): boolean {
    return this.#isOver();
  }

  /** How the run ended, as far as it was told: also when its record is gone by now. */
  get exit(): ExitStatus | undefined {
    return this.#exit;
  }

  /** Resolves at the next change, or at once when there was one since the last call. */
  async next(): Promise<void> {
    if (!this.#changed) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#changed = false;
    this.#wake = undefined;
  }

  close(): void {
    for (const watcher of this.#watchers) watcher.close();
    for (const stop of this.#stop) stop();
  }
}
