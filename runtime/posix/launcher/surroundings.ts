import { readFileSync } from "node:fs";
import { getPriority } from "node:os";
import { KEYCTL_JOIN_SESSION_KEYRING } from "../ffi/layout.ts";
import { keyctl } from "../ffi/libc.ts";
import type { Surroundings } from "./launch-calls.ts";

/** Of the memory: who is larger than the daemon by less than this still goes before it. */
const OOM_DISTANCE = 200;
const OOM_MOST = 1000;
/** CAP_CHECKPOINT_RESTORE, since Linux 5.9. */
const LAST_CAPABILITY = 40;
/** What Linux gives a program, and what select(2) can bear. */
const USUAL_OPEN_FILES = 1024;

/**
 * Looked up once, by the main thread before it has made others: from here on the daemon has a session keyring of its own, so whatever is in the
 * one it was started with (an administrator's, often) reaches no workload (keyrings(7)).
 */
export function prepareSurroundings(): Surroundings {
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

/** Above the daemon's, but never below the usual: a daemon that the administrator protects is no reason to protect its workloads. */
export const oomScoreFrom = (own: number): number => Math.min(OOM_MOST, Math.max(0, own) + OOM_DISTANCE);

interface OpenFiles {
  soft: number;
  hard: number;
}

/**
 * Node raises its own soft limit to the hard one before a line of ours runs, and the system keeps no trace of what it was. Whoever started us
 * has it still. Without one to ask it is the usual number. Undefined: Node has not raised it.
 */
export function openFilesFrom(own: OpenFiles, parent: OpenFiles | undefined): OpenFiles | undefined {
  if (own.soft !== own.hard) return undefined;
  return { soft: Math.min(parent?.soft ?? USUAL_OPEN_FILES, own.hard), hard: own.hard };
}

/** systemd raises its own limit as well, and gives its services another (systemd.exec(5), LimitNOFILE=). */
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
