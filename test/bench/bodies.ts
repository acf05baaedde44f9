import { FloorNode, type Load, type Programs, type Supervisor, Wctl } from "./supervisor.ts";
import { untilQuiet } from "./until-quiet.ts";

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
export async function withAll<T>(
  programs: Programs,
  load: Load,
  measure: (running: Record<Who, Supervisor>) => Promise<T>,
): Promise<T> {
  const running = {} as Record<Who, Supervisor>;
  try {
    for (const who of whoIsMeasured(programs)) {
      running[who] = body(programs, who);
      await running[who].start(load);
      await untilQuiet(running[who]);
    }
    return await measure(running);
  } finally {
    for (const supervisor of Object.values(running)) await supervisor.stop();
  }
}
