import { randomBytes } from "node:crypto";
import { closeSync } from "node:fs";
import { Socket } from "node:net";
import { constants } from "node:os";
import { setImmediate } from "node:timers/promises";
import { sleep } from "../../../lib/clock.ts";
import { withVariables } from "../../runs/environment.ts";
import type { RunRecord } from "../../runs/run-records.ts";
import type { ExecOptions, ExecResult, ExitStatus, LaunchSpec } from "../../runtime.ts";
import { StartError } from "../../runtime.ts";
import type { Account } from "../accounts/account.ts";
import { dynamicAccount } from "../accounts/dynamic-users.ts";
import { credentialsOf, resolveAccount } from "../accounts/run-as.ts";
import type { ExecTree } from "../containment/exec-tree.ts";
import type { PosixContext } from "../context.ts";
import { O_CLOEXEC } from "../ffi/layout.ts";
import { errno, pipe2 } from "../ffi/libc.ts";
import type { ExecOutcome } from "../launcher/launcher.ts";
import { type Attempt, explainFailure, resolveImage } from "../process/image.ts";
import { killAndReap } from "../process/kill-and-reap.ts";
import { Pidfd } from "../process/pidfd.ts";
import { shareOutput } from "../process/share-output.ts";
import { type Spawned, spawn } from "../process/spawn.ts";
import { accountIdOf, environmentOf } from "../start/launch.ts";
import { systemError } from "../system-error.ts";
import { endExecTree } from "../tree/end-exec-tree.ts";
import { sendThrough } from "../tree/signal-tree.ts";
import type { PosixWorkload } from "../workload.ts";

/** Marks the environment of a probe or hook and of all it starts, so that its tree can be told from the workload's. */
const EXEC_VARIABLE = "WCTL_EXEC";

let lastExec = 0;

/** Runs a command beside the workload: in its group, with its account, environment and working directory. */
export async function execCommand(
  context: PosixContext,
  workload: PosixWorkload,
  spec: LaunchSpec,
  command: readonly string[],
  options: ExecOptions,
): Promise<ExecResult> {
  const mark = `${EXEC_VARIABLE}=${context.dataId}-${randomBytes(8).toString("hex")}`;
  const tree = context.containment.execTree(workload.uid, `exec-${process.pid}-${++lastExec}`, mark);
  const pipe = openPipe();
  const output = collect(pipe.read, options.maxOutput);
  let begun: Begun;
  const { promise: exited, resolve: end } = Promise.withResolvers<ExitStatus>();
  try {
    begun = begin(context, workload, spec, command, options, mark, pipe.write, tree, end);
  } catch (error) {
    output.abandon();
    await endQuietly(context, workload, tree);
    throw error;
  } finally {
    closeSync(pipe.write);
  }
  const { pidfd } = begun;
  const timer = new AbortController();
  const timeout = sleep(context.clock, options.timeoutMs, timer.signal).catch(() => undefined);
  try {
    const exit = await Promise.race([exited, timeout]);
    if (!exit) sendThrough(pidfd, constants.signals.SIGKILL);
    await endQuietly(context, workload, tree);
    const refused = begun.refusal();
    if (refused) throw refused;
    await output.drained();
    return {
      ...(exit?.code !== undefined && { code: exit.code }),
      timedOut: exit === undefined,
      output: output.text(),
    };
  } finally {
    timer.abort();
    output.abandon();
    begun.close();
    void exited.then(() => pidfd.close()); // It is watched until then.
  }
}

interface Begun {
  pidfd: Pidfd;
  /** Why it never became its program. Call it when the process has ended. */
  refusal(): StartError | undefined;
  /** Closes the launcher's report. The pidfd stays open: it is watched until the process ends, and whoever waits for that closes it. */
  close(): void;
}

function begin(
  context: PosixContext,
  workload: PosixWorkload,
  spec: LaunchSpec,
  command: readonly string[],
  options: ExecOptions,
  mark: string,
  output: number,
  tree: ExecTree,
  end: (exit: ExitStatus) => void,
): Begun {
  const { record } = workload;
  const [name = "", ...args] = command;
  if (args.some((arg) => arg.includes("\0")))
    throw new StartError("InvalidArgument", "the command contains a NUL character");
  const image = resolveImage(name);
  const account = accountOf(record);
  const credentials = credentialsOf(account);
  const env = [...withVariables(environmentOf(spec, account, context), options.env ?? {}), mark];
  const attempt = { image, workingDir: record.workingDir, account };
  let spawned: Spawned | undefined;
  let pidfd: Pidfd | undefined;
  try {
    shareOutput([output], credentials);
    tree.join((cgroup) => {
      spawned = spawn({
        image,
        argv: [name, ...args],
        ...(credentials && { credentials }),
        attributes: context.attributes,
        env,
        workingDir: record.workingDir,
        stdout: output,
        stderr: output,
        ...(cgroup !== undefined && { cgroup }),
      });
      return spawned.pid;
    });
    const { pid, execOutcome } = spawned!;
    pidfd = Pidfd.open(pid)!;
    context.processes.process(pidfd, end);
    return { pidfd, refusal: () => refusalOf(execOutcome, attempt), close: () => execOutcome?.close() };
  } catch (error) {
    pidfd?.close();
    spawned?.execOutcome?.close();
    if (spawned) killAndReap(spawned.pid);
    throw explainFailure(error, attempt);
  }
}

function refusalOf(execOutcome: ExecOutcome | undefined, attempt: Attempt): StartError | undefined {
  const answer = execOutcome?.answer();
  return answer instanceof Error ? explainFailure(answer, attempt) : undefined;
}

/** The account that the run was started with. Throws where its record does not tell it, or where the name belongs to another account now (P22). */
function accountOf({ label, run, account: name, accountId }: RunRecord): Account {
  const runAs = name === undefined ? undefined : { account: name };
  const account = accountId === undefined ? undefined : resolveAccount(runAs, () => dynamicAccount(Number(accountId)));
  if (account && accountIdOf(account) === accountId) return account;
  const why = account
    ? `it was started as ${accountId}, and ${account.name} is ${accountIdOf(account)} now`
    : "its record does not tell its account";
  throw new StartError(
    "AccountNotAllowed",
    `${label}: nothing can be run beside run ${run}: ${why}; it can from its next start on`,
  );
}

/** Ends what the command left behind, since a probe may run every second for years. The result is returned in any case. */
function endQuietly(context: PosixContext, { record }: PosixWorkload, tree: ExecTree): Promise<void> {
  return endExecTree(context, tree, "a probe or hook is not wholly ended", { instance: record.label });
}

function openPipe(): { read: number; write: number } {
  const fds = [0, 0];
  if (pipe2(fds, O_CLOEXEC) !== 0) throw systemError("pipe2", errno());
  return { read: fds[0]!, write: fds[1]! };
}

/** Keeps the first bytes, and reads on without storing, so that a full pipe never blocks the program. */
function collect(fd: number, maxOutput: number): { drained(): Promise<void>; text(): string; abandon(): void } {
  const socket = new Socket({ fd, readable: true, writable: false });
  const chunks: Buffer[] = [];
  let kept = 0;
  let dropped = 0;
  socket.on("data", (chunk: Buffer) => {
    const part = chunk.subarray(0, Math.max(0, maxOutput - kept));
    kept += part.length;
    dropped += chunk.length - part.length;
    if (part.length > 0) chunks.push(part);
  });
  socket.on("error", () => {});
  return {
    /**
     * Resolves when everything printed until now has been read: the event loop reads all of it in its next turn. Does not wait for processes that
     * still write.
     */
    drained: async () => {
      await setImmediate();
      await setImmediate();
    },
    text: () => Buffer.concat(chunks).toString("utf8") + (dropped > 0 ? `\n[${dropped} more bytes]` : ""),
    abandon: () => socket.destroy(),
  };
}
