import { setTimeout as pause } from "node:timers/promises";
import { systemClock } from "../../../lib/clock.ts";
import { silentLogger } from "../../../lib/logger.ts";
import { Win32Runtime } from "../../../runtime/win32/win32-runtime.ts";
import { launchSpec } from "../../runtime/specs.ts";
import { quantile, type Result, round, timed } from "../result.ts";
import { inFolder, programs, type Scope, until } from "./programs.ts";

const SPACED = 100;
const OBSERVATIONS = 30;

/** Many children under one completion port: starts, single deaths, a burst of deaths; and what it costs to observe 500 of them. */
export function children({ children, observed }: Scope): Promise<Result[]> {
  return inFolder(async (folder) => {
    const runtime = await Win32Runtime.open({ dataDir: folder, clock: systemClock, logger: silentLogger });
    const toldAt = new Map<string, number>();
    let told = 0;
    runtime.subscribe(({ type, uid }) => {
      if (type !== "exited") return;
      told++;
      toldAt.set(uid, performance.now());
    });
    const living = new Map<string, number>();
    try {
      const startChildren = async (from: number, to: number): Promise<void> => {
        for (let index = from; index < to; index++) {
          const spec = launchSpec({ uid: `c${index}`, command: programs.witness });
          living.set(spec.uid, (await runtime.start(spec)).pid);
        }
      };
      const first = await timed(() => startChildren(0, observed));
      const observations: number[] = [];
      for (let n = 0; n < OBSERVATIONS; n++) observations.push(await timed(() => runtime.usage()));
      const rest = await timed(() => startChildren(observed, children));
      const spaced: number[] = [];
      for (const [uid, pid] of [...living].slice(0, SPACED)) {
        const killedAt = performance.now();
        process.kill(pid, "SIGKILL");
        await until(() => toldAt.has(uid), `the exit of ${uid} is told`);
        spaced.push(toldAt.get(uid)! - killedAt);
        living.delete(uid);
        await pause(5);
      }
      const burst = living.size;
      const killedAt = performance.now();
      for (const pid of living.values()) process.kill(pid, "SIGKILL");
      const asked = performance.now() - killedAt;
      const missing = await until(() => told === children, "all exits are told", 14_000).then(
        () => 0,
        () => children - told,
      );
      const lasted = Math.max(...toldAt.values()) - killedAt;
      living.clear();
      return [
        { ...reported("starts, one after the other, each", "ms", (first + rest) / children), n: children },
        {
          what: "spaced kills: TerminateProcess -> told, p50",
          n: children,
          unit: "ms",
          wctl: quantile(spaced, 0.5),
          target: "reported",
          isMet: true,
          notes: { p99: quantile(spaced, 0.99), kills: SPACED },
        },
        {
          what: `a burst of ${burst} kills: exits missing after 14 s (before the first sweep)`,
          n: children,
          unit: "exits",
          wctl: missing,
          target: "0, each told once",
          isMet: missing === 0 && told === children,
          notes: { firstKillToLastToldMs: round(lasted), killsAloneMs: round(asked), told },
        },
        {
          ...reported("one usage() of all instances, p50", "ms", quantile(observations, 0.5)),
          n: observed,
          notes: { p95: quantile(observations, 0.95), observations: OBSERVATIONS },
        },
      ];
    } finally {
      for (const { uid, treeAlive } of runtime.list()) if (treeAlive) await runtime.kill(uid);
      await runtime.close();
    }
  });
}

const reported = (what: string, unit: string, value: number): Result => ({
  what,
  unit,
  wctl: round(value),
  target: "reported",
  isMet: true,
});
