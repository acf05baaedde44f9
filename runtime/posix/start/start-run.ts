import { constants } from "node:os";
import { tolerate } from "../../context.ts";
import { withoutDefaults } from "../../default-limits.ts";
import type { Copy } from "../../homes/copy.ts";
import { removeRun } from "../../logs/remove-runs.ts";
import { enterHome } from "../../runs/enter-home.ts";
import { placeLogs } from "../../runs/place-logs.ts";
import { logsOf, type RunIntent, type RunRecord } from "../../runs/run-record.ts";
import type { LaunchSpec, StartError, Unenforced } from "../../runtime.ts";
import { unenforcedRunAs } from "../accounts/run-as.ts";
import { openOutput } from "../files/output-files.ts";
import type { ExecOutcome } from "../launcher/launcher.ts";
import { creationTime } from "../process/creation-time.ts";
import { type Attempt, explainFailure } from "../process/image.ts";
import { killAndReap } from "../process/kill-and-reap.ts";
import { Pidfd } from "../process/pidfd.ts";
import { type ProcStat, readStat, ticksNow } from "../process/proc.ts";
import { applyPriority, niceOf, withAffinity } from "../process/scheduling.ts";
import { shareOutput } from "../process/share-output.ts";
import { type Spawned, spawn } from "../process/spawn.ts";
import { signalMembers } from "../tree/signal-tree.ts";
import { accountIdOf, type Launch, prepareLaunch } from "./launch.ts";
import type { LaunchContext, StartContext } from "./start-context.ts";
import { writeFiles } from "./write-files.ts";

export interface StartedRun {
  record: RunRecord;
  pidfd: Pidfd;
  /** Absent: it has begun. */
  execOutcome?: ExecOutcome;
  attempt: Attempt;
}

/**
 * Records the intent, starts the process, records the start. If the daemon is killed before it starts the process, nothing runs and the number may be
 * used again. If it is killed between the start and its record, the group and the marker show the process. A start that fails leaves nothing behind:
 * it ends a process that it can't hold or can't watch (`watch` throws). Throws `StartError`.
 */
export function startRun(
  context: StartContext,
  spec: LaunchSpec,
  startedAt: string,
  watch: (spawned: Pick<StartedRun, "pidfd" | "execOutcome">) => void,
): StartedRun {
  const copy = enterHome(context, spec.uid, spec.copy, startedAt);
  const launch = prepareLaunch(spec, context, copy);
  writeFiles(context.files, spec, launch.account);
  const intent = intentOf(context, spec, copy, launch, startedAt);
  tolerate(context, spec.uid, () => context.records.begin(spec.uid, intent));
  let run: SpawnedRun;
  try {
    run = act(context, spec, launch, intent, watch);
  } catch (error) {
    abandon(context, spec.uid, intent);
    throw explainFailure(error, launch);
  }
  const { pidfd, execOutcome, startTicks, unenforced } = run;
  const started = {
    pid: pidfd.pid,
    creationTime: creationTime(context.bootId, startTicks),
    unenforced: withoutDefaults(spec, [
      ...intent.unenforced,
      ...unenforced,
      ...applyPriority(pidfd.pid, spec.priorityClass),
    ]),
  };
  tolerate(context, spec.uid, () => context.records.started(spec.uid, spec.run, started));
  return { record: { ...intent, ...started }, pidfd, ...(execOutcome && { execOutcome }), attempt: launch };
}

/** Undoes a run that was spawned, but did not become its program or can't be watched. Returns the `StartError`. */
export function undoStart(context: StartContext, uid: string, run: StartedRun, failure: unknown): StartError {
  const { record, pidfd, execOutcome, attempt } = run;
  execOutcome?.close();
  endSpawned(context, uid, pidfd.pid);
  pidfd.close();
  abandon(context, uid, record);
  return explainFailure(failure, attempt);
}

interface SpawnedRun {
  pidfd: Pidfd;
  execOutcome?: ExecOutcome;
  startTicks: string;
  unenforced: Unenforced[];
}

function act(
  context: LaunchContext,
  spec: LaunchSpec,
  launch: Launch,
  intent: RunIntent,
  watch: (spawned: Pick<StartedRun, "pidfd" | "execOutcome">) => void,
): SpawnedRun {
  const output = openOutput(intent.stdout, intent.stderr);
  if (output.problem) {
    context.logger.warn("the output of this run is lost: its file could not be made", {
      instance: spec.label,
      error: String(output.problem),
    });
  }
  let spawned: Spawned | undefined;
  let pidfd: Pidfd | undefined;
  const nice = niceOf(spec.priorityClass, context.attributes.nice);
  if (!output.problem) for (const log of logsOf(intent)) context.protectLog(log);
  try {
    if (!output.problem) shareOutput([output.stdout, output.stderr], launch.credentials);
    const { value, unenforced } = withAffinity(spec.affinity, () =>
      context.containment.spawnInto(spec.uid, spec.limits, (placement) => {
        spawned = spawn({
          ...launch,
          attributes: { ...context.attributes, ...(nice !== undefined && { nice }) },
          stdout: output.stdout,
          stderr: output.stderr,
          placement,
        });
        return spawned.pid;
      }),
    );
    pidfd = Pidfd.open(value.pid)!; // Our own child: its number can't be another's before the watcher has reaped it.
    const { startTicks } = requireStat(value.pid);
    const held = { pidfd, ...(spawned?.execOutcome && { execOutcome: spawned.execOutcome }) };
    watch(held);
    return { ...held, startTicks, unenforced: [...value.unenforced, ...unenforced] };
  } catch (error) {
    pidfd?.close();
    spawned?.execOutcome?.close();
    if (spawned) endSpawned(context, spec.uid, spawned.pid);
    throw error;
  } finally {
    output.close();
  }
}

/** Ends the process and, as far as possible, what it has forked by now. The next start looks again. */
function endSpawned({ containment }: LaunchContext, uid: string, pid: number): void {
  killAndReap(pid);
  try {
    containment.fence(uid);
    signalMembers(containment, uid, constants.signals.SIGKILL);
    containment.unfence(uid);
  } catch {
    // No descriptor is left to find its children with.
  }
}

/** Without its start time no later daemon would recognize it. */
function requireStat(pid: number): ProcStat {
  const stat = readStat(pid);
  if (!stat) throw new Error(`/proc/${pid}/stat can't be read`);
  return stat;
}

function intentOf(context: LaunchContext, spec: LaunchSpec, copy: Copy, launch: Launch, startedAt: string): RunIntent {
  return {
    run: spec.run,
    label: spec.label,
    ...(spec.revision !== undefined && { revision: spec.revision }),
    ...(spec.given !== undefined && { given: spec.given }),
    startedAt,
    workingDir: launch.workingDir,
    accountId: accountIdOf(launch.account),
    notBefore: creationTime(context.bootId, ticksNow()),
    ...(spec.runAs?.account !== undefined && { account: spec.runAs.account }),
    ...(spec.once && { once: true }),
    limits: spec.limits,
    logs: spec.logs,
    ...placeLogs(context.files.homes, copy, spec.logs),
    unenforced: [
      ...context.containment.unenforced(spec.limits),
      ...unenforcedRunAs(spec.runAs),
      ...context.unenforcedLogs,
    ],
  };
}

function abandon(context: LaunchContext, uid: string, intent: RunIntent): void {
  removeRun(context.records, uid, intent);
  if (context.records.runs(uid).length > 0) return;
  try {
    context.containment.remove(uid);
  } catch {
    // Something is in it: the next start ends that.
  }
}
