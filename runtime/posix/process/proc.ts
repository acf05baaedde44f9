import { readdirSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { type Identity, identityIn } from "../../environment.ts";

/** What `/proc` shows of a process; see proc_pid_stat(5). */
export interface ProcStat {
  pid: number;
  state: string;
  session: number;
  kernelThread: boolean;
  /** Processor seconds, its reaped children included. */
  cpuSeconds: number;
  /** Clock ticks after boot: with the boot id an exact creation time. */
  startTicks: string;
  residentPages: number;
  /** False in the middle of an exec, and for who may not look: where its environment lies is not known yet. */
  hasEnvironment: boolean;
  /** As waitid gives it; 0 unless the process is a zombie and we may look. */
  exitCode: number;
}

const PF_KTHREAD = 0x0020_0000;
const TICKS_PER_SECOND = 100; // USER_HZ is 100 on every architecture Node runs on.

export function readStat(pid: number): ProcStat | undefined {
  const text = readOrNothing(`/proc/${pid}/stat`);
  return text === undefined ? undefined : parseStat(text);
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
    session: number(6),
    kernelThread: (number(9) & PF_KTHREAD) !== 0,
    cpuSeconds: (number(14) + number(15) + number(16) + number(17)) / TICKS_PER_SECOND,
    startTicks,
    residentPages: number(24),
    hasEnvironment: number(51) !== 0,
    exitCode: number(52),
  };
}

/** Undefined when it ended, when another user owns it, or when it carries no marker of ours. */
export function readIdentity(pid: number): Identity | undefined {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let tries = 0, isSettled = false; tries < EXEC_TRIES; tries++) {
    const block = readOrNothing(`/proc/${pid}/environ`);
    if (block === undefined) return undefined;
    if (block !== "") return block.includes("WCTL_DATA_ID=") ? identityIn(block) : undefined;
    const stat = readStat(pid);
    if (isSettled || !stat || stat.state === "Z" || stat.kernelThread) return undefined;
    isSettled = stat.hasEnvironment; // then one look more: it may have become so after the first
    if (!isSettled) Atomics.wait(pause, 0, 0, 1);
  }
  return undefined;
}

/** In the middle of an exec a process shows no environment: for some 100 us, on a busy machine for as long as it waits for a processor. */
const EXEC_TRIES = 500;

/** The environment a process was started with; undefined when it can't be read. */
export function readEnvironment(pid: number): string[] | undefined {
  return readOrNothing(`/proc/${pid}/environ`)
    ?.split("\0")
    .filter((entry) => entry !== "");
}

export function allPids(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** The number the system gave out last; proc_loadavg(5). */
export function lastPid(): number {
  return Number(readFileSync("/proc/loadavg", "utf8").trimEnd().split(" ").at(-1));
}

/** The numbers after `from`, up to `to`; when the numbers began again from the bottom meanwhile, all that exist. */
export function pidsBetween(from: number, to: number): number[] {
  return to >= from ? Array.from({ length: to - from }, (_, index) => from + 1 + index) : allPids();
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
