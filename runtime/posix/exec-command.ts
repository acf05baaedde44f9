import { closeSync } from "node:fs";
import { Socket } from "node:net";
import { sleep } from "../../lib/clock.ts";
import type { ExecOptions, ExecResult, ExitStatus } from "../runtime.ts";
import { StartError } from "../runtime.ts";
import { credentialsOf, resolveAccount } from "./accounts/run-as.ts";
import type { PosixContext } from "./context.ts";
import { O_CLOEXEC } from "./ffi/layout.ts";
import { errno, pipe2 } from "./ffi/libc.ts";
import { environmentOf } from "./launch.ts";
import { explainFailure, resolveImage } from "./process/image.ts";
import { Pidfd } from "./process/pidfd.ts";
import { allPids, isAlive, readEnvironment, readStat } from "./process/proc.ts";
import { shareOutput } from "./process/share-output.ts";
import { spawn } from "./process/spawn.ts";
import { systemError } from "./system-error.ts";
import type { Workload } from "./workload.ts";

const SIGKILL = 9;
/** In the environment of a probe or hook and of all it starts, so that its tree can be told from the workload's. */
const EXEC_VARIABLE = "WCTL_EXEC";
/** Output that a left-over grandchild might still write is not waited for. */
const DRAIN_MS = 100;

let lastExec = 0;

/** Runs beside the workload: in its group, with its account, environment and working directory. */
export async function execCommand(
  context: PosixContext,
  workload: Workload,
  command: readonly string[],
  options: ExecOptions,
): Promise<ExecResult> {
  const mark = `${EXEC_VARIABLE}=${context.dataId}-${process.pid}-${++lastExec}`;
  const pipe = openPipe();
  const output = collect(pipe.read, options.maxOutput);
  let pidfd: Pidfd;
  try {
    pidfd = begin(context, workload, command, options, mark, pipe.write);
  } catch (error) {
    output.abandon();
    throw error;
  } finally {
    closeSync(pipe.write);
  }
  const exited = new Promise<ExitStatus>((resolve) => context.processes.process(pidfd, resolve));
  const timer = new AbortController();
  const timeout = sleep(context.clock, options.timeoutMs, timer.signal).catch(() => undefined);
  try {
    const exit = await Promise.race([exited, timeout]);
    if (!exit) await killMarked(context, mark, pidfd, exited);
    await Promise.race([output.ended, sleep(context.clock, DRAIN_MS)]);
    return {
      ...(exit?.code !== undefined && { code: exit.code }),
      timedOut: exit === undefined,
      output: output.text(),
    };
  } finally {
    timer.abort();
    output.abandon();
    pidfd.close();
  }
}

function begin(
  context: PosixContext,
  workload: Workload,
  command: readonly string[],
  options: ExecOptions,
  mark: string,
  output: number,
): Pidfd {
  const { record, uid } = workload;
  const [name = "", ...args] = command;
  if (args.some((arg) => arg.includes("\0")))
    throw new StartError("InvalidArgument", "the command contains a NUL character");
  const image = resolveImage(name);
  const account = resolveAccount(record.account === undefined ? undefined : { account: record.account });
  const credentials = credentialsOf(account);
  const env = [...merge(runEnvironment(context, workload), options.env ?? {}), mark];
  try {
    shareOutput([output], credentials);
    const pid = context.containment.join(uid, (cgroup) =>
      spawn({
        image,
        argv: [name, ...args],
        ...(credentials && { credentials }),
        surroundings: context.surroundings,
        env,
        workingDir: record.workingDir,
        stdout: output,
        stderr: output,
        ...(cgroup !== undefined && { cgroup }),
      }),
    );
    return Pidfd.open(pid)!;
  } catch (error) {
    throw explainFailure(error, { image, workingDir: record.workingDir, account });
  }
}

/** Of an adopted run the environment is read from the process itself, so secrets are never on our disk. */
function runEnvironment(context: PosixContext, workload: Workload): readonly string[] {
  const { spec, state } = workload;
  if (spec) return environmentOf(spec, resolveAccount(spec.runAs), context.dataId);
  const env = readEnvironment(state.pid);
  if (env) return env;
  throw new StartError("SystemError", `the environment of process ${state.pid} can't be read`);
}

function merge(env: readonly string[], more: Readonly<Record<string, string>>): string[] {
  const names = new Set(Object.keys(more));
  const kept = env.filter((entry) => !names.has(entry.slice(0, entry.indexOf("="))));
  return [...kept, ...Object.entries(more).map(([name, value]) => `${name}=${value}`)];
}

/** Kills by mark until none is left, so a probe that forks away is ended as well. */
async function killMarked(context: PosixContext, mark: string, main: Pidfd, exited: Promise<unknown>): Promise<void> {
  for (let round = 0; round < 50; round++) {
    main.signal(SIGKILL);
    const others = allPids().filter((pid) => carries(pid, mark));
    for (const pid of others) killIf(pid, () => carries(pid, mark));
    if (others.length === 0) break;
    await sleep(context.clock, 10);
  }
  await exited;
}

function killIf(pid: number, check: () => boolean): void {
  const pidfd = Pidfd.open(pid);
  try {
    if (pidfd && check()) pidfd.signal(SIGKILL);
  } finally {
    pidfd?.close();
  }
}

function carries(pid: number, mark: string): boolean {
  return readEnvironment(pid)?.includes(mark) === true && isAlive(readStat(pid));
}

function openPipe(): { read: number; write: number } {
  const fds = [0, 0];
  if (pipe2(fds, O_CLOEXEC) !== 0) throw systemError("pipe2", errno());
  return { read: fds[0]!, write: fds[1]! };
}

/** Keeps the first bytes and reads on without storing, so the program is never blocked by a full pipe. */
function collect(fd: number, maxOutput: number): { ended: Promise<void>; text(): string; abandon(): void } {
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
  const ended = new Promise<void>((resolve) => {
    socket.once("close", () => resolve());
    socket.once("error", () => resolve());
  });
  return {
    ended,
    text: () => Buffer.concat(chunks).toString("utf8") + (dropped > 0 ? `\n[${dropped} more bytes]` : ""),
    abandon: () => socket.destroy(),
  };
}
