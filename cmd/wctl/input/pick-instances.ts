import { isNotFound } from "../../../api/errors.ts";
import { makeKey, type Stored } from "../../../api/object.ts";
import { instances, processes } from "../../../api/scheme.ts";
import type { Instance } from "../../../api/types.generated.ts";
import type { Context } from "../command/command.ts";
import { Failure, usageFailure } from "../errors/failure.ts";
import { line } from "../output/output.ts";
import { nothingFound } from "../text/messages.ts";
import { byIndex, ownedSelector } from "./owned.ts";
import { parseTargets, type Target } from "./targets.ts";

/** A Process that has none now. */
export class NoInstances extends Failure {}

/** The Instances whose logs are wanted: of a Process one, named on standard error when it has several, or all. */
export async function pickInstances(
  args: readonly string[],
  { selector, all }: { selector: string | undefined; all: boolean },
  context: Context,
): Promise<Stored<Instance>[]> {
  if (!selector && args.length === 0) {
    throw usageFailure("logs", "expected 'logs NAME', 'logs process/NAME' or 'logs -l SELECTOR'");
  }
  const { client, namespace } = await context.session.open();
  if (selector) {
    if (args.length > 0) throw new Failure("only a selector (-l) or a name is allowed");
    const { items } = await client.list(instances, { namespace, labelSelector: selector });
    if (items.length === 0) await line(context.err, nothingFound(namespace));
    return items.toSorted(byIndex);
  }
  const target = await targetOf(args, context);
  if (target.resource === instances) return [await client.get(instances, makeKey(namespace, target.name!))];
  const several = await instancesOf(target.name!, context);
  if (all) return several.toSorted(byIndex);
  const chosen = several.toSorted(byUsefulness)[0]!;
  if (several.length > 1)
    await line(context.err, `Found ${several.length} instances, using instance/${chosen.metadata.name}`);
  return [chosen];
}

/** A bare name is that of an instance, else that of a process. */
export async function targetOf(args: readonly string[], context: Context): Promise<Target> {
  const [word] = args;
  if (word === undefined) throw usageFailure("logs", "expected 'logs NAME', 'logs process/NAME' or 'logs -l SELECTOR'");
  if (args.length > 1 || word.includes("/")) {
    const [target, ...more] = parseTargets(args);
    if (target?.name === undefined || more.length > 0)
      throw usageFailure("logs", "name exactly one instance or process");
    if (target.resource === instances || target.resource === processes) return target;
    throw new Failure(`cannot get the logs from ${target.resource.plural}: only instances and processes write logs`);
  }
  const { client, namespace } = await context.session.open();
  try {
    await client.get(instances, makeKey(namespace, word));
    return { resource: instances, name: word };
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return { resource: processes, name: word };
  }
}

async function instancesOf(name: string, { session }: Context): Promise<Stored<Instance>[]> {
  const { client, namespace } = await session.open();
  const process = await client.get(processes, makeKey(namespace, name));
  const { items } = await client.list(instances, { namespace, labelSelector: ownedSelector(process) });
  if (items.length > 0) return items;
  const ready = process.status?.conditions?.find((condition) => condition.type === "Ready");
  throw new NoInstances(`process "${name}" has no instances${ready?.message ? `: ${ready.message}` : ""}`);
}

const USEFULNESS = ["Ready", "Running", "Stopping", "Starting", "Backoff", "Failed", "Succeeded", "Stopped", "Pending"];

/** Prefers an instance that runs to one that is still waiting. */
const byUsefulness = (a: Stored<Instance>, b: Stored<Instance>): number => rank(a) - rank(b) || byIndex(a, b);
const rank = (instance: Stored<Instance>): number => USEFULNESS.indexOf(instance.status?.phase ?? "Pending");
