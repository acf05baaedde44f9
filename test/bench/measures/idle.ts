import { setTimeout as pause } from "node:timers/promises";
import { body, whoIsMeasured, withSupervisor } from "../bodies.ts";
import { inTurn } from "../in-turn.ts";
import type { Measure } from "../measure.ts";
import { atMost, ofEach, paired, type Result, round } from "../result.ts";
import type { Supervisor } from "../supervisor.ts";
import { Wctl } from "../wctl-supervisor.ts";

/** V8 has given back by then what the start left behind. */
const AFTER_START_MS = 120_000;
/** Processor time that counts as nothing. */
const IDLE_SECONDS_A_MINUTE = 0.1;

/** Processor time and memory of a supervisor that has nothing to do, long after its start. */
export const idle: Measure = async (programs, { sizes, idleSeconds }) => {
  const n = sizes.at(-1)!;
  const seen = await inTurn(whoIsMeasured(programs), 1, (who) =>
    withSupervisor(body(programs, who), { count: n }, async (supervisor) => {
      await pause(AFTER_START_MS);
      return { cpu: await cpuSecondsAMinute(supervisor, idleSeconds), pss: supervisor.pssMiB() };
    }),
  );
  return [
    {
      ...atMost(
        "idle processor time per minute, no probes",
        "s",
        ofEach(seen, ({ cpu }) => cpu),
        IDLE_SECONDS_A_MINUTE,
      ),
      n,
    },
    {
      ...atMost(
        "memory (PSS) settled, workers included",
        "MiB",
        ofEach(seen, ({ pss }) => pss),
        70,
      ),
      n,
    },
  ];
};

/** With so many children: how long after the last of them was started it has nothing to do any more. */
export const settles: Measure = async (programs, { many }) =>
  withSupervisor(new Wctl(programs), { count: many }, async (wctl): Promise<Result[]> => {
    const used = [wctl.cpuSeconds()];
    while (used.length <= AFTER_START_MS / 1000) {
      await pause(1000);
      used.push(wctl.cpuSeconds());
    }
    const last = used.length - 1;
    const isIdleFrom = (second: number): boolean =>
      used[last]! - used[second]! <= (IDLE_SECONDS_A_MINUTE * (last - second)) / 60;
    const seconds = used.findIndex((_, second) => isIdleFrom(second));
    const what = `last child started -> at most ${IDLE_SECONDS_A_MINUTE} s of processor time a minute`;
    const notes = { cpuSecondsAfterTheLastStart: round(used[last]! - used[0]!), pssMiB: round(wctl.pssMiB()) };
    return [{ what, n: many, unit: "s", wctl: seconds, target: "<= 10", isMet: seconds <= 10, notes }];
  });

/** Processor time with one HTTP probe per child every ten seconds. */
export const probes: Measure = async (programs, { idleSeconds }) => {
  const n = 100;
  // One after the other: their children listen on the same ports.
  const seen = await inTurn(whoIsMeasured(programs), 1, (who) =>
    withSupervisor(body(programs, who), { count: n, firstPort: 21_000 }, async (supervisor) => {
      await pause(AFTER_START_MS);
      return cpuSecondsAMinute(supervisor, idleSeconds);
    }),
  );
  return [{ ...paired("processor time per minute, one HTTP probe per child every 10 s", "s", seen, 1.25), n }];
};

async function cpuSecondsAMinute(supervisor: Supervisor, seconds: number): Promise<number> {
  const before = supervisor.cpuSeconds();
  await pause(seconds * 1000);
  return ((supervisor.cpuSeconds() - before) * 60) / seconds;
}
