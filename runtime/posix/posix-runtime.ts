import { setImmediate as nextTurn } from "node:timers/promises";
import type { ExecRequest, ExecSession } from "../../api/exec/exec-session.ts";
import { tolerate } from "../context.ts";
import type { Copy, NamedCopy } from "../homes/copy.ts";
import { finishMove } from "../logs/retained-part.ts";
import { RunLogs } from "../logs/run-logs.ts";
import type { PortOwner } from "../ports/port-owner.ts";
import { RecoveryFailures } from "../recovery-failures.ts";
import { changedFiles, noteTold } from "../runs/declared-files.ts";
import { FolderHomes } from "../runs/folder-homes.ts";
import { filesOf } from "../runs/kept-run.ts";
import { leaveHome } from "../runs/leave-home.ts";
import { logsOf } from "../runs/run-record.ts";
import { withoutFiles } from "../runs/run-spec.ts";
import { runsInHome, runsOfCopy } from "../runs/runs-of-copy.ts";
import {
  type ExecOptions,
  type ExecResult,
  type ExitStatus,
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
import type { PosixContext } from "./context.ts";
import { execCommand } from "./exec/exec-command.ts";
import { openExecSession } from "./exec/exec-session.ts";
import { openFolder } from "./files/open-folder.ts";
import { punchHole } from "./files/punch-hole.ts";
import { removeTree } from "./files/remove-tree.ts";
import { openContext, type PosixRuntimeOptions } from "./open-context.ts";
import { PortOwners } from "./ports/port-owners.ts";
import { SocketSearch } from "./ports/socket-search.ts";
import { TcpTable } from "./ports/tcp-table.ts";
import { signalNumber } from "./process/signals.ts";
import { type FoundRun, recoverRun, recoverRuns } from "./recover-runs.ts";
import { writeBeside } from "./start/write-files.ts";
import { endExecTree } from "./tree/end-exec-tree.ts";
import { endStrays } from "./tree/end-strays.ts";
import { killTree } from "./tree/kill-tree.ts";
import { measureTree } from "./tree/measure-usage.ts";
import { askTree } from "./tree/signal-tree.ts";
import { LimitWatch } from "./watch/limit-watch.ts";
import { watchTree } from "./watch/tree-watch.ts";
import { makeWorkload, type PosixWorkload } from "./workload.ts";

/** So many files of an ended instance are removed at once; more go in a thread of their own. */
const REMOVED_HERE = 200;

/** The Runtime on Linux: posix_spawn, pidfds, cgroups where they can be written (docs/decisions/0003). */
export class PosixRuntime extends Workloads<PosixWorkload> implements Runtime {
  readonly name = "posix";
  readonly homes: FolderHomes;
  readonly #context: PosixContext;
  /** Uids whose start is under way. */
  readonly #starting = new Set<string>();
  /** Uids whose last start failed here: their groups may hold strays. */
  readonly #failed = new Set<string>();
  readonly #failures: RecoveryFailures;
  readonly #logs: RunLogs;
  readonly #limits: LimitWatch;
  readonly #ports: PortOwners;
  readonly #remover = new TreeRemover(new URL("./files/remove-tree-worker.ts", import.meta.url));
  #closed: Promise<void> | undefined;

  private constructor(context: PosixContext) {
    super();
    this.#context = context;
    const removeFolder = (path: string): Promise<void> => this.#removeFolder(path);
    this.homes = new FolderHomes({
      files: context.files.homes,
      removeFolder,
      openFolder,
      onTakenUp: (uid, message) => this.emit({ type: "home-taken-up", uid, message }),
    });
    this.#failures = new RecoveryFailures(context.logger);
    this.#logs = new RunLogs({
      ...context,
      release: punchHole,
      onTruncated: (uid, message) => this.emit({ type: "log-truncated", uid, message }),
    });
    const { clock, containment } = context;
    const [table, search] = [new TcpTable(clock), new SocketSearch(clock)];
    this.#ports = new PortOwners({ table, search, containment, labelOf: (pid) => this.#labelOf(pid) });
    this.#limits = new LimitWatch(context, ({ uid }, limit, message) =>
      this.emit({ type: "limit", uid, limit, message }),
    );
  }

  static async open(options: PosixRuntimeOptions): Promise<PosixRuntime> {
    return new PosixRuntime(openContext(options));
  }

  async recover(): Promise<ProcessState[]> {
    recoverRuns(this.#context, this.#failures, (run) => this.#adopt(run));
    return this.list();
  }

  async start(spec: LaunchSpec): Promise<ProcessState> {
    this.#failures.retry(spec, () => {
      const run = recoverRun(this.#context, spec.uid);
      if (run) this.#adopt(run);
    });
    this.#requireStartable(spec);
    const { containment, processes, clock } = this.#context;
    const { uid } = spec;
    let workload: PosixWorkload | undefined;
    this.#starting.add(uid);
    try {
      if (this.#mayHaveStrays(uid)) await endStrays(this.#context, spec);
      await this.homes.enter(spec, () => {
        const limitCountsBefore = containment.limitCounts(uid, spec.limits); // It may meet one before it is known to have started.
        return processes.start(spec, clock.wall().toISOString(), {
          started: (record, pidfd) => {
            workload = makeWorkload(uid, record, false, { pidfd, spec: withoutFiles(spec), limitCountsBefore });
            this.hold(workload);
            this.#lookAfter(workload);
          },
          ended: (exit) => this.#mainEnded(workload!, exit),
        });
      });
      this.#failed.delete(uid);
    } catch (error) {
      this.#failed.add(uid);
      throw error;
    } finally {
      this.#starting.delete(uid);
    }
    return workload!.state;
  }

  async requestStop(uid: string, how: StopSignal): Promise<boolean> {
    const number = signalNumber(how);
    const workload = this.workload(uid);
    if (number === undefined || !workload?.state.treeAlive) return false;
    return askTree(this.#context.containment, workload, number);
  }

  async signal(uid: string, how: StopSignal): Promise<boolean> {
    const number = signalNumber(how);
    return number !== undefined && (this.workload(uid)?.pidfd?.signal(number) ?? false);
  }

  changedFiles(copy: Copy, files: readonly LaunchFile[]): LaunchFile[] {
    return changedFiles(this.#context.files.homes, copy, files);
  }

  async writeFiles(uid: string, files: readonly LaunchFile[], given?: string): Promise<void> {
    const workload = this.requireRunning(uid);
    const { record } = workload;
    if (given !== undefined) {
      this.#context.records.given(uid, record.run, given);
      this.noteGiven(workload, given);
    }
    writeBeside(this.#context.files, uid, record, files);
  }

  noteTold(copy: Copy, files: readonly LaunchFile[]): void {
    noteTold(this.#context.files.homes, copy, files);
  }

  async kill(uid: string): Promise<void> {
    const workload = this.workload(uid);
    if (!workload?.state.treeAlive) return;
    this.#limits.stop(workload);
    await killTree(this.#context, workload);
  }

  async exec(uid: string, command: readonly string[], options: ExecOptions): Promise<ExecResult> {
    const workload = this.requireRunning(uid);
    return execCommand(this.#context, workload, this.specOf(workload), command, options);
  }

  async openExec(uid: string, request: ExecRequest): Promise<ExecSession> {
    const workload = this.requireRunning(uid);
    return openExecSession(this.#context, workload, this.specOf(workload), request);
  }

  portOwner(uid: string, port: number, host: string): Promise<PortOwner> {
    return this.#ports.ownerOf(uid, port, host);
  }

  /** Reading /proc takes a fraction of a millisecond for each process: between some of them others have their turn. */
  async usage(): Promise<Map<string, Usage>> {
    const usages = new Map<string, Usage>();
    for (const { uid, state } of this.workloads) {
      if (!state.treeAlive) continue;
      usages.set(uid, measureTree(this.#context.containment, uid));
      if (usages.size % 32 === 0) await nextTurn();
    }
    return usages;
  }

  async forget(uid: string, copy?: NamedCopy): Promise<void> {
    const { containment, files, clock } = this.#context;
    const workload = this.workload(uid);
    const known = workload?.state;
    if (known ? known.treeAlive : !this.#failed.has(uid) && containment.members(uid).length > 0) {
      throw new Error(`instance ${uid} can't be forgotten: something of its tree still lives`);
    }
    if (this.#mayHaveStrays(uid)) await endStrays(this.#context, { uid, label: known?.label ?? uid });
    this.drop(uid);
    this.#failed.delete(uid);
    this.#failures.forget(uid);
    if (workload) this.#logs.forget(workload);
    this.#ports.forget(uid);
    containment.remove(uid);
    const unowned = leaveHome(this.#context, uid, { copy, now: clock.wall().toISOString() });
    for (const folder of [...unowned, files.folder(uid)]) await this.#removeFolder(folder);
  }

  async runs(uid: string): Promise<RunFiles[]> {
    return runsOfCopy(this.#context, uid).map(filesOf);
  }

  async earlierRuns(copy: Copy): Promise<RunFiles[]> {
    return runsInHome(this.#context.files.homes, copy).map(filesOf);
  }

  #removeFolder(path: string): Promise<void> {
    return this.#remover.removeFolder(path, () => removeTree(path, REMOVED_HERE));
  }

  /** A second call waits for the first: a descriptor that is closed twice could be another's by then. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const { processes, containment } = this.#context;
    this.silence();
    this.#logs.close();
    this.#limits.close();
    await Promise.all([processes.close(), this.#remover.close()]);
    for (const workload of this.workloads) {
      release(workload);
      workload.pidfd?.close();
      this.drop(workload.uid);
    }
    containment.close();
  }

  #labelOf(pid: number): string | undefined {
    const { containment } = this.#context;
    return this.workloads.find(({ uid, state }) => state.treeAlive && containment.owns(uid, pid))?.state.label;
  }

  /** Whether a start looks for strays first: after a start that failed, and with cgroups, where a look costs only a few files, after every run. */
  #mayHaveStrays(uid: string): boolean {
    if (this.#failed.has(uid)) return true;
    return this.workload(uid) !== undefined && this.#context.containment.kind !== "marker";
  }

  #requireStartable(spec: LaunchSpec): void {
    const { uid, label } = spec;
    const known = this.get(uid);
    requireNextRun(spec, known);
    if (this.#starting.has(uid)) throw new StartError("AlreadyRunning", `${label}: a run is being started`);
    const mayBeOfOthers = !known && !this.#failed.has(uid); // Else what lives is a stray, and the start ends it.
    if (!mayBeOfOthers || this.#context.containment.members(uid).length === 0) return;
    throw new StartError("AlreadyRunning", `${label}: run of an earlier daemon still lives`);
  }

  #adopt({ uid, record, pidfd }: FoundRun): void {
    const { containment, files, processes } = this.#context;
    files.create(uid);
    for (const log of logsOf(record)) finishMove(log); // What may fail comes before anybody knows the run.
    const limitCountsBefore = containment.limitCounts(uid, record.limits);
    const workload = makeWorkload(uid, record, true, { ...(pidfd && { pidfd }), limitCountsBefore });
    this.hold(workload);
    for (const tree of containment.execTrees(uid)) {
      void endExecTree(this.#context, tree, "a probe of an earlier daemon is not wholly ended", { uid });
    }
    for (const log of logsOf(record)) {
      if (pidfd) this.#context.protectLog(log);
    }
    if (pidfd) {
      processes.process(pidfd, (exit) => this.#mainEnded(workload, exit), files.record(uid, record.run));
      this.#lookAfter(workload);
    } else this.#watchTree(workload);
  }

  /** Looks after the logs and the limits of a run. */
  #lookAfter(workload: PosixWorkload): void {
    this.#logs.keep(workload, () => this.isCurrent(workload));
    try {
      this.#limits.add(workload);
    } catch (error) {
      this.#context.logger.warn("no event will tell when a limit is reached", {
        uid: workload.uid,
        error: String(error),
      });
    }
  }

  #mainEnded(workload: PosixWorkload, seen: ExitStatus): void {
    const { uid, record } = workload;
    const exit: ExitStatus = this.#diedOfMemory(workload, seen) ? { ...seen, outOfMemory: true } : seen;
    if (exit.outOfMemory) tolerate(this.#context, uid, () => this.#context.records.ended(uid, record.run, exit));
    this.#limits.look(workload);
    workload.pidfd?.close();
    delete workload.pidfd;
    release(workload);
    this.#watchTree(workload, exit);
  }

  /** Tells of the exit, if there is one to tell of, and then, now or later, of the end of the tree. */
  #watchTree(workload: PosixWorkload, exit?: ExitStatus): void {
    let untold = exit;
    const tellExit = (treeAlive: boolean): void => {
      if (untold) this.exited(workload, untold, treeAlive);
      untold = undefined;
    };
    watchTree(this.#context, workload.uid, workload.release, () => {
      tellExit(false);
      this.#logs.ended(workload);
      this.treeEnded(workload);
    });
    tellExit(true);
  }

  #diedOfMemory({ uid, record, limitCountsBefore }: PosixWorkload, exit: ExitStatus): boolean {
    if (record.limits.memory === undefined || exit.signal !== "SIGKILL") return false;
    return this.#context.containment.limitCounts(uid, record.limits).memory > limitCountsBefore.memory;
  }
}

function release(workload: PosixWorkload): void {
  for (const stop of workload.release.splice(0)) stop();
}
