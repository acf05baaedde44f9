import type { InstanceMetrics } from "../../../../api/metrics.ts";
import { instances, processes, type Resource, wellKnown } from "../../../../api/scheme.ts";
import type { Context } from "../../command/command.ts";
import { Failure } from "../../errors/failure.ts";
import type { Target } from "../../input/targets.ts";
import { metricsOfInstances } from "./instance-metrics.ts";
import { byProcess, type UsageRow } from "./usage-rows.ts";

export interface Measured {
  resource: Resource;
  /** None: all. */
  names: readonly string[];
  /** Undefined: all namespaces. */
  namespace: string | undefined;
  selector: string | undefined;
}

/** What the words after `top` name. Throws a Failure for anything that uses nothing. */
export function measuredOf(targets: readonly Target[]): Pick<Measured, "resource" | "names"> {
  const [first] = targets;
  if (!first || targets.some(({ resource }) => resource !== first.resource))
    throw new Failure("you may only specify a single resource type");
  const { resource } = first;
  if (resource !== instances && resource !== processes) {
    throw new Failure(`${resource.plural} have no metrics; name processes or instances`);
  }
  return { resource, names: targets.flatMap(({ name }) => (name === undefined ? [] : [name])) };
}

/** One look. Those of `names` that do not run are left out. */
export async function measure(
  { resource, names, namespace, selector }: Measured,
  context: Context,
): Promise<UsageRow[]> {
  const { client } = await context.session.open();
  const metrics = await metricsOfInstances(client, namespace, selector, context.signal);
  const rows = resource === processes ? byProcess(metrics, wellKnown.processLabel) : metrics.map(rowOf);
  return names.length === 0 ? rows : rows.filter(({ name }) => names.includes(name));
}

const rowOf = ({ metadata, usage }: InstanceMetrics): UsageRow => ({
  namespace: metadata.namespace!,
  name: metadata.name,
  ...usage,
});

export function requireAll(rows: readonly UsageRow[], { names, resource }: Measured): void {
  const missing = names.find((name) => !rows.some((row) => row.name === name));
  if (missing !== undefined)
    throw new Failure(`Metrics not available for ${resource.plural}/${missing}: is it running?`);
}
