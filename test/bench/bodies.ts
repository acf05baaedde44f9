import { FloorNode } from "./floor-supervisor.ts";
import type { Load, Programs, Supervisor } from "./supervisor.ts";
import { untilQuiet } from "./until-quiet.ts";
import { Wctl } from "./wctl-supervisor.ts";

/** `before` is another build of wctl, when one was named: what a change gave is seen in the same rounds. */
export type Who = "floor" | "wctl" | "before";

export const whoIsMeasured = ({ before }: Programs): Who[] =>
  before === undefined ? ["floor", "wctl"] : ["floor", "before", "wctl"];

export function body(programs: Programs, who: Who): Supervisor {
  if (who === "floor") return new FloorNode(programs);
  return new Wctl(who === "wctl" ? programs : { ...programs, wctl: programs.before! });
}

export async function withSupervisor<S extends Supervisor, T>(
  supervisor: S,
  load: Load,
  measure: (supervisor: S) => Promise<T>,
): Promise<T> {
  try {
    await supervisor.start(load);
    return await measure(supervisor);
  } finally {
    await supervisor.stop();
  }
}

/** All of them at the same time and with the same load, quiet again after their start. */
export const withAll = <T>(
  programs: Programs,
  load: Load,
  measure: (running: Record<Who, Supervisor>) => Promise<T>,
): Promise<T> => withEach(whoIsMeasured(programs), (who) => body(programs, who), load, measure);

export async function withEach<W extends string, S extends Supervisor, T>(
  names: readonly W[],
  make: (name: W) => S,
  load: Load,
  measure: (running: Record<W, S>) => Promise<T>,
): Promise<T> {
  const running = {} as Record<W, S>;
  try {
    for (const name of names) {
      running[name] = make(name);
      await running[name].start(load);
      await untilQuiet(running[name]);
    }
    return await measure(running);
  } finally {
    for (const supervisor of Object.values<S>(running)) await supervisor.stop();
  }
}
