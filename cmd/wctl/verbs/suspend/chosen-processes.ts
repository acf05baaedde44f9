import { keyOf, type Stored } from "../../../../api/object.ts";
import { instances, processes, resourceNamed } from "../../../../api/scheme.ts";
import type { Process } from "../../../../api/types.generated.ts";
import type { Context } from "../../command/command.ts";
import { Failure, usageFailure } from "../../errors/failure.ts";
import { findObjects } from "../../input/find-objects.ts";
import { parseTargets } from "../../input/targets.ts";

export interface Choice {
  selector: string | undefined;
  all: boolean;
}

/**
 * The Processes that `process/web db/…`, `processes web db`, `web db`, `-l SELECTOR` or `--all` name, each once. Those that are not there are in
 * `errors`. Throws for anything else than a Process.
 */
export async function chosenProcesses(
  verb: string,
  args: readonly string[],
  choice: Choice,
  context: Context,
): Promise<{ chosen: Stored<Process>[]; errors: unknown[] }> {
  if (args.length === 0 && !choice.selector && !choice.all) throw usageFailure(verb, "required resource not specified");
  const words = args.length === 0 || isBareName(args[0]!) ? ["processes", ...args] : args;
  refuseOtherKinds(words, verb);
  const { found, errors } = await findObjects(words, { selector: choice.selector, all: choice.all }, context);
  if (found.length + errors.length === 0) throw new Failure("no processes match");
  const byKey = new Map(found.map(({ object }) => [keyOf(object), object as Stored<Process>]));
  return { chosen: [...byKey.values()], errors };
}

/** `wctl stop web`, as with systemctl: a word that is no kind is a name. */
const isBareName = (word: string): boolean => !word.includes("/") && !word.includes(",") && !resourceNamed(word);

function refuseOtherKinds(words: readonly string[], verb: string): void {
  for (const { resource, name } of parseTargets(words)) {
    if (resource === processes) continue;
    if (resource === instances) {
      const one = name ?? "NAME";
      const hint = `Name the process. "wctl delete instance ${one}" restarts this copy alone.`;
      throw new Failure(`an instance follows its process: it cannot be ${pastOf(verb)} by itself`, { hint });
    }
    throw new Failure(`${resource.plural} cannot be ${pastOf(verb)}; name a process`);
  }
}

/** `stopped`, `started`, `restarted`. */
export const pastOf = (verb: string): string => (verb === "stop" ? "stopped" : `${verb}ed`);
