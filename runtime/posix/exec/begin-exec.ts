import { randomBytes } from "node:crypto";
import { constants } from "node:os";
import { withVariables } from "../../runs/environment.ts";
import type { RunRecord } from "../../runs/run-record.ts";
import type { ExitStatus, LaunchSpec } from "../../runtime.ts";
import { StartError } from "../../runtime.ts";
import type { Account } from "../accounts/account.ts";
import { credentialsOf } from "../accounts/run-as.ts";
import type { ExecTree } from "../containment/exec-tree.ts";
import type { PosixContext } from "../context.ts";
import type { Credentials } from "../launcher/launch-calls.ts";
import type { ExecOutcome } from "../launcher/launcher.ts";
import { type Attempt, explainFailure, resolveImage } from "../process/image.ts";
import { killAndReap } from "../process/kill-and-reap.ts";
import { Pidfd } from "../process/pidfd.ts";
import { type Spawned, type SpawnRequest, spawn } from "../process/spawn.ts";
import { accountOfRun } from "../start/account-of-run.ts";
import { environmentOf } from "../start/launch.ts";
import { endExecTree } from "../tree/end-exec-tree.ts";
import { sendThrough } from "../tree/signal-tree.ts";
import type { PosixWorkload } from "../workload.ts";

/** Marks the environment of a command and of all it starts, so that its tree can be told from the workload's. */
const EXEC_VARIABLE = "WCTL_EXEC";

let lastExec = 0;

export interface ExecStreams extends Pick<SpawnRequest, "stdin" | "stdout" | "stderr"> {
  /** Lets the program, which runs with these rights, open them again. */
  share(credentials: Credentials | undefined): void;
}

/** A command that was started beside a workload. */
export interface ExecRun {
  readonly exited: Promise<ExitStatus>;
  /** Ends the command itself; `endTree` ends the rest. */
  kill(): void;
  /** Ends the command and what it left behind, since a probe may run every second for years. Never rejects; what survives a second is logged. */
  endTree(): Promise<void>;
  /** Why it never became its program. To be asked when it has ended. */
  refusal(): StartError | undefined;
  close(): void;
}

/** Starts a command beside the workload: in its group, with its account, environment and working directory. Rejects with StartError; then nothing is left. */
export async function beginExec(
  context: PosixContext,
  workload: PosixWorkload,
  { spec, command, env }: { spec: LaunchSpec; command: readonly string[]; env: Readonly<Record<string, string>> },
  streams: ExecStreams,
): Promise<ExecRun> {
  const { record } = workload;
  const mark = `${EXEC_VARIABLE}=${context.dataId}-${randomBytes(8).toString("hex")}`;
  const tree = context.containment.execTree(workload.uid, `exec-${process.pid}-${++lastExec}`, mark);
  const endTree = (): Promise<void> =>
    endExecTree(context, tree, "a command beside a workload is not wholly ended", { instance: record.label });
  const { promise: exited, resolve: end } = Promise.withResolvers<ExitStatus>();
  try {
    const launch = prepare(context, record, { spec, command, env, mark });
    const { pidfd, execOutcome } = act(context, launch, tree, streams, end);
    return {
      exited,
      kill: () => void sendThrough(pidfd, constants.signals.SIGKILL),
      endTree,
      refusal: () => refusalOf(execOutcome, launch),
      close: () => {
        execOutcome?.close();
        void exited.then(() => pidfd.close()); // It is watched until then.
      },
    };
  } catch (error) {
    await endTree();
    throw error;
  }
}

type Launch = Attempt & Pick<SpawnRequest, "argv" | "env"> & { account: Account };

function prepare(
  context: PosixContext,
  record: RunRecord,
  what: { spec: LaunchSpec; command: readonly string[]; env: Readonly<Record<string, string>>; mark: string },
): Launch {
  const [name = "", ...args] = what.command;
  if (args.some((arg) => arg.includes("\0")))
    throw new StartError("InvalidArgument", "the command contains a NUL character");
  const image = resolveImage(name);
  const account = accountOfRun(record);
  const home = context.files.work(what.spec.uid);
  const env = [...withVariables(environmentOf(what.spec, account, context, home), what.env), what.mark];
  const { workingDir } = record;
  const isOwnFolder = workingDir === home;
  return { image, argv: [name, ...args], env, account, workingDir, isOwnFolder };
}

function act(
  context: PosixContext,
  launch: Launch,
  tree: ExecTree,
  { share, ...streams }: ExecStreams,
  end: (exit: ExitStatus) => void,
): { pidfd: Pidfd; execOutcome: ExecOutcome | undefined } {
  const { image, argv, env, account, workingDir, isOwnFolder } = launch;
  const credentials = credentialsOf(account);
  let spawned: Spawned | undefined;
  let pidfd: Pidfd | undefined;
  try {
    share(credentials);
    tree.join((placement) => {
      spawned = spawn({
        image,
        argv,
        ...(credentials && { credentials }),
        attributes: context.attributes,
        env,
        workingDir,
        isOwnFolder,
        ...streams,
        placement,
      });
      return spawned.pid;
    });
    const { pid, execOutcome } = spawned!;
    pidfd = Pidfd.open(pid)!;
    context.processes.process(pidfd, end);
    return { pidfd, execOutcome };
  } catch (error) {
    pidfd?.close();
    spawned?.execOutcome?.close();
    if (spawned) killAndReap(spawned.pid);
    throw explainFailure(error, launch);
  }
}

function refusalOf(execOutcome: ExecOutcome | undefined, attempt: Attempt): StartError | undefined {
  const answer = execOutcome?.answer();
  return answer instanceof Error ? explainFailure(answer, attempt) : undefined;
}
