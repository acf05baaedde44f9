import { existsSync, type FSWatcher, watch } from "node:fs";
import type { Runtime } from "../runtime.ts";

/** Wakes a follower: when a file has grown, when its run's tree has ended, when it shall stop. Never polls. */
export class ChangeSignal {
  readonly #watchers: FSWatcher[] = [];
  readonly #stop: (() => void)[] = [];
  readonly #isOver: () => boolean;
  #changed = false;
  #wake: (() => void) | undefined;

  constructor(
    paths: readonly string[],
    runtime: Pick<Runtime, "get" | "subscribe">,
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
    this.#stop.push(runtime.subscribe((event) => event.uid === which.uid && notify()));
    signal.addEventListener("abort", notify);
    this.#stop.push(() => signal.removeEventListener("abort", notify));
    this.#isOver = () => {
      const state = runtime.get(which.uid);
      return signal.aborted || state?.run !== which.run || !state.treeAlive;
    };
  }

  /** Nothing will be written any more: what is read after this was asked is the end. */
  get over(): boolean {
    return this.#isOver();
  }

  /** Resolves at the next change, also at one that came since the last time. */
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
