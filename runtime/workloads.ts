import { isRunNumber } from "./runs/run-number.ts";
import { specOfRun } from "./runs/run-spec.ts";
import {
  type ExitStatus,
  type LaunchSpec,
  type ProcessState,
  type Resolution,
  type RuntimeEvent,
  StartError,
} from "./runtime.ts";
import type { Workload } from "./workload.ts";

/**
 * What every body of Runtime does alike: it knows its workloads, shows their states, and tells those who listen. A body extends this by what the
 * operating system does.
 */
export abstract class Workloads<W extends Workload> {
  readonly #workloads = new Map<string, W>();
  readonly #listeners = new Set<(event: RuntimeEvent) => void>();
  #resolve: ((uid: string) => Resolution) | undefined;

  get(uid: string): ProcessState | undefined {
    return this.#workloads.get(uid)?.state;
  }

  list(): ProcessState[] {
    return [...this.#workloads.values()].map(({ state }) => state);
  }

  resolveWith(resolve: (uid: string) => Resolution): void {
    this.#resolve = resolve;
  }

  subscribe(listener: (event: RuntimeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  protected get workloads(): readonly W[] {
    return [...this.#workloads.values()];
  }

  protected workload(uid: string): W | undefined {
    return this.#workloads.get(uid);
  }

  /** From here on this is the newest run of its uid, and is shown; and told of, unless it was adopted. */
  protected hold(workload: W): void {
    const { uid, record, spec } = workload;
    this.#workloads.set(uid, workload);
    if (!spec) return;
    const { owner, index } = spec.copy;
    this.emit({ type: "started", uid, run: record.run, copy: { owner, index } });
  }

  /** It is the newest run of its uid, and nobody has forgotten it. */
  protected isCurrent(workload: W): boolean {
    return this.#workloads.get(workload.uid) === workload;
  }

  protected drop(uid: string): void {
    this.#workloads.delete(uid);
  }

  /** From here on nobody is told anything. */
  protected silence(): void {
    this.#listeners.clear();
  }

  /** Throws `StartError` when the main process does not run. */
  protected requireRunning(uid: string): W {
    const workload = this.#workloads.get(uid);
    if (workload?.state.phase === "running") return workload;
    throw new StartError("InvalidArgument", `instance ${uid} is not running`);
  }

  /** It was given something else meanwhile: as in LaunchSpec. */
  protected noteGiven(workload: W, given: string): void {
    workload.record.given = given;
    workload.state = { ...workload.state, given };
  }

  /** Throws `StartError` when nobody can tell. */
  protected specOf(workload: W): LaunchSpec {
    return specOfRun(workload, this.#resolve);
  }

  /** The main process has ended: shows it and tells of it. */
  protected exited(workload: W, exit: ExitStatus, treeAlive: boolean): void {
    const { uid, record } = workload;
    record.exit = exit;
    workload.state = { ...workload.state, phase: "exited", exit, treeAlive };
    this.emit({ type: "exited", uid, run: record.run, exit });
  }

  /** Nothing of the tree lives: shows it and tells of it. */
  protected treeEnded(workload: W): void {
    const { uid, record } = workload;
    workload.state = { ...workload.state, treeAlive: false };
    workload.endTree();
    this.emit({ type: "tree-ended", uid, run: record.run });
  }

  protected emit(event: RuntimeEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

/**
 * Throws `StartError` unless this may be the next run of its instance: nothing of the last one lives (P2), and its number is above that of the last.
 */
export function requireNextRun(
  { run, label }: Pick<LaunchSpec, "run" | "label">,
  last: Pick<ProcessState, "run" | "treeAlive"> | undefined,
): void {
  if (!isRunNumber(run)) throw new StartError("InvalidArgument", `${label}: there is no run ${run}`);
  if (last?.treeAlive) throw new StartError("AlreadyRunning", `${label}: run ${last.run} still lives`);
  if (last && run <= last.run) {
    throw new StartError("InvalidArgument", `${label}: run ${run} is not above the last one, ${last.run}`);
  }
}
