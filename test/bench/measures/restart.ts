import { setTimeout as pause } from "node:timers/promises";
import { withAll } from "../bodies.ts";
import { inTurn } from "../in-turn.ts";
import type { Measure } from "../measure.ts";
import { compared, milliseconds, paired, quantile, type Result } from "../result.ts";
import type { Supervisor } from "../supervisor.ts";

/** kill -9 of one child -> its successor's first instruction. */
export const restart: Measure = async (programs, { sizes, rounds }) => {
  const results: Result[] = [];
  for (const n of sizes) {
    const taken = await withAll(programs, { count: n }, (running) =>
      inTurn(Object.keys(running) as (keyof typeof running)[], rounds, (who, round) =>
        restartOf(running[who], `c${round % n}`),
      ),
    );
    const p95 = Object.entries(taken).map(([who, times]) => [who, quantile(times, 0.95)]);
    const notes = { p95: Object.fromEntries(p95) };
    results.push({ ...paired("kill -9 -> successor's first instruction, p50", "ms", taken, 1.5), n, notes });
  }
  const [least, most] = [results[0]!, results.at(-1)!];
  if (least !== most) {
    const what = `the same, n = ${most.n} beside n = ${least.n}`;
    results.push({ ...compared(what, "ms", most.wctl, least.wctl, 1.3), n: most.n! });
  }
  return results;
};

/** Milliseconds until that child is back. */
export async function restartOf({ ledger }: Pick<Supervisor, "ledger">, id: string): Promise<number> {
  const from = ledger.entries.length;
  const killedAt = process.hrtime.bigint();
  process.kill(ledger.pids().get(id)!, "SIGKILL");
  const [successor] = await ledger.next(from, 1);
  await pause(10);
  return milliseconds(successor!.at - killedAt);
}
