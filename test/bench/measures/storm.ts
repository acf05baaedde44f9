import { whoIsMeasured, withAll } from "../bodies.ts";
import { inTurn } from "../in-turn.ts";
import type { Measure } from "../measure.ts";
import { mediansOf, milliseconds, ofEach, paired, type Result } from "../result.ts";
import type { Supervisor } from "../supervisor.ts";
import { untilQuiet } from "../until-quiet.ts";

/** All children killed at once -> the last of them is back. */
export const storm: Measure = async (programs, { sizes, pairs }) => {
  const results: Result[] = [];
  for (const n of sizes) {
    const storms = await withAll(programs, { count: n }, (running) =>
      inTurn(whoIsMeasured(programs), pairs, async (who) => {
        const before = running[who].cpuSeconds();
        const ms = await allBack(running[who], n);
        // The next one's turn is its own.
        return { ms, cpuMs: ((await untilQuiet(running[who])) - before) * 1000 };
      }),
    );
    const took = ofEach(storms, ({ ms }) => ms);
    const notes = { cpuMsUntilQuiet: mediansOf(ofEach(storms, ({ cpuMs }) => cpuMs)) };
    results.push({ ...paired("all killed at once -> all back", "ms", took, 1.2), n, notes });
  }
  return results;
};

/** Milliseconds until all of them are back. */
export async function allBack({ ledger }: Pick<Supervisor, "ledger">, n: number): Promise<number> {
  const from = ledger.entries.length;
  const pids = [...ledger.pids().values()];
  const killedAt = process.hrtime.bigint();
  for (const pid of pids) process.kill(pid, "SIGKILL");
  const started = await ledger.next(from, n, 120_000);
  return milliseconds(started.at(-1)!.at - killedAt);
}
