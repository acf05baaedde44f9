import type { ListOptions } from "../../../../api/client.ts";
import { isNotFound } from "../../../../api/errors.ts";
import type { HttpClient } from "../../../../api/http/http-client.ts";
import type { Stored } from "../../../../api/object.ts";
import { controllerRevisions, events, homes, instances, nodes, processes } from "../../../../api/scheme.ts";
import { escapeFieldValue } from "../../../../api/selectors/field-selector.ts";
import type { Event, Home, Instance, Node, Process } from "../../../../api/types.generated.ts";
import { type Context, command } from "../../command/command.ts";
import { allNamespaces, filename, recursive, selector } from "../../command/common-options.ts";
import { anyObject } from "../../command/takes.ts";
import { throwCollected } from "../../errors/throw-collected.ts";
import { type Found, findObjects } from "../../input/find-objects.ts";
import { byIndex, ownedSelector } from "../../input/owned.ts";
import { tailOf } from "../../input/tail-of.ts";
import { line } from "../../output/output.ts";
import { painter } from "../../text/colour.ts";
import { indented } from "../../text/labelled-lines.ts";
import { nothingFound } from "../../text/messages.ts";
import { describeAny } from "./describe-any.ts";
import { describeInstance } from "./describe-instance.ts";
import { describeNode } from "./describe-node.ts";
import { describeProcess, type Owned } from "./describe-process.ts";
import { eventLines } from "./event-lines.ts";

export const describe = command({
  name: "describe",
  summary: "Show everything about an object, with its events and last log lines.",
  usage: ["describe TYPE/NAME... [flags]", "describe TYPE [-l SELECTOR] [flags]", "describe -f FILE [flags]"],
  examples: [
    { what: "The process web, its instances, events and last output", line: "wctl describe process web" },
    { what: "One instance, with the last 50 lines it wrote", line: "wctl describe instance/web-0 --tail=50" },
    { what: "All processes with a label", line: "wctl describe processes -l tier=front" },
  ],
  takes: anyObject,
  options: [
    selector,
    allNamespaces,
    filename,
    recursive,
    { name: "show-events", type: "boolean", default: true, description: "End with the events." },
    { name: "tail", type: "integer", default: 5, description: "How many of the last log lines to show; 0 for none." },
  ],
  async run(args, flags, context) {
    const { found, errors } = await findObjects(args, { ...flags, orEverything: true }, context);
    const parts: string[] = [];
    for (const one of found) parts.push((await describeOne(one, flags, context)).join("\n"));
    if (parts.length > 0) await context.out.write(`${parts.join("\n\n\n")}\n`);
    if (found.length + errors.length === 0) {
      const { namespace } = await context.session.open();
      await line(context.err, nothingFound(flags["all-namespaces"] ? undefined : namespace));
    }
    throwCollected(errors);
    return 0;
  },
});

interface DescribeFlags {
  "show-events": boolean;
  tail: number;
}

async function describeOne({ resource, object }: Found, flags: DescribeFlags, context: Context): Promise<string[]> {
  const { client } = await context.session.open();
  const look = { now: context.clock.wall(), paint: painter(context.out) };
  const owned = resource === processes ? await ownedBy(client, object as Stored<Process>) : nothing;
  const { copies } = owned;
  const held = resource === nodes ? await instancesOn(client, object.metadata.name) : [];
  const writers = resource === instances ? [object as Stored<Instance>] : copies.toSorted(byIndex).slice(0, 3);
  const [happened, tails] = await Promise.all([
    flags["show-events"] ? eventsOf(client, [object, ...copies]) : [],
    Promise.all(writers.map((writer) => tailOf(client, writer, flags.tail))),
  ]);
  return [
    ...description(),
    ...(flags["show-events"] ? eventLines(happened, look) : []),
    ...tails.flatMap((lines, index) =>
      lines.length > 0 ? [`Last Output of instance/${writers[index]!.metadata.name}:`, ...indented(lines)] : [],
    ),
  ];

  function description(): string[] {
    if (resource === processes) return describeProcess(object as Stored<Process>, owned, look);
    if (resource === instances) return describeInstance(object as Stored<Instance>, look);
    if (resource === nodes) return describeNode(object as Stored<Node>, held, look);
    return describeAny(object, look.now);
  }
}

const nothing: Owned = { copies: [], history: [], retained: [] };

/** The copies of a Process, the templates that are kept of it, and the homes that nobody uses. */
async function ownedBy(client: HttpClient, process: Stored<Process>): Promise<Owned> {
  const { name, namespace = "default" } = process.metadata;
  const selection = { namespace, labelSelector: ownedSelector(process) };
  const [copies, history, retained] = await Promise.all([
    client.list(instances, selection),
    client.list(controllerRevisions, selection),
    retainedHomes(client, { namespace, fieldSelector: `spec.process=${escapeFieldValue(name)},status.phase=Retained` }),
  ]);
  return { copies: copies.items, history: history.items, retained };
}

async function retainedHomes(client: HttpClient, selection: ListOptions): Promise<Stored<Home>[]> {
  try {
    return (await client.list(homes, selection)).items;
  } catch (error) {
    if (isNotFound(error)) return []; // An older daemon does not show them.
    throw error;
  }
}

async function instancesOn(client: HttpClient, node: string): Promise<Stored<Instance>[]> {
  return (await client.list(instances, { fieldSelector: `spec.nodeName=${escapeFieldValue(node)}` })).items;
}

/** Those of the object and of what it owns; one request when there are few objects, one for all of the namespace otherwise. */
async function eventsOf(client: HttpClient, objects: readonly Stored[]): Promise<Stored<Event>[]> {
  const [{ metadata }] = objects as [Stored];
  const uids = new Set(objects.map((object) => object.metadata.uid));
  const only = objects.length === 1 ? { fieldSelector: `involvedObject.uid=${metadata.uid}` } : {};
  const { items } = await client.list(events, { namespace: metadata.namespace ?? "default", ...only });
  return items.filter((event) => uids.has(event.involvedObject.uid ?? ""));
}
