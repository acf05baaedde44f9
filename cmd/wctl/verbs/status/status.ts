import type { HttpClient } from "../../../../api/http/http-client.ts";
import { instanceMetrics } from "../../../../api/metrics.ts";
import { makeKey, type Stored } from "../../../../api/object.ts";
import { instances, processes } from "../../../../api/scheme.ts";
import type { Instance, Process } from "../../../../api/types.generated.ts";
import type { Facts } from "../../causes/cause.ts";
import { gatherFacts } from "../../causes/gather-facts.ts";
import { type Context, command } from "../../command/command.ts";
import { Failure, usageFailure } from "../../errors/failure.ts";
import { ownedSelector } from "../../input/owned.ts";
import { tailOf } from "../../input/tail-of.ts";
import { parseTargets, type Target } from "../../input/targets.ts";
import { painter } from "../../text/colour.ts";
import { type Copy, instanceBlock, processHead } from "./status-lines.ts";

export const status = command({
  name: "status",
  summary:
    "Show how a process is: its state and reason, its copies with their process trees, and what they wrote last.",
  description: "As `systemctl status`. `wctl describe` shows everything, `wctl why` how it was decided.",
  usage: ["status process/NAME... [flags]", "status instance/NAME... [flags]"],
  examples: [
    { what: "How is web?", line: "wctl status process/web" },
    { what: "With more of its output", line: "wctl status web --tail=50" },
  ],
  options: [
    {
      name: "tail",
      type: "integer",
      default: 5,
      placeholder: "LINES",
      description: "So many last lines of each copy.",
    },
  ],
  async run(args, flags, context) {
    const parts: string[] = [];
    for (const target of targetsOf(args)) parts.push((await linesOf(target, flags.tail, context)).join("\n"));
    await context.out.write(`${parts.join("\n\n")}\n`);
    return 0;
  },
});

/** A bare word is a process. */
function targetsOf(args: readonly string[]): Target[] {
  if (args.length === 0) throw usageFailure("status", "name a process or an instance; wctl get all lists them");
  const targets = args.map((word) =>
    word.includes("/") ? parseTargets([word])[0]! : { resource: processes, name: word },
  );
  const odd = targets.find(({ resource }) => resource !== processes && resource !== instances);
  if (odd) throw new Failure(`${odd.resource.plural} have no status to show here; wctl describe shows them`);
  return targets;
}

async function linesOf({ resource, name }: Target, tail: number, context: Context): Promise<string[]> {
  const { client, namespace } = await context.session.open();
  const look = { now: context.clock.wall(), paint: painter(context.out) };
  const object = await client.get(resource, makeKey(namespace, name!));
  if (resource === instances) {
    const [facts] = await gatherFacts(client, [object as Stored<Instance>]);
    return instanceBlock(await copyOf(client, facts!, tail), true, look);
  }
  const process = object as Stored<Process>;
  const copies = await client.list(instances, { namespace, labelSelector: ownedSelector(process) });
  const all = await gatherFacts(client, copies.items);
  const blocks: string[] = [];
  for (const facts of all) blocks.push("", ...instanceBlock(await copyOf(client, facts, tail), false, look));
  return [...processHead(process, all, look), ...blocks];
}

async function copyOf(client: HttpClient, facts: Facts, tail: number): Promise<Copy> {
  const { namespace, name } = facts.instance.metadata;
  const only = { ...(namespace === undefined ? {} : { namespace }), fieldSelector: `metadata.name=${name}` };
  const { items } = await client.list(instanceMetrics, only);
  return { facts, usage: items[0]?.usage, tail: await tailOf(client, facts.instance, tail) };
}
