import { mkdirSync } from "node:fs";
import type { Clock, Timer } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import { readOrMakeDataId } from "../data-id.ts";
import { InstanceFiles } from "../instance-files.ts";
import { emptiedMessage } from "../logs/emptied-message.ts";
import { LogKeeper } from "../logs/log-keeper.ts";
import { removeOldRuns } from "../logs/retention.ts";
import { RecoveryFailures } from "../recovery-failures.ts";
import { isRunNumber } from "../run-number.ts";
import { RunProofs } from "../run-proofs.ts";
import { filesOf, logsOf, type RunRecord, RunRecords } from "../run-records.ts";
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
  type Unenforced,
  type Usage,
} from "../runtime.ts";
import { TreeRemover } from "../tree-remover.ts";
import { Accounts, type Identity } from "./accounts/accounts.ts";
import { takeWorkFolder } from "./accounts/work-folder.ts";
import { CallsByAuthority } from "./calls-by-authority.ts";
import { tolerate, type Win32Context } from "./context.ts";
import { execCommand } from "./exec-command.ts";
import { loadWinapi, type Winapi } from "./ffi/winapi.ts";
import { releaseRange, whyNotReleasable } from "./files/release-range.ts";
import { removeTree } from "./files/remove-tree.ts";
import type { JobMessage } from "./job/exit-messages.ts";
import { ExitWatcher } from "./job/exit-watcher.ts";
import { HandleKeeper } from "./job/handle-keeper.ts";
import { processorCounts } from "./job/job-limits.ts";
import { KILLED, killTree } from "./job/kill-tree.ts";
import { limitOf } from "./job/limit-messages.ts";
import { measureTree } from "./job/measure-usage.ts";
import { isTreeAlive } from "./job/tree.ts";
import { type Launch, prepareLaunch } from "./launch.ts";
import { baseEnvironment } from "./process/base-environment.ts";
import { searchPath } from "./process/image.ts";
import { systemProcesses } from "./process/system-processes.ts";
import { type FoundRun, recoverRun, recoverRuns } from "./recover-runs.ts";
import { CallsInWorker, callsHere, type SlowCalls } from "./slow-calls.ts";
import { startRun } from "./start-run.ts";
import { ConsoleSender, consoleSenderCommand } from "./stop/console-sender.ts";
import { requestStop } from "./stop/request-stop.ts";
import { type Held, makeWorkload, type Workload } from "./workload.ts";

export interface Win32RuntimeOptions {
  /** Made when missing; its rights are the installer's to set. */
  dataDir: string;
  clock: Clock;
  logger: Logger;
  /** Absent: Windows itself. */
  api?: Winapi;
}

/** A lost message is found by this at the latest. */
const SWEEP_MS = 15_000;
/** The message of an exit may come a moment before the handle tells of it. */
const LOOK_AGAIN_MS = [1, 5, 20, 100, 500];

/** Files of an ended instance that are removed at once; more go in a thread of their own. */
const REMOVED_HERE = 100;

/** The Runtime on Windows: one job object per run, exits from one completion port (docs/decisions/0010). */
export class Win32Runtime implements Runtime {
  readonly name = "win32";
  readonly #context: Win32Context;
  readonly #slow: SlowCalls;
  /** Absent where Windows is made up: a thread would not know that one. */
  readonly #remover: TreeRemover | undefined;
  readonly #failures: RecoveryFailures;
  readonly #workloads = new Map<string, Workload>();
  readonly #listeners = new Set<(event: RuntimeEvent) => void>();
  readonly #keeper: LogKeeper;
  #resolve: ((uid: string) => Resolution) | undefined;
  #sweep: Timer | undefined;
  #isRecovered = false;
  #isClosed = false;

  private constructor(slow: SlowCalls, remover: TreeRemover | undefined, context: Win32Context) {
    this.#slow = slow;
    this.#remover = remover;
    this.#context = context;
    this.#failures = new RecoveryFailures(context.logger);
    const release = (path: string, length: number): void => {
      if (context.unenforcedLogs.length === 0) releaseRange(context.api, path, length);
    };
    this.#keeper = new LogKeeper({ clock: context.clock, logger: context.logger, release, alwaysLook: true });
    this.#armSweep();
  }

  static async open({ dataDir, clock, logger, ...given }: Win32RuntimeOptions): Promise<Win32Runtime> {
    const api = given.api ?? loadWinapi();
    const slow = given.api ? callsHere(api) : new CallsByAuthority(() => new CallsInWorker(api));
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const files = new InstanceFiles(dataDir);
    const base = baseEnvironment(api);
    const remover = given.api
      ? undefined
      : new TreeRemover(new URL("./files/remove-folder-worker.ts", import.meta.url));
    return new Win32Runtime(slow, remover, {
      api,
      accounts: new Accounts({ api, slow, clock, logger }),
      dataId: readOrMakeDataId(dataDir),
      proofs: new RunProofs(dataDir),
      files,
      records: new RunRecords(files),
      watcher: new ExitWatcher(api),
      baseEnvironment: base,
      searchPath: searchPath(base.SystemRoot ?? "C:\\Windows"),
      processors: processorCounts(api),
      consoleSender: new ConsoleSender({ command: consoleSenderCommand(), environment: base, clock }),
      keeper: new HandleKeeper({ api, dataDir, systemRoot: base.SystemRoot ?? "C:\\Windows", logger }),
      unenforcedLogs: logLimits(api, files, logger),
      clock,
      logger,
    });
  }

  async recover(): Promise<ProcessState[]> {
    recoverRuns(this.#context, this.#failures, (run) => this.#adopt(run));
    this.#isRecovered = true;
    return this.list();
  }

  resolveWith(resolve: (uid: string) => Resolution): void {
    this.#resolve = resolve;
  }

  get(uid: string): ProcessState | undefined {
    return this.#workloads.get(uid)?.state;
  }

  list(): ProcessState[] {
    return [...this.#workloads.values()].map(({ state }) => state);
  }

  async start(spec: LaunchSpec): Promise<ProcessState> {
    this.#failures.again(spec, () => {
      const run = recoverRun(this.#context, spec.uid);
      if (run) this.#adopt(run);
    });
    this.#requireStartable(spec);
    if (!this.#workloads.has(spec.uid)) this.#context.files.create(spec.uid);
    const launch = prepareLaunch(this.#context, spec);
    const home = this.#context.files.work(spec.uid);
    const identity = await this.#context.accounts.take({ ...spec, home });
    try {
      this.#requireStartable(spec); // A logon takes its time.
      return this.#begin(spec, launch, identity);
    } catch (error) {
      identity.profile?.unload();
      throw error;
    } finally {
      identity.token.close();
    }
  }

  async requestStop(uid: string, how: StopSignal): Promise<boolean> {
    const workload = this.#workloads.get(uid);
    return workload !== undefined && requestStop(this.#context, workload, how);
  }

  async kill(uid: string): Promise<void> {
    const workload = this.#workloads.get(uid);
    if (workload?.state.treeAlive) await killTree(this.#context, workload, () => this.#look(workload));
  }

  async exec(uid: string, command: readonly string[], options: ExecOptions): Promise<ExecResult> {
    const workload = this.#workloads.get(uid);
    if (workload?.state.phase !== "running") throw new StartError("InvalidArgument", `instance ${uid} is not running`);
    return execCommand(this.#context, workload, specOfRun(workload, this.#resolve), command, options);
  }

  async usage(): Promise<Map<string, Usage>> {
    const all = new Map(systemProcesses(this.#context.api).map((process) => [process.pid, process]));
    const usages = new Map<string, Usage>();
    for (const [uid, { state, job }] of this.#workloads) {
      if (!state.treeAlive || !job) continue;
      const members = job.members().flatMap((pid) => all.get(pid) ?? []);
      usages.set(uid, measureTree(members, job.accounting().cpuSeconds));
    }
    return usages;
  }

  async forget(uid: string): Promise<void> {
    const { files, api } = this.#context;
    const known = this.#workloads.get(uid);
    if (known?.state.treeAlive) {
      throw new Error(`instance ${uid} can't be forgotten: something of its tree still lives`);
    }
    this.#letGo(known);
    this.#workloads.delete(uid);
    this.#failures.forget(uid);
    this.#keeper.untrack(files.logs(uid));
    takeWorkFolder(api, files.work(uid));
    await this.#removeFolder(files.folder(uid));
    this.#leaveAccount(known?.record.account);
  }

  async #removeFolder(folder: string): Promise<void> {
    const { api, clock } = this.#context;
    const most = this.#remover ? REMOVED_HERE : Number.POSITIVE_INFINITY;
    try {
      if (!(await removeTree(api, folder, clock, most))) await this.#remover?.remove(folder);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`what is in ${folder} can't be removed: ${why}`, { cause: error });
    }
  }

  /** The copies of a Process share one account: it goes with the last of them. */
  #leaveAccount(account: string | undefined): void {
    const isUsed = [...this.#workloads.values()].some(({ record }) => record.account === account);
    if (account !== undefined && !isUsed) this.#context.accounts.leave(account);
  }

  subscribe(listener: (event: RuntimeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async runs(uid: string): Promise<RunFiles[]> {
    return this.#context.records.read(uid).map(filesOf);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#sweep?.cancel();
    this.#listeners.clear();
    this.#keeper.close();
    await this.#context.watcher.close();
    await Promise.all([this.#slow.close(), this.#remover?.close()]);
    const isNeeded = [...this.#workloads.values()].some(({ state }) => state.treeAlive);
    this.#context.keeper.close(isNeeded, this.#isRecovered && this.#failures.isEmpty);
    for (const workload of this.#workloads.values()) this.#letGo(workload);
    this.#workloads.clear();
  }

  #begin(spec: LaunchSpec, launch: Launch, identity: Identity): ProcessState {
    const { uid } = spec;
    const { record, ...held } = startRun(this.#context, spec, launch, identity);
    this.#letGo(this.#workloads.get(uid));
    const { profile, environment: base } = identity;
    return this.#hold(uid, record, false, { ...held, ...(profile && { profile }), base, spec: withoutPassword(spec) })
      .state;
  }

  #requireStartable({ uid, run, label }: LaunchSpec): void {
    if (this.#isClosed) throw new StartError("SystemError", `${label}: the daemon is ending`);
    const known = this.#workloads.get(uid);
    if (known?.state.treeAlive) {
      throw new StartError("AlreadyRunning", `${label}: run ${known.record.run} still lives`);
    }
    if (!isRunNumber(run)) throw new StartError("InvalidArgument", `${label}: there is no run ${run}`);
    if (known && run <= known.record.run) {
      throw new StartError("InvalidArgument", `${label}: run ${run} is not above the last one, ${known.record.run}`);
    }
  }

  #adopt({ uid, record, ...held }: FoundRun): void {
    this.#context.files.create(uid);
    this.#hold(uid, record, true, held);
  }

  /** From here on the run is known, watched, and looked after. */
  #hold(uid: string, record: RunRecord, adopted: boolean, held: Held): Workload {
    const workload = makeWorkload(uid, record, stateOf(uid, record, adopted, held.job !== undefined), held);
    this.#workloads.set(uid, workload);
    if (workload.job) {
      workload.unwatch = this.#context.watcher.watch(workload.job, (message) => this.#heard(workload, message));
    }
    if (workload.process) setImmediate(() => this.#keepLogs(workload)); // The start itself does not wait for this.
    setImmediate(() => this.#look(workload)); // What happened before the watch told nobody.
    return workload;
  }

  #letGo(workload: Workload | undefined): void {
    if (!workload) return;
    workload.unwatch?.();
    workload.process?.close();
    workload.job?.close();
    workload.stopEvent?.close();
    workload.profile?.leave();
    delete workload.profile;
    delete workload.unwatch;
    delete workload.process;
    delete workload.job;
    delete workload.stopEvent;
  }

  #keepLogs({ uid, record }: Workload): void {
    const { records, logger } = this.#context;
    if (this.#isClosed || this.#workloads.get(uid)?.record !== record) return;
    try {
      this.#keeper.track(logsOf(record), record.logs, (path, lost) =>
        this.#emit({ type: "log-emptied", uid, message: emptiedMessage(path, record, lost) }),
      );
      removeOldRuns(records, uid, record);
    } catch (error) {
      logger.warn("the logs of a run are not looked after", { instance: record.label, error: String(error) });
    }
  }

  #heard(workload: Workload, { message, pid }: JobMessage): void {
    const limit = limitOf(message);
    if (limit !== undefined) {
      if (workload.told.has(limit)) return;
      workload.told.add(limit);
      this.#emit({ type: "limit", uid: workload.uid, limit, message: limitMessage(limit, workload.record) });
      return;
    }
    this.#look(workload);
    const isMain = pid === 0 || pid === workload.record.pid;
    if (isMain && workload.state.treeAlive) this.#lookSoon(workload, 0);
  }

  /** Until what was told of is so. */
  #lookSoon(workload: Workload, tries: number): void {
    const wait = LOOK_AGAIN_MS[tries];
    if (wait === undefined || this.#isClosed) return;
    this.#context.clock.after(wait, () => {
      this.#look(workload);
      if (workload.state.treeAlive) this.#lookSoon(workload, tries + 1);
    });
  }

  /** The truth: asks the handles, and tells what has changed. May be called any number of times. */
  #look(workload: Workload): void {
    if (this.#isClosed || !workload.state.treeAlive || this.#workloads.get(workload.uid) !== workload) return;
    const { uid, record, process } = workload;
    if (process?.hasEnded) {
      const exit = process.exit();
      tolerate(this.#context, uid, () => this.#context.records.ended(uid, record.run, exit));
      process.close();
      delete workload.process;
      record.exit = exit;
      const treeAlive = this.#isAlive(workload);
      workload.state = { ...workload.state, phase: "exited", exit, treeAlive };
      this.#emit({ type: "exited", uid, run: record.run, exit });
      if (!treeAlive) this.#endTree(workload);
    } else if (!process && !this.#isAlive(workload)) this.#endTree(workload);
  }

  #endTree(workload: Workload): void {
    this.#context.keeper.drop(workload.record);
    workload.job?.terminate(KILLED); // Nothing is in it but, in some versions, a console without programs.
    workload.state = { ...workload.state, treeAlive: false };
    workload.profile?.unload();
    delete workload.profile;
    this.#letGo(workload);
    workload.endTree();
    this.#keeper.ended(this.#context.files.logs(workload.uid));
    this.#emit({ type: "tree-ended", uid: workload.uid, run: workload.record.run });
  }

  #isAlive({ job }: Workload): boolean {
    return job !== undefined && isTreeAlive(this.#context.api, job);
  }

  #armSweep(): void {
    this.#sweep = this.#context.clock.after(SWEEP_MS, () => {
      for (const workload of this.#workloads.values()) this.#look(workload);
      this.#armSweep();
    });
  }

  #emit(event: RuntimeEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

/** It is needed for the logon alone. */
function withoutPassword(spec: LaunchSpec): LaunchSpec {
  if (spec.runAs?.password === undefined) return spec;
  const { password: _, ...runAs } = spec.runAs;
  return { ...spec, runAs };
}

function stateOf(uid: string, record: RunRecord, adopted: boolean, treeAlive: boolean): ProcessState {
  return {
    uid,
    label: record.label,
    run: record.run,
    pid: record.pid ?? 0,
    creationTime: record.creationTime ?? "",
    startedAt: record.startedAt,
    phase: record.exit ? "exited" : "running",
    ...(record.exit && { exit: record.exit }),
    treeAlive,
    adopted,
    ...(record.account !== undefined && { account: record.account }),
    limits: record.limits,
    unenforced: record.unenforced,
  };
}

function limitMessage(limit: "memory" | "processes", { label, limits }: RunRecord): string {
  return limit === "memory"
    ? `${label}: memory was refused to a process of the tree because it reached its limit of ${limits.memory} bytes`
    : `${label}: a new process was refused because the tree reached its limit of ${limits.processes}`;
}

function logLimits(api: Winapi, files: InstanceFiles, logger: Logger): Unenforced[] {
  const reason = whyNotReleasable(api, files.root);
  if (reason === undefined) return [];
  logger.warn("logs.maxSize is not enforced", { reason });
  return [{ field: "logs.maxSize", reason }];
}
