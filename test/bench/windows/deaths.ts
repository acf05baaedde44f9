import { deathRounds } from "../../win32/death-rounds.ts";
import type { Result } from "../result.ts";
import { inFolder, programs, type Scope } from "./programs.ts";

/** TerminateProcess on the daemon again and again, while objects are written: what is lost, doubled or exchanged. */
export async function deaths({ deaths }: Scope): Promise<Result[]> {
  const started = performance.now();
  const toll = await inFolder((folder) =>
    deathRounds({ program: programs.wctl, folder, ...deaths, random: Math.random }),
  );
  const harm = toll.lost.length + toll.twice.length + toll.changed.length + toll.writesLost.length;
  return [
    {
      what: `kill -9 of the daemon with ${deaths.workloads} workloads, ${deaths.rounds} times: lost, started twice, other pid, acknowledged write lost`,
      unit: "cases",
      wctl: harm,
      target: "0",
      isMet: harm === 0,
      notes: { ...toll, seconds: Math.round((performance.now() - started) / 1000) },
    },
  ];
}
