import { readdirSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { namesIn } from "../../../lib/names-in.ts";
import { type Identity, identityIn } from "../../runs/environment.ts";
import { WaitBudget } from "./wait-budget.ts";

/** What `/proc` shows of a process; see proc_pid_stat(5). */
export interface ProcStat {
  pid: number;
  /** The state of the first thread alone: see `isAlive`. */
  state: string;
  /** Of the process that started it, or of who has adopted it. */
  parent: number;
  /** As it calls itself: up to 15 characters of any kind. */
  name: string;
  session: number;
  /** Threads of the whole process; one that has ended and is not reaped yet counts as 1. */
  threads: number;
  kernelThread: boolean;
  /** The first thread is past its last instruction. It may be held there for long (by a file system that does not answer). */
  exiting: boolean;
  /** Processor seconds, including those of its reaped children. */
  cpuSeconds: number;
  /** Clock ticks after boot; with the boot id an exact creation time. */
  startTicks: string;
  residentPages: number;
  /** False in the middle of an exec, and for processes that we may not look into: then nobody can say yet where its environment lies. */
  hasEnvironment: boolean;
  /** As waitid gives it; 0 unless the process is a zombie that we may look into. */
  exitCode: number;
}

const PF_EXITING = 0x4;
const PF_KTHREAD = 0x0020_0000;
const TICKS_PER_SECOND = 100; // USER_HZ is 100 on every architecture Node runs on.

export function readStat(pid: number): ProcStat | undefined {
  for (let tries = 0; tries < EXEC_TRIES; tries++) {
    const text = readOrNothing(`/proc/${pid}/stat`);
    const stat = text === undefined ? undefined : parseStat(text);
    // There is no thread: this one was released while we looked, and in an exec another may have taken its number.
    if (stat?.threads !== 0) return stat;
  }
  return undefined;
}

/**
 * Whether a process lives. "Z" says only that its first thread has ended, which a program may do while its others live on: it is then as alive as
 * any. With a pidfd, ask that instead.
 */
export function isAlive(stat: ProcStat | undefined): boolean {
  return stat !== undefined && (stat.threads > 1 || !(stat.state === "Z" || stat.state === "X"));
}

/** The name may contain spaces and brackets: fields are counted from the last ")". */
export function parseStat(text: string): ProcStat | undefined {
  const close = text.lastIndexOf(")");
  const fields = text
    .slice(close + 2)
    .trimEnd()
    .split(" ");
  const number = (field: number): number => Number(fields[field - 3] ?? 0);
  const state = fields[0];
  const startTicks = fields[22 - 3];
  if (close === -1 || !state || !startTicks) return undefined;
  return {
    pid: Number.parseInt(text, 10),
    state,
    parent: number(4),
    name: text.slice(text.indexOf("(") + 1, close),
    session: number(6),
    threads: number(20),
    kernelThread: (number(9) & PF_KTHREAD) !== 0,
    exiting: (number(9) & PF_EXITING) !== 0,
    cpuSeconds: (number(14) + number(15) + number(16) + number(17)) / TICKS_PER_SECOND,
    startTicks,
    residentPages: number(24),
    hasEnvironment: number(51) !== 0,
    exitCode: number(52),
  };
}

/**
 * The claim in its environment: anybody can start a process with such variables, and change them while it runs. Undefined when it ended, when another
 * user owns it, or when it claims nothing.
 */
export function readIdentity(pid: number): Identity | undefined {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let tries = 0, isSettled = false; tries < EXEC_TRIES; tries++) {
    const block = environmentBlock(pid);
    if (block === undefined) return undefined;
    if (block !== "") return block.includes("WCTL_DATA_ID=") ? identityIn(block) : undefined;
    const stat = readStat(pid);
    if (isSettled || !stat || !isAlive(stat) || stat.kernelThread || stat.exiting) return undefined;
    isSettled = stat.hasEnvironment; // then one look more: it may have become so after the first
    if (isSettled) continue;
    if (!waitBudget.take(readUsers(pid)?.[0] ?? 0)) return undefined;
    Atomics.wait(pause, 0, 0, 1);
  }
  return undefined;
}

/** In the middle of an exec a process shows no environment: for some 100 us; on a busy machine for as long as it waits for a processor. */
const EXEC_TRIES = 500;
const waitBudget = new WaitBudget();

function environmentBlock(pid: number): string | undefined {
  const block = readOrNothing(`/proc/${pid}/environ`);
  return block || (readOfOtherThread(pid, "environ") ?? block);
}

/**
 * The content of `/proc/PID/FILE` before the first thread ended: an ended first thread shows no environment and no group any more, the others do.
 * Undefined when the first thread lives, or no thread does.
 */
export function readOfOtherThread(pid: number, file: string): string | undefined {
  const stat = readStat(pid);
  if (stat?.state !== "Z" || !isAlive(stat)) return undefined;
  for (const thread of otherThreads(pid)) {
    const text = readOrNothing(`/proc/${pid}/task/${thread}/${file}`);
    if (text) return text;
  }
  return undefined;
}

/** All but the first. Empty when the process has ended. */
export function otherThreads(pid: number): number[] {
  return namesIn(`/proc/${pid}/task`)
    .map(Number)
    .filter((thread) => thread !== pid);
}

/** The environment a process was started with; undefined when it can't be read. */
export function readEnvironment(pid: number): string[] | undefined {
  return environmentBlock(pid)
    ?.split("\0")
    .filter((entry) => entry !== "");
}

export function allPids(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** The pid that the system gave out last; proc_loadavg(5). */
export function lastPid(): number {
  return Number(readFileSync("/proc/loadavg", "utf8").trimEnd().split(" ").at(-1));
}

/** The pids after `from`, up to `to`. When pids began again from the bottom meanwhile: all that exist. */
export function pidsBetween(from: number, to: number): number[] {
  return to >= from ? Array.from({ length: to - from }, (_, index) => from + 1 + index) : allPids();
}

/** Real, effective and saved user of a process, as the kernel counts; undefined when it has ended. */
export function readUsers(pid: number): readonly number[] | undefined {
  const line = /^Uid:\t(\d+)\t(\d+)\t(\d+)/m.exec(readOrNothing(`/proc/${pid}/status`) ?? "");
  return line?.slice(1).map(Number);
}

/** `startTicks` of a process that would start now; proc_uptime(5). */
export function ticksNow(): string {
  const seconds = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]);
  return String(Math.floor(seconds * TICKS_PER_SECOND));
}

export function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}

/** `SIGTERM` for 15; a real-time signal is named by its number. */
export function signalName(number: number): string {
  for (const [name, value] of Object.entries(constants.signals)) if (value === number) return name;
  return `SIG${number}`;
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
}
