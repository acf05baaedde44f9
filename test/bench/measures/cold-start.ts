import { body, whoIsMeasured, withSupervisor } from "../bodies.ts";
import { inTurn } from "../in-turn.ts";
import type { Measure } from "../measure.ts";
import { atMost, mediansOf, milliseconds, ofEach, paired, type Result, round } from "../result.ts";
import type { Supervisor } from "../supervisor.ts";
import { untilQuiet } from "../until-quiet.ts";

interface Start {
  /** Launch -> the last child's first instruction. */
  ms: number;
  cpuAtBirthMs: number;
  cpuUntilQuietMs: number;
  pssMiB: number;
}

/** Nothing is there yet: launch of the supervisor -> the last child's first instruction; what it costs until it is quiet; its memory then. */
export const coldStart: Measure = async (programs, { sizes, pairs }) => {
  const results: Result[] = [];
  for (const n of sizes) {
    const starts = await inTurn(whoIsMeasured(programs), pairs, (who) =>
      withSupervisor(body(programs, who), { count: n }, (supervisor) => measureStart(supervisor, n)),
    );
    const limit = n <= 10 ? 2 : n <= 100 ? 1.7 : 1.5;
    const took = ofEach(starts, ({ ms }) => ms);
    const cpu = ofEach(starts, (start) => round(start.cpuUntilQuietMs / n));
    const memory = ofEach(starts, ({ pssMiB }) => pssMiB);
    const notes = { cpuMs: mediansOf(ofEach(starts, (start) => start.cpuAtBirthMs)) };
    results.push(
      { ...paired("cold start -> all running", "ms", took, limit), n, notes },
      { ...atMost("processor time per child from launch until quiet", "ms", cpu, 4), n },
      { ...atMost("memory (PSS) at once after the start", "MiB", memory, 90), n },
    );
  }
  return results;
};

export async function measureStart(supervisor: Supervisor, n: number): Promise<Start> {
  const cpuAtBirthMs = supervisor.cpuSeconds() * 1000;
  const ms = milliseconds(supervisor.ledger.entries.slice(0, n).at(-1)!.at - supervisor.launchedAt);
  const cpuUntilQuietMs = (await untilQuiet(supervisor)) * 1000;
  return { ms, cpuAtBirthMs, cpuUntilQuietMs, pssMiB: supervisor.pssMiB() };
}
