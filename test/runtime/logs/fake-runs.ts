import type { LogRuntime } from "../../../runtime/logs/copy-runs.ts";
import type { ExitStatus, ProcessState, RunFiles, RuntimeEvent } from "../../../runtime/runtime.ts";

/** Just what a reader sees of a runtime: the runs of the copy `a`/0. */
export class FakeRuns implements LogRuntime {
  readonly name = "memory";
  /** Of the Instance that is there. */
  files: RunFiles[] = [];
  /** Of Instances that are gone. */
  earlier: RunFiles[] = [];
  alive = false;
  /** Its record is there, and nothing of it is shown. */
  beginning = 0;
  readonly #listeners = new Set<(event: RuntimeEvent) => void>();

  async runs(): Promise<RunFiles[]> {
    return this.files;
  }

  async earlierRuns(): Promise<RunFiles[]> {
    return this.earlier;
  }

  get(): ProcessState {
    const run = (this.files.at(-1)?.instanceRun ?? 0) - this.beginning;
    return { uid: "a", run, treeAlive: this.alive } as ProcessState;
  }

  subscribe(listener: (event: RuntimeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get listening(): number {
    return this.#listeners.size;
  }

  /** The next run of the Instance begins. */
  begin(files: RunFiles): void {
    this.files.push(files);
    this.alive = true;
    this.#tell({ type: "started", uid: "a", run: files.instanceRun ?? 0, copy: { owner: "a", index: 0 } });
  }

  /** The intent of its next run is recorded; what begins it is given back. */
  intend(files: RunFiles): () => void {
    this.files.push(files);
    this.beginning = 1;
    return () => {
      this.beginning = 0;
      this.files.pop();
      this.begin(files);
    };
  }

  end(exit?: ExitStatus): void {
    this.alive = false;
    const last = this.files.at(-1);
    if (last && exit) this.files.splice(-1, 1, { ...last, exit, finishedAt: exit.finishedAt });
    if (exit) this.#tell({ type: "exited", uid: "a", run: last?.instanceRun ?? 0, exit });
    this.#tell({ type: "tree-ended", uid: "a", run: last?.instanceRun ?? 0 });
  }

  /** It ends, and nothing of it is kept. */
  forget(exit: ExitStatus): void {
    const { instanceRun = 0 } = this.files.at(-1)!;
    this.files = [];
    this.alive = false;
    this.#tell({ type: "exited", uid: "a", run: instanceRun, exit });
    this.#tell({ type: "tree-ended", uid: "a", run: instanceRun });
  }

  /** The next Instance of the copy takes the place of this one; it has not run yet. */
  replace(): void {
    this.earlier.push(...this.files.map(({ instanceRun: _, ...files }) => files));
    this.files = [];
  }

  #tell(event: RuntimeEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
