import { cpuSecondsOfEnded } from "./process-cost.ts";
import { timed } from "./result.ts";

export interface Cost {
  ms: number;
  cpuMs: number;
}

/** Of a command that starts programs and waits for them. No other child of this process may end meanwhile. */
export async function costOf(command: () => Promise<unknown>): Promise<Cost> {
  const before = cpuSecondsOfEnded(process.pid);
  const ms = await timed(command);
  return { ms, cpuMs: (cpuSecondsOfEnded(process.pid) - before) * 1000 };
}
