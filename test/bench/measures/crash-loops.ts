import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { execa } from "execa";
import { withSupervisor } from "../bodies.ts";
import type { Measure } from "../measure.ts";
import { paired, quantile, type Result } from "../result.ts";
import { untilQuiet } from "../until-quiet.ts";
import { Wctl } from "../wctl-supervisor.ts";
import { restartOf } from "./restart.ts";

const HEALTHY = 10;
const FAILING = 200;
/** The failing ones wait as long between two runs at most: forty starts and ends a second, without an end. */
const BACKOFF = { initialSeconds: 1, maxSeconds: 5, resetAfterSeconds: 600 };
/** So long after they are made they are crash loops, and no start of 200 programs any more. */
const FIRST_RUNS_MS = 10_000;

/** P16: kill -9 of a healthy child -> its successor's first instruction, while others crash again and again, beside the same without them. */
export const crashLoops: Measure = async (programs, { pairs }): Promise<Result[]> =>
  withSupervisor(new Wctl(programs), { count: HEALTHY }, async (wctl) => {
    const file = join(wctl.directory, "failing.yaml");
    const load = { count: FAILING, args: ["fail"], backoff: BACKOFF };
    const failing = Array.from({ length: FAILING }, (_, index) => wctl.manifest(HEALTHY + index, load));
    writeFileSync(file, failing.join("---\n"));
    const taken = { wctl: [] as number[], floor: [] as number[] };
    for (let pair = 0; pair < pairs; pair += 1) {
      await untilQuiet(wctl);
      taken.floor.push(await healthyRestarts(wctl));
      await execa(wctl.program, ["apply", "-f", file], { env: wctl.env });
      await pause(FIRST_RUNS_MS);
      taken.wctl.push(await healthyRestarts(wctl));
      await execa(wctl.program, ["delete", "-f", file], { env: wctl.env });
    }
    const what = `kill -9 of a healthy child -> its successor, p50, beside ${FAILING} crash loops; floor: without them`;
    return [{ ...paired(what, "ms", taken, 2), n: HEALTHY }];
  });

/** The median of each of them once. */
async function healthyRestarts(wctl: Wctl): Promise<number> {
  const taken: number[] = [];
  for (let index = 0; index < HEALTHY; index += 1) taken.push(await restartOf(wctl, `c${index}`));
  return quantile(taken, 0.5);
}
