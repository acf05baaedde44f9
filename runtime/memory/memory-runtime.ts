import { type Clock, sleep } from "../../lib/clock.ts";
import { isRunNumber } from "../run-number.ts";
import { specOfRun } from "../run-spec.ts";
import {
  type ExecOptions,
  type ExecResult,
  type LaunchSpec,
  type ProcessState,
  type Resolution,
  type RunFiles,
  type Runtime,
  type RuntimeEvent,
  StartError,
  type StopSignal,
  type Usage,
} from "../runtime.ts";
import { MemoryMachine, type MemoryProcess } from "./memory-machine.ts";

export interface MemoryRuntimeOptions {
  clock: Clock;
  /** Shared by runtimes of several "daemons" in turn; absent: a machine of its own. */
  machine?: MemoryMachine;
}

const KILL_WITHIN_MS = 5_000;

interface Known {
  process: MemoryProcess;
  state: ProcessState;
}

/** The Runtime without an operating system, for tests of controllers and for `--runtime memory`. Holds the same contract. */
export class MemoryRuntime implements Runtime {
  readonly name = "memory";
  readonly machine: MemoryMachine;
  readonly #clock: Clock;
  readonly #known = new Map<string, Known>();
  readonly #runs = new Map<string, RunFiles[]>();
  readonly #listeners = new Set<(event: RuntimeEvent) => void>();
  #resolve: ((uid: string) => Resolution) | undefined;

  constructor(options: MemoryRuntimeOptions) {
    this.#clock = options.clock;
    this.machine = options.machine ?? new MemoryMachine();
  }

  async recover(): Promise<ProcessState[]> {
    for (const process of this.machine.processes.values()) this.#take(process, true);
    return this.list();
  }

  resolveWith(resolve: (uid: string) => Resolution): void {
    this.#resolve = resolve;
  }

  get(uid: string): ProcessState | undefined {
    return this.#known.get(uid)?.state;
  }

  list(): ProcessState[] {
    return [...this.#known.values()].map(({ state }) => state);
  }

  async start(spec: LaunchSpec): Promise<ProcessState> {
    const before = this.machine.processes.get(spec.uid);
    if (!isRunNumber(spec.run)) throw new StartError("InvalidArgument", `${spec.label}: there is no run ${spec.run}`);
    if (before?.treeAlive) throw new StartError("AlreadyRunning", `${spec.label}: run ${before.spec.run} still lives`);
    if (before && spec.run <= before.spec.run) {
      throw new StartError(
        "InvalidArgument",
        `${spec.label}: run ${spec.run} is not above the last one, ${before.spec.run}`,
      );
    }
    return this.#take(this.machine.start(spec, this.#clock.wall().toISOString()), false);
  }

  async requestStop(uid: string, how: StopSignal): Promise<boolean> {
    const process = this.#known.get(uid)?.process;
    const signal = signalOf(how);
    if (!process?.treeAlive || signal === undefined) return false;
    process.signal(signal);
    return true;
  }

  async kill(uid: string): Promise<void> {
    const process = this.#known.get(uid)?.process;
    if (!process?.treeAlive) return;
    process.kill();
    await Promise.resolve();
    if (!process.treeAlive) return;
    await sleep(this.#clock, KILL_WITHIN_MS);
    throw new Error(
      `${process.spec.label}: process ${process.pid} still lives ${KILL_WITHIN_MS / 1000} s after SIGKILL`,
    );
  }

  async exec(uid: string, command: readonly string[], options: ExecOptions): Promise<ExecResult> {
    const known = this.#known.get(uid);
    if (known?.state.phase !== "running") throw new StartError("InvalidArgument", `instance ${uid} is not running`);
    const { process, state } = known;
    const { run, label } = process.spec;
    const kept = state.adopted ? {} : { spec: process.spec };
    const spec = specOfRun({ uid, record: { run, label }, ...kept }, this.#resolve);
    return this.machine.exec(process, command, { ...options, env: { ...spec.env, ...options.env } });
  }

  async usage(): Promise<Map<string, Usage>> {
    const living = [...this.#known].filter(([, { state }]) => state.treeAlive);
    return new Map(
      living.map(([uid, { process }]) => {
        const processes = (process.exit ? 0 : 1) + process.grandchildren;
        return [uid, { cpuSeconds: 0, memoryBytes: processes * 1024 * 1024, handles: processes * 3, processes }];
      }),
    );
  }

  async forget(uid: string): Promise<void> {
    if (this.machine.processes.get(uid)?.treeAlive) {
      throw new Error(`instance ${uid} can't be forgotten: something of its tree still lives`);
    }
    this.machine.processes.delete(uid);
    this.#known.delete(uid);
    this.#runs.delete(uid);
  }

  subscribe(listener: (event: RuntimeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async runs(uid: string): Promise<RunFiles[]> {
    return [...(this.#runs.get(uid) ?? [])];
  }

  /** Tells that the tree met a limit, as the system would. */
  meetLimit(uid: string, limit: "memory" | "processes"): void {
    this.#emit({ type: "limit", uid, limit, message: `${uid}: the ${limit} limit was reached` });
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    for (const { process } of this.#known.values()) process.onChange = undefined;
    this.#known.clear();
  }

  #take(process: MemoryProcess, adopted: boolean): ProcessState {
    const { uid, run } = process.spec;
    const known: Known = { process, state: runningState(process, adopted) };
    this.#known.set(uid, known);
    const kept = (this.#runs.get(uid) ?? []).filter((files) => files.run !== run);
    this.#runs.set(uid, [...kept, filesOf(process)].slice(-process.spec.logs.maxFiles));
    process.onChange = () => this.#look(known);
    if (process.exit && adopted) this.#look(known);
    else if (process.exit) queueMicrotask(() => this.#look(known)); // As a real exit: after `start` has recorded the run.
    return known.state;
  }

  /** Sees what changed and tells of it: first the exit, then the end of the tree. */
  #look(known: Known): void {
    const { process } = known;
    const { uid, run } = process.spec;
    const exited = process.exit !== undefined && known.state.phase === "running";
    const treeEnded = !process.treeAlive && known.state.treeAlive;
    if (exited) {
      const exit = { ...process.exit!, finishedAt: this.#clock.wall().toISOString() };
      known.state = { ...known.state, phase: "exited", exit, treeAlive: process.treeAlive };
      const files = this.#runs.get(uid)?.find((one) => one.run === run);
      if (files) files.finishedAt = exit.finishedAt;
      this.#emit({ type: "exited", uid, run, exit });
    }
    if (!treeEnded) return;
    known.state = { ...known.state, treeAlive: false };
    this.#emit({ type: "tree-ended", uid, run });
  }

  #emit(event: RuntimeEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}

function runningState(process: MemoryProcess, adopted: boolean): ProcessState {
  const { spec, pid, startedAt } = process;
  return {
    uid: spec.uid,
    label: spec.label,
    run: spec.run,
    pid,
    creationTime: `memory/${pid}`,
    startedAt,
    phase: "running",
    treeAlive: true,
    adopted,
    limits: spec.limits,
    unenforced: [],
  };
}

function filesOf({ spec, startedAt }: MemoryProcess): RunFiles {
  const base = `memory:/${spec.uid}/${spec.run}`;
  return {
    run: spec.run,
    startedAt,
    stdout: `${base}.out`,
    ...(spec.logs.stderr === "Separate" && { stderr: `${base}.err` }),
    ...(spec.logs.encoding && { encoding: spec.logs.encoding }),
  };
}

function signalOf(how: StopSignal): string | undefined {
  if (how === "None") return undefined;
  return { CtrlC: "SIGINT", CtrlBreak: "SIGQUIT", WmClose: "SIGTERM", Event: "SIGTERM" }[how as string] ?? how;
}
