import { readFileSync } from "node:fs";
import { join } from "node:path";
import { allPids, isAlive, readIdentity, readStat } from "../../../runtime/posix/process/proc.ts";

/** Living processes by the uid that their environment claims: what a test started it knows, so here a claim will do. */
export function markedProcesses(dataDir: string): Map<string, number[]> {
  const dataId = readFileSync(join(dataDir, "data-id"), "utf8").trim();
  const byUid = new Map<string, number[]>();
  for (const pid of allPids()) {
    const claim = readIdentity(pid);
    if (claim?.dataId !== dataId || !isAlive(readStat(pid))) continue;
    byUid.set(claim.uid, [...(byUid.get(claim.uid) ?? []), pid]);
  }
  return byUid;
}
