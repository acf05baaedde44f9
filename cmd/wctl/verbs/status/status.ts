import type { HttpClient } from "../../../../api/http/http-client.ts";
import { instanceMetrics } from "../../../../api/metrics.ts";
import { makeKey, type Stored } from "../../../../api/object.ts";
import { instances, processes } from "../../../../api/scheme.ts";
import type { Instance, Process } from "../../../../api/types.generated.ts";
import { Semaphore } from "../../../../lib/semaphore.ts";
import type { Facts } from "../../causes/cause.ts";
import { gatherFacts } from "../../causes/gather-facts.ts";
import { type Context, command } from "../../command/command.ts";
import { processesByName } from "../../command/takes.ts";
import { Failure, usageFailure } from "../../errors/failure.ts";
import { ownedSelector } from "../../input/owned.ts";
import { tailOf } from "../../input/tail-of.ts";
import { parseTargets, type Target } from "../../input/targets.ts";
import { painter } from "../../text/colour.ts";
import { type Copy, instanceBlock, processHead } from "./status-lines.ts";

/** So many outputs are read at once. */
const AT_ONCE = 16;

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
  takes: processesByName,
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
    const [copy] = await copiesOf(client, [facts!], tail);
    return instanceBlock(copy!, true, look);
  }
  const process = object as Stored<Process>;
  const copies = await client.list(instances, { namespace, labelSelector: ownedSelector(process) });
  const all = await gatherFacts(client, copies.items);
  const blocks = (await copiesOf(client, all, tail)).map((copy) => instanceBlock(copy, false, look));
  return [...processHead(process, all, look), ...blocks.flatMap((block) => ["", ...block])];
}

/** One measurement tells of all of them. They are of one namespace. */
async function copiesOf(client: HttpClient, all: readonly Facts[], tail: number): Promise<Copy[]> {
  const [first, ...more] = all.map(({ instance }) => instance.metadata);
  if (!first) return [];
  const { namespace, name } = first;
  const only = more.length === 0 ? { fieldSelector: `metadata.name=${name}` } : {};
  const { items } = await client.list(instanceMetrics, { ...(namespace === undefined ? {} : { namespace }), ...only });
  const usages = new Map(items.map(({ metadata, usage }) => [metadata.name, usage]));
  const gate = new Semaphore(AT_ONCE);
  const copyOf = async (facts: Facts): Promise<Copy> => {
    const { instance } = facts;
    return { facts, usage: usages.get(instance.metadata.name), tail: await tailOf(client, instance, tail) };
  };
  return Promise.all(all.map((facts) => gate.run(() => copyOf(facts))));
}
