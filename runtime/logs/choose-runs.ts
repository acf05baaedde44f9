import { StatusError } from "../../api/errors.ts";
import type { LogOptions } from "../../api/log-options.ts";
import type { RunFiles } from "../runtime.ts";

/**
 * Which runs of a copy are asked for, oldest first, at least one. `runs`: all that are kept, oldest first. `isInstance`: an Instance was asked for, not
 * its copy. Throws NotFound, with the runs that there are. Pure.
 */
export function chooseRuns(
  runs: readonly RunFiles[],
  { run, previous, allRuns }: Pick<LogOptions, "run" | "previous" | "allRuns">,
  isInstance: boolean,
): readonly RunFiles[] {
  const newest = runs.at(-1);
  const isNew = isInstance && newest?.instanceRun === undefined; // It has not run yet, its predecessors may have.
  if (newest && allRuns) return runs;
  if (run !== undefined)
    return [runs.find((one) => one.run === run) ?? missing(`there is no run ${run} of this copy: ${keptRuns(runs)}`)];
  if (previous) return [runs.at(isNew ? -1 : -2) ?? missing("there is no previous run of this copy")];
  if (newest && !isNew) return [newest];
  if (!isInstance || allRuns) return missing("this copy has not run yet, or nothing of its output is kept");
  return missing(`this instance has not run yet${newest ? "; --previous shows the last run before it" : ""}`);
}

/** `kept are the runs 3 and 5 to 7` */
export function keptRuns(runs: readonly Pick<RunFiles, "run">[]): string {
  const spans: [number, number][] = [];
  for (const { run } of runs) {
    const last = spans.at(-1);
    if (last?.[1] === run - 1) last[1] = run;
    else spans.push([run, run]);
  }
  const words = spans.map(([from, to]) => (from === to ? `${from}` : `${from} to ${to}`));
  if (words.length === 0) return "none is kept";
  const [last, ...others] = words.reverse();
  const list = others.length === 0 ? last : `${others.reverse().join(", ")} and ${last}`;
  return runs.length === 1 ? `kept is run ${list}` : `kept are the runs ${list}`;
}

function missing(message: string): never {
  throw new StatusError("NotFound", message);
}
