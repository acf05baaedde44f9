import { keyOf, type Stored } from "../../../../api/object.ts";
import { events as eventsResource } from "../../../../api/scheme.ts";
import type { Event } from "../../../../api/types.generated.ts";
import { type Context, command } from "../../command/command.ts";
import { allNamespaces, noHeaders } from "../../command/common-options.ts";
import { Failure } from "../../errors/failure.ts";
import { parseTargets } from "../../input/targets.ts";
import { line } from "../../output/output.ts";
import { Columns } from "../../printers/columns.ts";
import { painter } from "../../text/colour.ts";
import { byTime, eventRow } from "../../text/event-row.ts";
import { eventTone, inTone } from "../../text/tone.ts";
import { follow, type Selection } from "../../watching/follow.ts";

export const events = command({
  name: "events",
  summary: "List events, oldest first.",
  usage: ["events [--for TYPE/NAME] [--types Normal,Warning] [flags]"],
  examples: [
    { what: "What happened in the namespace", line: "wctl events" },
    { what: "What happened to one process", line: "wctl events --for process/web" },
    { what: "Follow all warnings", line: "wctl events -A --types=Warning -w" },
  ],
  options: [
    { name: "for", type: "string", placeholder: "TYPE/NAME", description: "Only events of this object." },
    { name: "types", type: "list", placeholder: "TYPE", description: "Normal, Warning." },
    { name: "watch", short: "w", type: "boolean", description: "After listing, keep watching and show new events." },
    allNamespaces,
    {
      name: "output",
      short: "o",
      type: "string",
      oneOf: ["json", "yaml", "name"],
      description: "Print the events in this form.",
    },
    noHeaders,
  ],
  async run(_, flags, context) {
    const { client, namespace } = await context.session.open();
    const types = flags.types.map(eventType);
    const wanted = (event: Event): boolean => types.length === 0 || types.includes(event.type ?? "");
    const selection: Selection = {
      ...(flags["all-namespaces"] ? {} : { namespace }),
      ...(flags.for ? { fieldSelector: selectorFor(flags.for) } : {}),
    };
    if (!flags.watch) {
      const { items } = await client.list(eventsResource, { ...selection, signal: context.signal });
      return printList(items.filter(wanted).toSorted(byTime), flags, context, namespace);
    }
    return followEvents(selection, wanted, flags, context);
  },
});

interface EventFlags {
  "all-namespaces": boolean;
  "no-headers": boolean;
  output: "json" | "yaml" | "name" | undefined;
}

function eventType(word: string): string {
  const type = ["Normal", "Warning"].find((known) => known.toLowerCase() === word.toLowerCase());
  if (!type) throw new Failure(`valid --types are Normal or Warning, not ${JSON.stringify(word)}`);
  return type;
}

function selectorFor(word: string): string {
  const [target, ...more] = parseTargets([word]);
  if (target?.name === undefined || more.length > 0) throw new Failure("--for must be in resource/name form");
  return `involvedObject.kind=${target.resource.kind},involvedObject.name=${target.name}`;
}

const HEADERS = ["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"];

async function printList(
  items: readonly Stored<Event>[],
  flags: EventFlags,
  context: Context,
  namespace: string,
): Promise<number> {
  if (flags.output) {
    const { printObjects } = await import("../../printers/print-objects.ts");
    await context.out.write(await printObjects({ kind: flags.output }, items, { single: false }));
    return 0;
  }
  if (items.length === 0) {
    await line(
      context.err,
      flags["all-namespaces"] ? "No events found." : `No events found in ${namespace} namespace.`,
    );
    return 0;
  }
  await context.out.write(tableOf(new Columns(), headerOf(flags), rowsOf(items, flags, context), context));
  return 0;
}

/** Warnings have a colour on a terminal. */
function tableOf(columns: Columns, header: string[][], rows: string[][], { out }: Context): string {
  const paint = painter(out);
  const at = HEADERS.length - HEADERS.indexOf("TYPE");
  return columns.format([...header, ...rows], (cell, row, column) => {
    if (row < header.length) return paint("bold", cell);
    const isType = column === rows[row - header.length]!.length - at;
    return isType ? inTone(paint, eventTone(cell), cell) : cell;
  });
}

const headerOf = (flags: EventFlags): string[][] =>
  flags["no-headers"] ? [] : [[...(flags["all-namespaces"] ? ["NAMESPACE"] : []), ...HEADERS]];

const rowsOf = (items: readonly Stored<Event>[], flags: EventFlags, { clock }: Context): string[][] =>
  items.map((event) => [
    ...(flags["all-namespaces"] ? [event.metadata.namespace ?? ""] : []),
    ...eventRow(event, clock.wall()),
  ]);

/** A row for every event that is new or happened again. */
async function followEvents(
  selection: Selection,
  wanted: (event: Event) => boolean,
  flags: EventFlags,
  context: Context,
): Promise<number> {
  const { client } = await context.session.open();
  const columns = new Columns();
  const shown = new Map<string, string>();
  let header = headerOf(flags);
  for await (const present of follow(client, eventsResource, selection, context)) {
    const isNew = (event: Stored<Event>): boolean => shown.get(keyOf(event)) !== event.metadata.resourceVersion;
    const fresh = [...present.values()].filter((event) => wanted(event) && isNew(event)).toSorted(byTime);
    for (const event of fresh) shown.set(keyOf(event), event.metadata.resourceVersion);
    for (const key of shown.keys()) if (!present.has(key)) shown.delete(key);
    if (fresh.length === 0) continue;
    await context.out.write(tableOf(columns, header, rowsOf(fresh, flags, context), context));
    header = [];
  }
  return 0;
}
