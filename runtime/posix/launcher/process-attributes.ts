import { readFileSync } from "node:fs";
import { getPriority } from "node:os";
import { KEYCTL_JOIN_SESSION_KEYRING } from "../ffi/layout.ts";
import { keyctl } from "../ffi/libc.ts";
import type { ProcessAttributes } from "./launch-calls.ts";

/** In thousandths of the memory: a process that is larger than the daemon by less than this is still ended before it. */
const OOM_DISTANCE = 200;
const OOM_MOST = 1000;
/** CAP_CHECKPOINT_RESTORE, since Linux 5.9. */
const LAST_CAPABILITY = 40;
/** What Linux gives a program by default, and the most that select(2) can handle. */
const USUAL_OPEN_FILES = 1024;

/**
 * Looks them up once, in the main thread before it makes others. From here on the daemon has a session keyring of its own, so nothing of the one it
 * was started with (an administrator's, often) reaches a workload (keyrings(7)).
 */
export function prepareProcessAttributes(): ProcessAttributes {
  const openFiles = openFilesFrom(limitsOf("self"), process.ppid > 0 ? parentLimits(process.ppid) : undefined);
  return {
    keyrings: keyctl(KEYCTL_JOIN_SESSION_KEYRING, 0) > 0,
    lastCapability: numberIn("/proc/sys/kernel/cap_last_cap") ?? LAST_CAPABILITY,
    oomScore: oomScoreFrom(numberIn("/proc/self/oom_score_adj") ?? 0),
    ...(getPriority() !== 0 && { nice: 0 }),
    ...(openFiles && { openFiles }),
  };
}

/** Undefined where the system has no such file. */
function numberIn(file: string): number | undefined {
  try {
    return Number(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/** Above the daemon's value, but never below the usual one: that the administrator protects the daemon is no reason to protect its workloads. */
export const oomScoreFrom = (own: number): number => Math.min(OOM_MOST, Math.max(0, own) + OOM_DISTANCE);

interface OpenFiles {
  soft: number;
  hard: number;
}

/**
 * The soft limit that the daemon was started with. Node raises its own to the hard one before a line of ours runs, and the system keeps no trace of
 * what it was; whoever started us still has it. Where nobody can be asked it is the usual number. Undefined: Node has not raised it.
 */
export function openFilesFrom(own: OpenFiles, parent: OpenFiles | undefined): OpenFiles | undefined {
  if (own.soft !== own.hard) return undefined;
  return { soft: Math.min(parent?.soft ?? USUAL_OPEN_FILES, own.hard), hard: own.hard };
}

/** systemd raises its own limit too, and gives its services another (systemd.exec(5), LimitNOFILE=). */
function parentLimits(pid: number): OpenFiles | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "systemd" ? undefined : limitsOf(pid);
  } catch {
    return undefined; // it has ended
  }
}

function limitsOf(pid: number | "self"): OpenFiles {
  const [, soft, hard] = /^Max open files\s+(\d+)\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, "utf8")) ?? [];
  return { soft: Number(soft ?? USUAL_OPEN_FILES), hard: Number(hard ?? USUAL_OPEN_FILES) };
}
