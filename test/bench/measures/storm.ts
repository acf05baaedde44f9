import { withAll } from "../bodies.ts";
import { inTurn } from "../in-turn.ts";
import type { Measure } from "../measure.ts";
import { milliseconds, paired, type Result } from "../result.ts";
import type { Supervisor } from "../supervisor.ts";
import { untilQuiet } from "../until-quiet.ts";

/** All children killed at once -> the last of them is back. */
export const storm: Measure = async (programs, { sizes, pairs }) => {
  const results: Result[] = [];
  for (const n of sizes) {
    const taken = await withAll(programs, { count: n }, (running) =>
      inTurn(Object.keys(running) as (keyof typeof running)[], pairs, async (who) => {
        const took = await allBack(running[who], n);
        await untilQuiet(running[who]); // The next one's turn is its own.
        return took;
      }),
    );
    results.push({ ...paired("all killed at once -> all back", "ms", taken, 1.2), n });
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
