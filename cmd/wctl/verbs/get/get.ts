import { command } from "../../command/command.ts";
import {
  allNamespaces,
  fieldSelector,
  filename,
  noHeaders,
  recursive,
  selector,
} from "../../command/common-options.ts";
import { anyObject } from "../../command/takes.ts";
import { Failure } from "../../errors/failure.ts";
import { parseOutputFormat } from "../../printers/output-format.ts";
import { getTargets } from "./get-targets.ts";
import { getTables } from "./tables.ts";

export const get = command({
  name: "get",
  summary: "List objects, or print some.",
  description:
    "TYPE is a kind in any of its spellings (processes, process, proc), several joined by commas, or a category (all).",
  usage: ["get TYPE[,TYPE...] [NAME...] [flags]", "get TYPE/NAME... [flags]", "get -f FILE [flags]"],
  examples: [
    { what: "List all processes of the namespace", line: "wctl get processes" },
    { what: "Processes and their instances, with pids, commands and nodes", line: "wctl get all -o wide" },
    {
      what: "Follow the instances of one process as they change",
      line: "wctl get instances -l wctl.dev/process=web -w",
    },
    { what: "One process as YAML", line: "wctl get process web -o yaml" },
    { what: "Only a field", line: "wctl get process/web -o jsonpath='{.status.phase}'" },
    { what: "Chosen columns", line: "wctl get processes -o custom-columns=NAME:.metadata.name,WANTED:.spec.replicas" },
    {
      what: "The most restarted last, in all namespaces",
      line: "wctl get processes -A --sort-by=.status.restartCount",
    },
  ],
  takes: anyObject,
  options: [
    {
      name: "output",
      short: "o",
      type: "string",
      placeholder: "FORMAT",
      description:
        "wide, json, yaml, name, jsonpath=TEMPLATE, jsonpath-file=FILE, custom-columns=HEADER:PATH,..., custom-columns-file=FILE.",
    },
    { name: "watch", short: "w", type: "boolean", description: "After listing, keep watching and show every change." },
    { name: "watch-only", type: "boolean", description: "Show changes without listing first." },
    {
      name: "output-watch-events",
      type: "boolean",
      description: "With -w: say whether it was ADDED, MODIFIED or DELETED.",
    },
    selector,
    fieldSelector,
    allNamespaces,
    {
      name: "sort-by",
      type: "string",
      placeholder: "PATH",
      description: "Sort by this field, e.g. .metadata.creationTimestamp.",
    },
    { name: "show-labels", type: "boolean", description: "Labels as the last column." },
    {
      name: "label-columns",
      short: "L",
      type: "list",
      placeholder: "LABEL",
      description: "A column for each of these labels.",
    },
    { name: "show-kind", type: "boolean", description: "Put the kind before each name." },
    { name: "show-managed-fields", type: "boolean", description: "Keep metadata.managedFields in JSON and YAML." },
    noHeaders,
    filename,
    recursive,
    { name: "ignore-not-found", type: "boolean", description: "A missing object is no error and prints nothing." },
    {
      name: "chunk-size",
      type: "integer",
      default: 5000,
      description: "Ask for long lists in chunks of this size; 0: all at once.",
    },
  ],
  async run(args, flags, context) {
    const format = await parseOutputFormat(flags.output);
    const targets = await getTargets(args, flags, context);
    const watching = flags.watch || flags["watch-only"];
    if (watching && targets.length !== 1) throw new Failure("you may only specify a single resource type");
    const request = { targets, flags, format, context };
    if (format.kind === "table") {
      return watching ? (await import("./watch-tables.ts")).watchTables(request) : getTables(request);
    }
    const { getObjects, watchObjects } = await import("./objects.ts");
    return watching ? watchObjects(request) : getObjects(request);
  },
});
