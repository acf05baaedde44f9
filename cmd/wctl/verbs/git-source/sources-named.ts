import { gitSources, processes, type Resource } from "../../../../api/scheme.ts";
import type { Takes } from "../../command/takes.ts";
import { Failure, usageFailure } from "../../errors/failure.ts";
import { parseTargets } from "../../input/targets.ts";

/** `gitsource/fleet`, or `fleet`. */
export const sourcesByName = { types: ["gitsources"], bare: "gitsources" } as const satisfies Takes;

/** The names in `gitsource/fleet`, `gitsource fleet base` or just `fleet`. */
export function sourcesNamed(args: readonly string[], verb: string): string[] {
  if (args.length === 0) throw usageFailure(verb, "required resource not specified");
  if (args.length === 1 && !args[0]!.includes("/")) return [args[0]!];
  return parseTargets(args).map(({ resource, name }) => {
    if (resource !== gitSources)
      throw new Failure(`${resource.plural} follow no repository; name a gitsource`, hintFor(resource));
    if (name === undefined) throw usageFailure(verb, "resource name may not be empty");
    return name;
  });
}

/** Other supervisors call by these words what programs are told. */
const hintFor = (resource: Resource): { hint?: string } =>
  resource === (processes as Resource)
    ? {
        hint: "Programs are stopped and started by wctl stop|start process/NAME, rollouts held and taken back by wctl rollout pause|resume|undo.",
      }
    : {};
