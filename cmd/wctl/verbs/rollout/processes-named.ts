import { processes } from "../../../../api/scheme.ts";
import { Failure, usageFailure } from "../../errors/failure.ts";
import { parseTargets } from "../../input/targets.ts";

/** The names in `process/web`, `process web db` or just `web`; only Processes have rollouts. */
export function processesNamed(args: readonly string[], verb: string): string[] {
  if (args.length === 0) throw usageFailure(verb, "required resource not specified");
  if (args.length === 1 && !args[0]!.includes("/")) return [args[0]!];
  return parseTargets(args).map(({ resource, name }) => {
    if (resource !== processes) throw new Failure(`${resource.plural} have no rollout; name a process`);
    return name!;
  });
}
