import type { ExecRequest, ExecSession } from "../../api/exec/exec-session.ts";
import { type Clock, sleep } from "../../lib/clock.ts";
import type { Copy } from "../homes/copy.ts";
import type { PortOwner } from "../ports/port-owner.ts";
import { filesOf } from "../runs/kept-run.ts";
import type { RunRecord } from "../runs/run-record.ts";
import type {
  ExecOptions,
  ExecResult,
  LaunchFile,
  LaunchSpec,
  ProcessState,
  RunFiles,
  Runtime,
  StopSignal,
  Usage,
} from "../runtime.ts";
import { newWorkload, type Workload } from "../workload.ts";
import { requireNextRun, Workloads } from "../workloads.ts";
import { MemoryMachine, type MemoryProcess, placeOf, textOf } from "./memory-machine.ts";
import { memorySession } from "./memory-session.ts";
import { noHomes } from "./no-homes.ts";

export interface MemoryRuntimeOptions {
  clock: Clock;
  /** Shared by runtimes of several "daemons" in turn; absent: a machine of its own. */
  machine?: MemoryMachine;
}

const KILL_WITHIN_MS = 5_000;
/** A session ends when its user ends it. */
const unlimited = { timeoutMs: Number.POSITIVE_INFINITY, maxOutput: Number.POSITIVE_INFINITY };

interface MemoryWorkload extends Workload {
  process: MemoryProcess;
}

/** The Runtime without an operating system, for tests of controllers and for `--runtime memory`. Holds the same contract. */
export class MemoryRuntime extends Workloads<MemoryWorkload> implements Runtime {
  readonly name = "memory";
  readonly machine: MemoryMachine;
  readonly homes = noHomes;
  readonly #clock: Clock;
  /** Oldest first. */
  readonly #records = new Map<string, RunRecord[]>();

  constructor(options: MemoryRuntimeOptions) {
    super();
    this.#clock = options.clock;
    this.machine = options.machine ?? new MemoryMachine();
  }

  async recover(): Promise<ProcessState[]> {
    for (const process of this.machine.processes.values()) this.#take(process, true);
    return this.list();
  }

  async start(spec: LaunchSpec): Promise<ProcessState> {
    const last = this.machine.processes.get(spec.uid);
    requireNextRun(spec, last && { run: last.spec.run, treeAlive: last.treeAlive });
    return this.#take(this.machine.start(spec, this.#clock.wall().toISOString()), false);
  }

  async requestStop(uid: string, how: StopSignal): Promise<boolean> {
    const process = this.workload(uid)?.process;
    const signal = signalOf(how);
    if (!process?.treeAlive || signal === undefined) return false;
    process.signal(signal);
    return true;
  }

  signal(uid: string, how: StopSignal): Promise<boolean> {
    return this.requestStop(uid, how);
  }

  changedFiles(copy: Copy, files: readonly LaunchFile[]): LaunchFile[] {
    const known = this.machine.toldFiles.get(placeOf(copy));
    return files.filter(({ path, content }) => known?.get(path) !== textOf(content));
  }

  async writeFiles(uid: string, files: readonly LaunchFile[], given?: string): Promise<void> {
    const workload = this.requireRunning(uid);
    if (given !== undefined) {
      workload.process.spec.given = given;
      this.noteGiven(workload, given);
    }
    this.machine.write(workload.process.spec.copy, files);
  }

  noteTold(copy: Copy, files: readonly LaunchFile[]): void {
    this.machine.tell(copy, files);
  }

  async kill(uid: string): Promise<void> {
    const process = this.workload(uid)?.process;
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
    const workload = this.requireRunning(uid);
    const { env } = this.specOf(workload);
    return this.machine.exec(workload.process, command, { ...options, env: { ...env, ...options.env } });
  }

  async openExec(uid: string, { command, stdin }: ExecRequest): Promise<ExecSession> {
    const workload = this.requireRunning(uid);
    const { env } = this.specOf(workload);
    const exec = async (): Promise<ExecResult> => this.machine.exec(workload.process, command, { ...unlimited, env });
    return memorySession(exec(), { stdin });
  }

  async usage(): Promise<Map<string, Usage>> {
    const living = this.workloads.filter(({ state }) => state.treeAlive);
    return new Map(
      living.map(({ uid, process }) => {
        const processes = (process.exit ? 0 : 1) + process.grandchildren;
        return [uid, { cpuSeconds: 0, memoryBytes: processes * 1024 * 1024, handles: processes * 3, processes }];
      }),
    );
  }

  async portOwner(uid: string, port: number): Promise<PortOwner> {
    const holder = this.machine.listeners.get(port);
    if (holder === undefined) return { by: "nobody" };
    return holder === uid ? { by: "own", sockets: String(port) } : { by: "other", who: holder };
  }

  async forget(uid: string): Promise<void> {
    if (this.machine.processes.get(uid)?.treeAlive) {
      throw new Error(`instance ${uid} can't be forgotten: something of its tree still lives`);
    }
    this.machine.processes.delete(uid);
    this.drop(uid);
    this.#records.delete(uid);
  }

  async runs(uid: string): Promise<RunFiles[]> {
    return (this.#records.get(uid) ?? []).map((record) => filesOf({ record, uid }));
  }

  async earlierRuns(): Promise<RunFiles[]> {
    return [];
  }

  /** Tells that the tree met a limit, as the system would. */
  meetLimit(uid: string, limit: "memory" | "processes"): void {
    this.emit({ type: "limit", uid, limit, message: `${uid}: the ${limit} limit was reached` });
  }

  async close(): Promise<void> {
    this.silence();
    for (const { uid, process } of this.workloads) {
      process.onChange = undefined;
      this.drop(uid);
    }
  }

  #take(process: MemoryProcess, adopted: boolean): ProcessState {
    const { uid, logs } = process.spec;
    const record = recordOf(process);
    const workload: MemoryWorkload = {
      ...newWorkload(uid, record, { adopted, treeAlive: true, account: undefined }),
      ...(!adopted && { spec: process.spec }),
      process,
    };
    this.hold(workload);
    const others = (this.#records.get(uid) ?? []).filter(({ run }) => run !== record.run);
    this.#records.set(uid, [...others, record].slice(-logs.maxFiles));
    process.onChange = () => this.#look(workload);
    if (process.exit && adopted) this.#look(workload);
    else if (process.exit) queueMicrotask(() => this.#look(workload)); // As a real exit: after `start` has recorded the run.
    return workload.state;
  }

  /** Sees what changed and tells of it: first the exit, then the end of the tree. */
  #look(workload: MemoryWorkload): void {
    const { process } = workload;
    const treeEnded = !process.treeAlive && workload.state.treeAlive;
    if (process.exit && workload.state.phase === "running") {
      const exit = { ...process.exit, finishedAt: this.#clock.wall().toISOString() };
      this.exited(workload, exit, process.treeAlive);
    }
    if (treeEnded) this.treeEnded(workload);
  }
}

function recordOf({ spec, pid, startedAt }: MemoryProcess): RunRecord {
  const { uid, run, label, revision, limits, logs } = spec;
  const base = `memory:/${uid}/${run}`;
  return {
    run,
    label,
    ...(revision !== undefined && { revision }),
    ...(spec.given !== undefined && { given: spec.given }),
    startedAt,
    workingDir: "",
    pid,
    creationTime: `memory/${pid}`,
    limits,
    logs,
    stdout: `${base}.out`,
    ...(logs.stderr === "Separate" && { stderr: `${base}.err` }),
    unenforced: [],
  };
}

function signalOf(how: StopSignal): string | undefined {
  if (how === "None") return undefined;
  return { CtrlC: "SIGINT", CtrlBreak: "SIGQUIT", WmClose: "SIGTERM", Event: "SIGTERM" }[how as string] ?? how;
}
