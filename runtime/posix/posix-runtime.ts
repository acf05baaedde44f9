import { mkdirSync } from "node:fs";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import { readOrMakeDataId } from "../data-id.ts";
import { InstanceFiles } from "../instance-files.ts";
import { emptiedMessage } from "../logs/emptied-message.ts";
import { settleMove } from "../logs/kept-part.ts";
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
  type ExitStatus,
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
import { ownAccount } from "./accounts/account.ts";
import type { PosixContext } from "./context.ts";
import { execCommand } from "./exec-command.ts";
import { punchHole, whyNotPunchable } from "./files/punch-hole.ts";
import { removeTree } from "./files/remove-tree.ts";
import { openLauncher } from "./launcher/launcher.ts";
import { prepareSurroundings } from "./launcher/surroundings.ts";
import { Pidfd } from "./process/pidfd.ts";
import { bootId } from "./process/proc.ts";
import { ProcessThread } from "./process/process-thread.ts";
import { signalNumber } from "./process/signals.ts";
import { type FoundRun, recoverRun, recoverRuns } from "./recover-runs.ts";
import { type CgroupRoot, chooseContainment } from "./tree/choose-containment.ts";
import { endExecTree } from "./tree/end-exec-tree.ts";
import { endStrays } from "./tree/end-strays.ts";
import type { ExecTree } from "./tree/exec-tree.ts";
import { killTree } from "./tree/kill-tree.ts";
import { LimitWatch } from "./tree/limit-watch.ts";
import { measureTree } from "./tree/measure-usage.ts";
import { askTree } from "./tree/signal-tree.ts";
import { watchTree } from "./tree/tree-watch.ts";
import { makeWorkload, type Workload } from "./workload.ts";

export interface PosixRuntimeOptions {
  /** Made 0700 when missing. */
  dataDir: string;
  clock: Clock;
  logger: Logger;
  /** Absent: auto. */
  cgroupRoot?: CgroupRoot;
}

/** Files of an ended instance that are removed at once; more go in a thread of their own. */
const REMOVED_HERE = 200;

/** The Runtime on Linux: posix_spawn, pidfds, cgroups where they can be written (docs/decisions/0003). */
export class PosixRuntime implements Runtime {
  readonly name = "posix";
  readonly #context: PosixContext;
  readonly #workloads = new Map<string, Workload>();
  /** Uids whose start is on its way. */
  readonly #starting = new Set<string>();
  /** Uids whose last start failed here. */
  readonly #failed = new Set<string>();
  readonly #failures: RecoveryFailures;
  #resolve: ((uid: string) => Resolution) | undefined;
  readonly #listeners = new Set<(event: RuntimeEvent) => void>();
  readonly #keeper: LogKeeper;
  readonly #limits: LimitWatch;
  readonly #remover = new TreeRemover(new URL("./files/remove-tree-worker.ts", import.meta.url));
  #closed: Promise<void> | undefined;

  private constructor(context: PosixContext) {
    this.#context = context;
    this.#failures = new RecoveryFailures(context.logger);
    this.#keeper = new LogKeeper({ clock: context.clock, logger: context.logger, release: punchHole });
    this.#limits = new LimitWatch(context, ({ uid, record }, limit) =>
      this.#emit({ type: "limit", uid, limit, message: limitMessage(limit, record) }),
    );
  }

  static async open(options: PosixRuntimeOptions): Promise<PosixRuntime> {
    const { dataDir, clock, logger } = options;
    requirePidfds();
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const dataId = readOrMakeDataId(dataDir);
    const files = new InstanceFiles(dataDir);
    const proofs = new RunProofs(dataDir);
    const { choice, containment } = chooseContainment(dataDir, dataId, proofs, options.cgroupRoot ?? "auto", logger);
    logger.info("workloads are held together by", { containment: containment.kind });
    const surroundings = prepareSurroundings();
    warnWithoutLauncher(logger);
    const shared = { dataId, bootId: bootId(), surroundings, unenforcedLogs: logLimits(files, logger) };
    const processes = new ProcessThread({ ...shared, dataDir, containment: choice }, logger);
    const records = new RunRecords(files);
    const protectLog = (path: string): void => processes.protectLog(path);
    const rest = { containment, processes, clock, logger, protectLog };
    return new PosixRuntime({ ...shared, files, records, proofs, ...rest });
  }

  async recover(): Promise<ProcessState[]> {
    recoverRuns(this.#context, this.#failures, (run) => this.#adopt(run));
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
    const { containment, processes, clock } = this.#context;
    const { uid } = spec;
    const memoryKillsBefore = spec.limits.memory === undefined ? 0 : containment.memoryKills(uid);
    let workload: Workload | undefined;
    this.#starting.add(uid);
    try {
      if (this.#mayHaveStrays(uid)) await endStrays(this.#context, spec);
      await processes.start(spec, clock.wall().toISOString(), {
        started: (record, pidfd) => {
          workload = makeWorkload(uid, record, stateOf(uid, record, false), { pidfd, spec, memoryKillsBefore });
          this.#workloads.set(uid, workload);
          this.#lookAfter(workload);
        },
        ended: (exit) => this.#exited(workload!, exit),
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
    const workload = this.#workloads.get(uid);
    if (number === undefined || !workload?.state.treeAlive) return false;
    return askTree(this.#context.containment, workload, number);
  }

  async kill(uid: string): Promise<void> {
    const workload = this.#workloads.get(uid);
    if (!workload?.state.treeAlive) return;
    this.#limits.stop(workload);
    await killTree(this.#context, workload);
  }

  async exec(uid: string, command: readonly string[], options: ExecOptions): Promise<ExecResult> {
    const workload = this.#workloads.get(uid);
    if (workload?.state.phase !== "running") throw new StartError("InvalidArgument", `instance ${uid} is not running`);
    return execCommand(this.#context, workload, specOfRun(workload, this.#resolve), command, options);
  }

  async usage(): Promise<Map<string, Usage>> {
    const usages = new Map<string, Usage>();
    for (const [uid, { state }] of this.#workloads) {
      if (state.treeAlive) usages.set(uid, measureTree(this.#context.containment, uid));
    }
    return usages;
  }

  async forget(uid: string): Promise<void> {
    const { containment, files } = this.#context;
    const known = this.#workloads.get(uid);
    if (known ? known.state.treeAlive : !this.#failed.has(uid) && containment.members(uid).length > 0) {
      throw new Error(`instance ${uid} can't be forgotten: something of its tree still lives`);
    }
    if (this.#mayHaveStrays(uid)) await endStrays(this.#context, { uid, label: known?.record.label ?? uid });
    this.#workloads.delete(uid);
    this.#failed.delete(uid);
    this.#failures.forget(uid);
    this.#keeper.untrack(files.logs(uid));
    containment.remove(uid);
    await this.#removeFolder(files.folder(uid));
  }

  subscribe(listener: (event: RuntimeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async runs(uid: string): Promise<RunFiles[]> {
    return this.#context.records.read(uid).map(filesOf);
  }

  /** A second call waits for the first: closing a descriptor twice could close a stranger's. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const { processes, containment } = this.#context;
    this.#listeners.clear();
    this.#keeper.close();
    this.#limits.close();
    await Promise.all([processes.close(), this.#remover.close()]);
    for (const workload of this.#workloads.values()) {
      for (const release of workload.release.splice(0)) release();
      workload.pidfd?.close();
    }
    this.#workloads.clear();
    containment.close();
  }

  async #removeFolder(folder: string): Promise<void> {
    try {
      if (!removeTree(folder, REMOVED_HERE)) await this.#remover.remove(folder);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`what is in ${folder} can't be removed: ${why}`, { cause: error });
    }
  }

  /** Of starts that failed. Where asking costs a few files it is asked in any case. */
  #mayHaveStrays(uid: string): boolean {
    if (this.#failed.has(uid)) return true;
    return this.#workloads.has(uid) && this.#context.containment.kind !== "marker";
  }

  #requireStartable({ uid, run, label }: LaunchSpec): void {
    const known = this.#workloads.get(uid);
    const isStrangers = !known && !this.#failed.has(uid); // Else strays are ours to end.
    const alive = isStrangers ? this.#context.containment.members(uid).length > 0 : known?.state.treeAlive;
    if (!isRunNumber(run)) throw new StartError("InvalidArgument", `${label}: there is no run ${run}`);
    if (this.#starting.has(uid)) throw new StartError("AlreadyRunning", `${label}: a run is being started`);
    if (alive)
      throw new StartError(
        "AlreadyRunning",
        `${label}: run ${known?.record.run ?? "of an earlier daemon"} still lives`,
      );
    if (known && run <= known.record.run) {
      throw new StartError("InvalidArgument", `${label}: run ${run} is not above the last one, ${known.record.run}`);
    }
  }

  #adopt({ uid, record, pidfd }: FoundRun): void {
    const { containment, files, processes } = this.#context;
    files.create(uid);
    const workload = makeWorkload(uid, record, stateOf(uid, record, true), {
      ...(pidfd && { pidfd }),
      memoryKillsBefore: containment.memoryKills(uid),
    });
    this.#workloads.set(uid, workload);
    for (const tree of containment.execTrees(uid)) void this.#endLeftExec(uid, tree);
    for (const log of logsOf(record)) {
      settleMove(log);
      if (pidfd) this.#context.protectLog(log);
    }
    if (pidfd) {
      processes.process(pidfd, (exit) => this.#exited(workload, exit), files.record(uid, record.run));
      this.#lookAfter(workload);
    } else this.#settle(workload);
  }

  /** A probe that an earlier daemon began: nobody waits for it any more. */
  async #endLeftExec(uid: string, tree: ExecTree): Promise<void> {
    try {
      await endExecTree(this.#context.clock, tree);
    } catch (error) {
      this.#context.logger.warn("a probe of an earlier daemon is not wholly ended", { uid, error: String(error) });
    }
  }

  /** Its logs and its limits. */
  #lookAfter(workload: Workload): void {
    setImmediate(() => this.#keepLogs(workload)); // The start itself does not wait for this.
    try {
      this.#limits.add(workload);
    } catch (error) {
      this.#context.logger.warn("nothing will be told when limits are met", {
        uid: workload.uid,
        error: String(error),
      });
    }
  }

  #keepLogs({ uid, record, state }: Workload): void {
    const { records, logger } = this.#context;
    if (this.#workloads.get(uid)?.record !== record) return;
    try {
      const onEmptied = (path: string, lost: number) =>
        this.#emit({ type: "log-emptied", uid, message: emptiedMessage(path, record, lost) });
      this.#keeper.track(logsOf(record), record.logs, onEmptied, !state.adopted);
      removeOldRuns(records, uid, record);
    } catch (error) {
      logger.warn("the logs of a run are not looked after", { instance: record.label, error: String(error) });
    }
  }

  #exited(workload: Workload, seen: ExitStatus): void {
    const { uid, record } = workload;
    const exit: ExitStatus = this.#diedOfMemory(workload, seen) ? { ...seen, outOfMemory: true } : seen;
    if (exit.outOfMemory) this.#context.records.ended(uid, record.run, exit);
    record.exit = exit;
    this.#limits.look(workload);
    workload.pidfd?.close();
    delete workload.pidfd;
    for (const release of workload.release.splice(0)) release();
    workload.state = { ...workload.state, phase: "exited", exit };
    this.#settle(workload, () => this.#emit({ type: "exited", uid, run: record.run, exit }));
  }

  /** Looks whether anything of the tree is left, tells of the exit (`first`), and then, now or later, of the end of the tree. */
  #settle(workload: Workload, first?: () => void): void {
    const { files } = this.#context;
    const { uid, record } = workload;
    let now = true;
    const treeEnded = (): void => {
      workload.state = { ...workload.state, treeAlive: false };
      if (now) first?.();
      workload.endTree();
      this.#keeper.ended(files.logs(uid));
      this.#emit({ type: "tree-ended", uid, run: record.run });
    };
    const waiting = watchTree(this.#context, uid, workload.release, treeEnded);
    now = false;
    if (waiting) first?.();
  }

  #diedOfMemory({ uid, record, memoryKillsBefore }: Workload, exit: ExitStatus): boolean {
    if (record.limits.memory === undefined || exit.signal !== "SIGKILL") return false;
    return this.#context.containment.memoryKills(uid) > memoryKillsBefore;
  }

  #emit(event: RuntimeEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

function stateOf(uid: string, record: RunRecord, adopted: boolean): ProcessState {
  return {
    uid,
    label: record.label,
    run: record.run,
    pid: record.pid ?? 0,
    creationTime: record.creationTime ?? "",
    startedAt: record.startedAt,
    phase: record.exit ? "exited" : "running",
    ...(record.exit && { exit: record.exit }),
    treeAlive: true,
    adopted,
    account: accountText(record),
    limits: record.limits,
    unenforced: record.unenforced,
  };
}

/** Of those that the daemon gives itself the number is the name. */
const accountText = ({ account, accountId }: RunRecord): string =>
  account === undefined
    ? `${ownAccount().name}, as the daemon itself`
    : `${account}${accountId === undefined ? "" : ` (uid ${accountId})`}`;

function limitMessage(limit: "memory" | "processes", { label, limits }: RunRecord): string {
  return limit === "memory"
    ? `${label}: the system ended a process of the tree because it reached its memory limit of ${limits.memory} bytes`
    : `${label}: a new process was refused because the tree reached its limit of ${limits.processes}`;
}

/** Without them a signal could reach a stranger, so there is no way around. */
function requirePidfds(): void {
  try {
    Pidfd.open(process.pid)?.close();
  } catch (error) {
    throw new Error("the posix runtime needs Linux 5.4 or newer, and a sandbox that allows pidfd_open", {
      cause: error,
    });
  }
}

function warnWithoutLauncher(logger: Logger): void {
  const launcher = openLauncher();
  if (!(launcher instanceof Error)) return;
  const lost = "other accounts are refused, and workloads inherit the daemon's limit of open files and its nice value";
  logger.warn(`programs are started without a launcher: ${lost}`, { reason: launcher.message });
}

function logLimits(files: InstanceFiles, logger: Logger): Unenforced[] {
  const reason = whyNotPunchable(files.root);
  if (reason === undefined) return [];
  logger.warn("logs.maxSize is not enforced", { reason });
  return [{ field: "logs.maxSize", reason }];
}
