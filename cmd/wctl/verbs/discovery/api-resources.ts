import { command } from "../../command/command.ts";
import { noHeaders } from "../../command/common-options.ts";
import { type ServedResource, servedResources } from "../../discovery/served.ts";
import { Failure, usageFailure } from "../../errors/failure.ts";
import { inColumns } from "../../printers/columns.ts";
import { plain } from "../../text/plain.ts";

export const apiResources = command({
  name: "api-resources",
  summary: "List the kinds that the server has.",
  usage: ["api-resources [flags]"],
  examples: [
    { what: "All kinds, with their short names", line: "wctl api-resources" },
    { what: "What can be done with them", line: "wctl api-resources -o wide" },
    {
      what: "The kinds that can be listed in a namespace, for a script",
      line: "wctl api-resources --namespaced --verbs=list -o name",
    },
  ],
  options: [
    {
      name: "api-group",
      type: "string",
      placeholder: "GROUP",
      description: "Only of this group; empty: the core group.",
    },
    {
      name: "namespaced",
      type: "string",
      oneOf: ["true", "false"],
      implied: "true",
      description: "Only kinds that live in namespaces, or only those that do not.",
    },
    { name: "verbs", type: "list", placeholder: "VERB", description: "Only kinds with all of these verbs." },
    { name: "categories", type: "list", placeholder: "NAME", description: "Only kinds in all of these categories." },
    {
      name: "output",
      short: "o",
      type: "string",
      oneOf: ["wide", "name"],
      description: "More columns, or names only.",
    },
    { name: "sort-by", type: "string", oneOf: ["name", "kind"], description: "Sort by this; else by group and name." },
    noHeaders,
  ],
  async run(args, flags, context) {
    if (args.length > 0) throw usageFailure("api-resources", `unexpected arguments: [${args.join(" ")}]`);
    const { client } = await context.session.open();
    const { resources, errors } = await servedResources(client, context.signal);
    const { namespaced, verbs, categories } = flags;
    const group = flags["api-group"];
    const shown = resources.filter(
      (one) =>
        (group === undefined || one.group === group) &&
        (namespaced === undefined || one.namespaced === (namespaced === "true")) &&
        verbs.every((verb) => one.verbs.includes(verb)) &&
        categories.every((category) => one.categories.includes(category)),
    );
    shown.sort(by(flags["sort-by"]));
    const rows =
      flags.output === "name" ? shown.map((one) => [fullName(one)]) : shown.map(rowOf(flags.output === "wide"));
    const isHeaded = flags.output !== "name" && !flags["no-headers"];
    if (rows.length > 0 || isHeaded)
      await context.out.write(
        inColumns([...(isHeaded ? [headers(flags.output === "wide")] : []), ...rows.map((row) => row.map(plain))]),
      );
    if (errors.length > 0) throw incomplete(errors);
    return 0;
  },
});

const by =
  (field: "name" | "kind" | undefined) =>
  (a: ServedResource, b: ServedResource): number =>
    compare(a[field ?? "group"], b[field ?? "group"]) || compare(a.name, b.name);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const fullName = ({ name, group }: ServedResource): string => (group ? `${name}.${group}` : name);

const headers = (isWide: boolean): string[] => [
  "NAME",
  "SHORTNAMES",
  "APIVERSION",
  "NAMESPACED",
  "KIND",
  ...(isWide ? ["VERBS", "CATEGORIES"] : []),
];

const rowOf =
  (isWide: boolean) =>
  (one: ServedResource): string[] => [
    one.name,
    one.shortNames.join(","),
    one.groupVersion,
    String(one.namespaced),
    one.kind,
    ...(isWide ? [one.verbs.join(","), one.categories.join(",")] : []),
  ];

const incomplete = (errors: readonly { groupVersion: string; error: unknown }[]): Failure => {
  const texts = errors.map(({ groupVersion, error }) => `${groupVersion}: ${(error as Error).message}`);
  return new Failure(`unable to retrieve the complete list of server APIs: ${texts.join(", ")}`);
};
