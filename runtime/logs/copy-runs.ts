import type { LoggedCopy } from "../../api/copy.ts";
import type { RunFiles, Runtime } from "../runtime.ts";
import type { FollowedRuntime } from "./change-signal.ts";

/** Just what a reader of logs sees of a Runtime. */
export type LogRuntime = Pick<Runtime, "runs" | "earlierRuns"> & FollowedRuntime;

/** All runs of a copy that are kept, oldest first; also while nothing of it is there. */
export async function runsOf(
  runtime: Pick<LogRuntime, "runs" | "earlierRuns">,
  { instance, ...copy }: LoggedCopy,
): Promise<RunFiles[]> {
  const earlier = await runtime.earlierRuns(copy); // An Instance that has not entered its home knows nothing of them.
  const own = instance === undefined ? [] : await runtime.runs(instance);
  return [...earlier, ...own.filter(({ instanceRun }) => instanceRun !== undefined)];
}

/**
 * Its intent is recorded, and the runtime does not show it yet: whoever reads it now would take it for one that is over. A run that begins is told of
 * (`started`), so who follows leaves it to that.
 */
export function isBeginning(
  runtime: Pick<LogRuntime, "get">,
  instance: string | undefined,
  { instanceRun, exit }: RunFiles,
): boolean {
  if (instance === undefined || instanceRun === undefined || exit !== undefined) return false;
  const state = runtime.get(instance);
  return state === undefined || state.run < instanceRun;
}

/** As `runsOf`, when the newest of them has begun, or the signal aborts. */
export async function begunRunsOf(runtime: LogRuntime, copy: LoggedCopy, signal: AbortSignal): Promise<RunFiles[]> {
  const watch = new CopyWatch(runtime, copy);
  try {
    for (;;) {
      const runs = await runsOf(runtime, copy);
      const newest = runs.at(-1);
      if (!newest || signal.aborted || !isBeginning(runtime, copy.instance, newest)) return runs;
      await watch.next(signal);
    }
  } finally {
    watch.close();
  }
}

/** Knows which Instance a copy is, as one follows another, and wakes who waits for its next run. */
export class CopyWatch {
  readonly #unsubscribe: () => void;
  #changed = false;
  #wake: (() => void) | undefined;
  instance: string | undefined;

  constructor(runtime: Pick<Runtime, "subscribe">, { owner, index, instance }: LoggedCopy) {
    this.instance = instance;
    this.#unsubscribe = runtime.subscribe((event) => {
      if (event.type !== "started" || event.copy.owner !== owner || event.copy.index !== index) return;
      this.instance = event.uid;
      this.#changed = true;
      this.#wake?.();
    });
  }

  /** Resolves when a run has begun since the last call, or when the signal aborts. */
  async next(signal: AbortSignal): Promise<void> {
    if (!this.#changed && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const wake = (): void => resolve();
      this.#wake = wake;
      signal.addEventListener("abort", wake);
      await promise;
      signal.removeEventListener("abort", wake);
    }
    this.#changed = false;
    this.#wake = undefined;
  }

  close(): void {
    this.#unsubscribe();
  }
}
