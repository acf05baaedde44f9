import type { ProvenRun, RunProofs } from "../../runs/run-proofs.ts";
import { allPids, isAlive, lastPid, pidsBetween, readIdentity, readStat, readUsers } from "../process/proc.ts";

/** `accountId`: the account that the proof was made for. */
export interface Proven extends ProvenRun {
  pid: number;
  /** The process has that account. If not, it is a child of what was started as root, and never a main process. */
  hasAccount: boolean;
}

const ROOT = "0";

/**
 * What the marker of a process proves, read and checked (P22). Its account has to be the one that the proof was made for, real, effective and saved;
 * so a setuid program that somebody else starts is not ours. Only what was started as root may have taken another account since.
 */
export function provenAt(pid: number, dataId: string, proofs: RunProofs): Proven | undefined {
  const claim = readIdentity(pid);
  if (claim?.dataId !== dataId || claim.proof === undefined) return undefined;
  const [user, ...others] = new Set(readUsers(pid));
  const own = others.length === 0 ? String(user) : undefined;
  const { uid, run, proof } = claim;
  const holds = (accountId: string): boolean => proofs.holds({ uid, run, accountId }, proof);
  if (own !== undefined && holds(own)) return { pid, uid, run, accountId: own, hasAccount: true };
  return holds(ROOT) ? { pid, uid, run, accountId: ROOT, hasAccount: false } : undefined;
}

/**
 * Living processes with a marker of this data directory and its proof, by uid. Reads all of /proc, and then what started while it read: else it
 * could miss a child of a process that ended meanwhile.
 */
export function provenProcesses(dataId: string, proofs: RunProofs): Map<string, Proven[]> {
  const byUid = new Map<string, Proven[]>();
  const seen = new Set<number>();
  const look = (pid: number): void => {
    const proven = seen.has(pid) ? undefined : provenAt(pid, dataId, proofs);
    if (!proven || !isAlive(readStat(pid))) return;
    seen.add(pid);
    byUid.set(proven.uid, [...(byUid.get(proven.uid) ?? []), proven]);
  };
  let from = lastPid();
  for (const pid of allPids()) look(pid);
  for (let to = lastPid(); to !== from; from = to, to = lastPid()) for (const pid of pidsBetween(from, to)) look(pid);
  return byUid;
}
