import { join } from "node:path";
import type { ExecRequest, ExecSession } from "../../api/exec/exec-session.ts";
import type { Timer } from "../../lib/clock.ts";
import { tolerate } from "../context.ts";
import type { Copy, NamedCopy } from "../homes/copy.ts";
import { RunLogs } from "../logs/run-logs.ts";
import type { PortOwner } from "../ports/port-owner.ts";
import { RecoveryFailures } from "../recovery-failures.ts";
import { changedFiles, noteTold, writeDeclared } from "../runs/declared-files.ts";
import { enterHome } from "../runs/enter-home.ts";
import { FolderHomes } from "../runs/folder-homes.ts";
import { filesOf } from "../runs/kept-run.ts";
import { leaveHome } from "../runs/leave-home.ts";
import type { RunRecord } from "../runs/run-record.ts";
import { withoutFiles } from "../runs/run-spec.ts";
import { runsInHome, runsOfCopy } from "../runs/runs-of-copy.ts";
import {
  type ExecOptions,
  type ExecResult,
  type LaunchFile,
  type LaunchSpec,
  type ProcessState,
  type RunFiles,
  type Runtime,
  StartError,
  type StopSignal,
  type Usage,
} from "../runtime.ts";
import { TreeRemover } from "../tree-remover.ts";
import { requireNextRun, Workloads } from "../workloads.ts";
import { giveEntries } from "./accounts/give-entries.ts";
import { type GiveEntries, giveHome, giveInThread, holderOf } from "./accounts/give-home.ts";
import { takeWorkFolder } from "./accounts/work-folder.ts";
import type { Win32Context } from "./context.ts";
import { execCommand } from "./exec/exec-command.ts";
import { openExecSession } from "./exec/exec-session.ts";
import { Win32FileWriter } from "./files/file-writer.ts";
import { openFolder } from "./files/open-folder.ts";
import { releaseRange } from "./files/release-range.ts";
import { removeTree } from "./files/remove-tree.ts";
import type { JobMessage } from "./job/exit-messages.ts";
import { limitMessage, limitOf } from "./job/limit-messages.ts";
import { prepareLaunch } from "./launch.ts";
import { openContext, type Win32RuntimeOptions } from "./open-context.ts";
import { portOwner } from "./ports/port-owner.ts";
import { systemProcesses } from "./process/system-processes.ts";
import { type FoundRun, recoverRun, recoverRuns } from "./recover-runs.ts";
import { homeOfRun } from "./run-home.ts";
import { folderUser, type Prepared, startRun } from "./start-run.ts";
import { KILLED, killTree } from "./tree/kill-tree.ts";
import { measureTree } from "./tree/measure-usage.ts";
import { requestStop } from "./tree/request-stop.ts";
import { isTreeAlive } from "./tree/tree.ts";
import { type Held, makeWorkload, releaseHandles, type Win32Workload } from "./workload.ts";

/** How often we look at all workloads, in case a message was lost. */
const SWEEP_MS = 15_000;
/** The message of an exit may come a moment before the handle tells of it. */
const LOOK_AGAIN_MS = [1, 5, 20, 100, 500];

/** So many files of an ended instance are removed at once; more go in a thread of their own. */
const REMOVED_HERE = 100;

/** The Runtime on Windows: one job object per run, exits from one completion port (docs/decisions/0010). */
export class Win32Runtime extends Workloads<Win32Workload> implements Runtime {
  readonly name = "win32";
  readonly homes: FolderHomes;
  readonly #context: Win32Context;
  readonly #remover = new TreeRemover(new URL("./files/remove-folder-worker.ts", import.meta.url));
  readonly #removedHere: number;
  readonly #giveEntries: GiveEntries;
  readonly #failures: RecoveryFailures;
  readonly #logs: RunLogs;
  #sweep: Timer | undefined;
  #isRecovered = false;
  #isClosed = false;

  private constructor(context: Win32Context, isInThisThread: boolean) {
    super();
    this.#context = context;
    this.#giveEntries = isInThisThread ? async (...what) => giveEntries(context.api, ...what) : giveInThread;
    const removeFolder = (path: string): Promise<void> => this.#removeFolder(path);
    this.homes = new FolderHomes({
      files: context.files.homes,
      removeFolder,
      openFolder,
      onTakenUp: (uid, message) => this.emit({ type: "home-taken-up", uid, message }),
    });
    this.#removedHere = isInThisThread ? Number.POSITIVE_INFINITY : REMOVED_HERE;
    this.#failures = new RecoveryFailures(context.logger);
    this.#logs = new RunLogs({
      ...context,
      release: (path, length) => {
        if (context.unenforcedLogs.length === 0) releaseRange(context.api, path, length);
      },
      alwaysLook: true,
      onTruncated: (uid, message) => this.emit({ type: "log-truncated", uid, message }),
    });
    this.#armSweep();
  }

  static async open(options: Win32RuntimeOptions): Promise<Win32Runtime> {
    // A worker thread would call the real Windows, not the fake one of a test.
    return new Win32Runtime(openContext(options), options.api !== undefined);
  }

  async recover(): Promise<ProcessState[]> {
    recoverRuns(this.#context, this.#failures, (run) => this.#adopt(run));
    this.#isRecovered = true;
    return this.list();
  }

  async start(spec: LaunchSpec): Promise<ProcessState> {
    this.#failures.retry(spec, () => {
      const run = recoverRun(this.#context, spec.uid);
      if (run) this.#adopt(run);
    });
    this.#requireStartable(spec);
    return this.homes.enter(spec, () => this.#enterAndStart(spec));
  }

  async #enterAndStart(spec: LaunchSpec): Promise<ProcessState> {
    const { files, accounts, clock } = this.#context;
    const home = homeOfRun(files, spec);
    const launch = prepareLaunch(this.#context, spec, home.work);
    const { owner } = spec.copy;
    const identity = await accounts.take({ ...spec, owner, home: home.work, homeId: home.id });
    try {
      const user = folderUser(identity);
      enterHome(this.#context, spec.uid, spec.copy, clock.wall().toISOString(), holderOf(user));
      await giveHome({ ...this.#context, homes: files.homes }, home.copy, user, this.#giveEntries);
      this.#requireStartable(spec); // A logon takes its time.
      return this.#begin(spec, { launch, home, identity });
    } catch (error) {
      identity.profile?.unload();
      throw error;
    } finally {
      identity.token.close();
    }
  }

  async requestStop(uid: string, how: StopSignal): Promise<boolean> {
    const workload = this.workload(uid);
    return workload !== undefined && requestStop(this.#context, workload, how);
  }

  /** There is no way to a main process alone: a request for its console reaches all of it. */
  signal(uid: string, how: StopSignal): Promise<boolean> {
    return this.requestStop(uid, how);
  }

  changedFiles(copy: Copy, files: readonly LaunchFile[]): LaunchFile[] {
    return changedFiles(this.#context.files.homes, copy, files);
  }

  async writeFiles(uid: string, files: readonly LaunchFile[], given?: string): Promise<void> {
    const { api, files: places, records } = this.#context;
    const workload = this.requireRunning(uid);
    const { run, label, workingDir, account = "", accountId } = workload.record;
    if (given !== undefined) {
      records.given(uid, run, given);
      this.noteGiven(workload, given);
    }
    const copy = places.copyOf(uid);
    if (!copy || accountId === undefined)
      throw new StartError(
        "InvalidArgument",
        `${label}: its home or its account is not known; it is from its next start on`,
      );
    // Its start has looked whether the account may write there.
    const owner = { sid: accountId, label: account, mayAdd: () => true };
    writeDeclared(places.homes, { copy, workingDir, files }, new Win32FileWriter(api, owner));
  }

  noteTold(copy: Copy, files: readonly LaunchFile[]): void {
    noteTold(this.#context.files.homes, copy, files);
  }

  async kill(uid: string): Promise<void> {
    const workload = this.workload(uid);
    if (workload?.state.treeAlive) await killTree(this.#context, workload, () => this.#look(workload));
  }

  async exec(uid: string, command: readonly string[], options: ExecOptions): Promise<ExecResult> {
    const workload = this.requireRunning(uid);
    return execCommand(this.#context, workload, this.specOf(workload), command, options);
  }

  async openExec(uid: string, request: ExecRequest): Promise<ExecSession> {
    const workload = this.requireRunning(uid);
    return openExecSession(this.#context, workload, this.specOf(workload), request);
  }

  async portOwner(uid: string, port: number, host: string): Promise<PortOwner> {
    const labelOf = (pid: number): string | undefined =>
      this.workloads.find(({ job }) => job?.members().includes(pid))?.state.label;
    const members = this.workload(uid)?.job?.members() ?? [];
    return portOwner(this.#context.api, { port, host }, members, labelOf);
  }

  async usage(): Promise<Map<string, Usage>> {
    const all = new Map(systemProcesses(this.#context.api).map((process) => [process.pid, process]));
    const usages = new Map<string, Usage>();
    for (const { uid, state, job } of this.workloads) {
      if (!state.treeAlive || !job) continue;
      const members = job.members().flatMap((pid) => all.get(pid) ?? []);
      usages.set(uid, measureTree(members, job.accounting().cpuSeconds));
    }
    return usages;
  }

  async forget(uid: string, copy?: NamedCopy): Promise<void> {
    const { files, clock } = this.#context;
    const known = this.workload(uid);
    if (known?.state.treeAlive) {
      throw new Error(`instance ${uid} can't be forgotten: something of its tree still lives`);
    }
    if (known) releaseHandles(known);
    this.drop(uid);
    this.#failures.forget(uid);
    if (known) this.#logs.forget(known);
    const unowned = leaveHome(this.#context, uid, { copy, now: clock.wall().toISOString() });
    for (const folder of [...unowned, files.folder(uid)]) await this.#removeFolder(folder);
    this.#leaveAccount(known?.record.account);
  }

  async #removeFolder(path: string): Promise<void> {
    const { api, clock } = this.#context;
    takeWorkFolder(api, join(path, "work"));
    await this.#remover.removeFolder(path, () => removeTree(api, path, clock, this.#removedHere));
  }

  /** The copies of a Process share one account: it goes with the last of them. */
  #leaveAccount(account: string | undefined): void {
    const isUsed = this.workloads.some(({ record }) => record.account === account);
    if (account !== undefined && !isUsed) this.#context.accounts.leave(account);
  }

  async runs(uid: string): Promise<RunFiles[]> {
    return runsOfCopy(this.#context, uid).map(filesOf);
  }

  async earlierRuns(copy: Copy): Promise<RunFiles[]> {
    return runsInHome(this.#context.files.homes, copy).map(filesOf);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#sweep?.cancel();
    this.silence();
    this.#logs.close();
    await this.#context.watcher.close();
    await Promise.all([this.#context.blockingCalls.close(), this.#remover.close()]);
    const isNeeded = this.workloads.some(({ state }) => state.treeAlive);
    this.#context.keeper.close(isNeeded, this.#isRecovered && this.#failures.isEmpty);
    for (const workload of this.workloads) {
      releaseHandles(workload);
      this.drop(workload.uid);
    }
  }

  #begin(spec: LaunchSpec, prepared: Prepared): ProcessState {
    const { uid } = spec;
    const { record, ...held } = startRun(this.#context, spec, prepared);
    const last = this.workload(uid);
    if (last) releaseHandles(last);
    const { profile, environment: base } = prepared.identity;
    const more = { ...held, ...(profile && { profile }), base, spec: withoutFiles(spec) };
    return this.#take(uid, record, false, more).state;
  }

  #requireStartable(spec: LaunchSpec): void {
    if (this.#isClosed) throw new StartError("SystemError", `${spec.label}: the daemon is ending`);
    requireNextRun(spec, this.get(spec.uid));
  }

  #adopt({ uid, record, ...held }: FoundRun): void {
    this.#context.files.create(uid);
    this.#take(uid, record, true, held);
  }

  /** From here on the run is known, watched, and looked after. */
  #take(uid: string, record: RunRecord, adopted: boolean, held: Held): Win32Workload {
    const workload = makeWorkload(uid, record, adopted, held);
    this.hold(workload);
    if (workload.job) {
      workload.unwatch = this.#context.watcher.watch(workload.job, (message) => this.#heard(workload, message));
    }
    if (workload.process) this.#logs.keep(workload, () => !this.#isClosed && this.isCurrent(workload));
    setImmediate(() => this.#look(workload)); // Nobody was told of what happened before the watch.
    return workload;
  }

  #heard(workload: Win32Workload, { message, pid }: JobMessage): void {
    const limit = limitOf(message);
    if (limit !== undefined) {
      if (workload.told.has(limit)) return;
      workload.told.add(limit);
      this.emit({ type: "limit", uid: workload.uid, limit, message: limitMessage(limit, workload.record) });
      return;
    }
    this.#look(workload);
    const isMain = pid === 0 || pid === workload.record.pid;
    if (isMain && workload.state.treeAlive) this.#lookSoon(workload, 0);
  }

  /** Looks again and again until the handles show what the message told of. */
  #lookSoon(workload: Win32Workload, tries: number): void {
    const wait = LOOK_AGAIN_MS[tries];
    if (wait === undefined || this.#isClosed) return;
    this.#context.clock.after(wait, () => {
      this.#look(workload);
      if (workload.state.treeAlive) this.#lookSoon(workload, tries + 1);
    });
  }

  /** Asks the handles, which tell the truth, and tells what has changed. May be called any number of times. */
  #look(workload: Win32Workload): void {
    if (this.#isClosed || !workload.state.treeAlive || !this.isCurrent(workload)) return;
    const { uid, record, process } = workload;
    if (process?.hasEnded) {
      const exit = process.exit();
      tolerate(this.#context, uid, () => this.#context.records.ended(uid, record.run, exit));
      process.close();
      delete workload.process;
      const treeAlive = this.#isAlive(workload);
      this.exited(workload, exit, treeAlive);
      if (!treeAlive) this.#endTree(workload);
    } else if (!process && !this.#isAlive(workload)) this.#endTree(workload);
  }

  #endTree(workload: Win32Workload): void {
    this.#context.keeper.drop(workload.record);
    workload.job?.terminate(KILLED); // Nothing is in it but, in some versions, a console without programs.
    workload.profile?.unload();
    delete workload.profile;
    releaseHandles(workload);
    this.#logs.ended(workload);
    this.treeEnded(workload);
  }

  #isAlive({ job }: Win32Workload): boolean {
    return job !== undefined && isTreeAlive(this.#context.api, job);
  }

  #armSweep(): void {
    this.#sweep = this.#context.clock.after(SWEEP_MS, () => {
      for (const workload of this.workloads) this.#look(workload);
      this.#armSweep();
    });
  }
}
