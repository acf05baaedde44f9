import { gitSources, nodes, processes, type Resource } from "../../../../api/scheme.ts";
import { type Context, command } from "../../command/command.ts";
import { noHeaders } from "../../command/common-options.ts";
import type { Takes } from "../../command/takes.ts";
import { Failure, usageFailure } from "../../errors/failure.ts";
import { throwCollected } from "../../errors/throw-collected.ts";
import { findObjects } from "../../input/find-objects.ts";
import { warn } from "../../output/warn.ts";
import { Columns } from "../../printers/columns.ts";
import { parseOutputFormat } from "../../printers/output-format.ts";
import { printObjects } from "../../printers/print-objects.ts";
import { painter } from "../../text/colour.ts";
import { healthTone, inTone } from "../../text/tone.ts";
import { drawTree } from "../../text/tree-lines.ts";
import { type Branch, branchOf } from "./branches.ts";
import { Reading } from "./reading.ts";
import { HEADER, HEALTH_COLUMN, rowOf } from "./rows.ts";

const takes = { types: ["gitsources", "processes", "nodes"], bare: "gitsources" } as const satisfies Takes;

export const tree = command({
  name: "tree",
  summary: "Show what a repository has applied, and how healthy each of it is.",
  description:
    "Objects come in the order in which they are applied, below each process its instances; below a node what its daemon's folder (--manifests) declares. Healthy: as asked for. Progressing: on the way. Degraded: failed. Suspended: stopped or paused on purpose. (paused): the source leaves it alone; (adopted): it was there before the source. What you may not list is left out, and told on standard error.",
  usage: ["tree gitsource/NAME... [flags]", "tree process/NAME... [flags]", "tree node/NAME... [flags]"],
  examples: [
    { what: "What the repository fleet has applied", line: "wctl tree gitsource/fleet" },
    { what: "A process and its instances", line: "wctl tree process/web" },
    { what: "Their manifests, as the server has them", line: "wctl tree gitsource/fleet -o yaml" },
  ],
  takes,
  options: [
    {
      name: "output",
      short: "o",
      type: "string",
      placeholder: "FORMAT",
      description:
        "Instead of the tree its objects as a List: json, yaml, name, jsonpath=TEMPLATE, custom-columns=SPEC.",
    },
    noHeaders,
  ],
  async run(args, flags, context) {
    const format = await parseOutputFormat(flags.output);
    const { found, errors } = await findObjects(wordsOf(args), {}, context);
    const odd = found.find(({ resource }) => !isRoot(resource));
    if (odd)
      throw new Failure(`nothing is below ${odd.resource.plural}`, { hint: "Name a gitsource, a process or a node." });
    const { client } = await context.session.open();
    const reading = new Reading(client, context.signal);
    const branches: Branch[] = [];
    for (const root of found) branches.push(await branchOf(root, reading));
    if (found.length === 0) throwCollected(errors);
    if (format.kind === "table") await printTree(branches, flags["no-headers"] === true, context);
    else {
      const objects = drawTree(branches, ({ children }) => children).map(({ node }) => node.object);
      await context.out.write(
        await printObjects(format, objects, { single: false, noHeaders: flags["no-headers"] === true }),
      );
    }
    for (const gap of reading.gaps()) await warn(context.err, gap);
    throwCollected(errors);
    return 0;
  },
});

const isRoot = (resource: Resource): boolean =>
  [gitSources, processes, nodes].some(({ plural }) => plural === resource.plural);

/** One word alone names a source. */
function wordsOf(args: readonly string[]): readonly string[] {
  const [first] = args;
  if (first === undefined) throw usageFailure("tree", "required resource not specified");
  return args.length === 1 && !first.includes("/") ? [`gitsource/${first}`] : args;
}

async function printTree(branches: readonly Branch[], noHeaders: boolean, { out, clock }: Context): Promise<void> {
  const now = clock.wall();
  const rows = drawTree(branches, ({ children }) => children).map(({ lead, node }) => rowOf(node, lead, now));
  const paint = painter(out);
  const header = noHeaders ? [] : [HEADER];
  const text = new Columns().format([...header, ...rows], (cell, _row, column) =>
    column === HEALTH_COLUMN ? inTone(paint, healthTone(cell), cell) : cell,
  );
  await out.write(text);
}
