import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { type Who, whoIsMeasured, withAll } from "../bodies.ts";
import { inTurn } from "../in-turn.ts";
import type { Measure } from "../measure.ts";
import { milliseconds, quantile, type Result, round, timed } from "../result.ts";
import { untilQuiet } from "../until-quiet.ts";
import type { Wctl } from "../wctl-supervisor.ts";

/** `wctl apply` of one changed manifest -> the new instance's first instruction, beside the start-up of the CLI alone. */
export const apply: Measure = async (programs, { sizes, pairs }) => {
  const results: Result[] = [];
  for (const n of sizes) {
    const taken = await withAll(programs, { count: n }, (running) =>
      inTurn(whoIsMeasured(programs), 2 * pairs + 1, async (who, turn) => {
        if (who === "floor")
          return { ms: await timed(() => execa(programs.wctl, ["version", "--client"])), others: 0, daemonCpuMs: 0 };
        return change(running[who] as Wctl, n, turn);
      }),
    );
    // The first makes it; the others change it.
    const p50 = (who: Who): number =>
      quantile(
        taken[who].slice(1).map(({ ms }) => ms),
        0.5,
      );
    const [ours, alone] = [p50("wctl"), p50("floor")];
    const otherBirths = taken.wctl.reduce((sum, { others }) => sum + others, 0);
    const daemonCpuMs = taken.wctl.reduce((sum, one) => sum + one.daemonCpuMs, 0) / taken.wctl.length;
    results.push({
      what: "one changed manifest applied -> new instance's first instruction, p50",
      n,
      unit: "ms",
      wctl: ours,
      floor: alone,
      ratio: round(ours / alone),
      ...(programs.before === undefined ? {} : { before: p50("before") }),
      target: "<= floor (start-up of the CLI) + 25 ms, and no other workload touched",
      isMet: ours <= alone + 25 && otherBirths === 0,
      notes: { beyondStartUpMs: round(ours - alone), otherBirths, daemonCpuMs: round(daemonCpuMs) },
    });
  }
  return results;
};

interface Change {
  ms: number;
  /** Children that were started and should not have been. */
  others: number;
  /** Until it was quiet again. */
  daemonCpuMs: number;
}

async function change(wctl: Wctl, n: number, turn: number): Promise<Change> {
  const file = join(wctl.directory, "changed.yaml");
  writeFileSync(file, wctl.manifest(n, { count: n }, `round ${turn}`));
  const [from, cpu] = [wctl.ledger.entries.length, wctl.cpuSeconds()];
  const startedAt = process.hrtime.bigint();
  await execa(wctl.program, ["apply", "-f", file], { env: wctl.env });
  const [started] = await wctl.ledger.next(from, 1);
  const daemonCpuMs = ((await untilQuiet(wctl)) - cpu) * 1000;
  return { ms: milliseconds(started!.at - startedAt), others: wctl.ledger.entries.length - from - 1, daemonCpuMs };
}
