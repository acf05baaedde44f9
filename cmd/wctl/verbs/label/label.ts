import { command } from "../../command/command.ts";
import { fieldManager } from "../../command/common-options.ts";
import { anyObject } from "../../command/takes.ts";
import { changeMetadata, metadataOptions } from "./change-metadata.ts";

export const label = command({
  name: "label",
  summary: "Set or remove labels of objects.",
  description:
    "KEY=VALUE sets a label, KEY- removes it. A label that has another value is changed with --overwrite only.",
  usage: ["label (TYPE NAME... | TYPE/NAME... | TYPE -l SELECTOR | -f FILE) KEY=VALUE... KEY-... [flags]"],
  examples: [
    { what: "Set one", line: "wctl label process web tier=front" },
    { what: "Change one that is there", line: "wctl label process web tier=back --overwrite" },
    { what: "Remove one", line: "wctl label process web tier-" },
    { what: "Of all processes", line: "wctl label processes --all team=shop" },
    { what: "What is there", line: "wctl label process web --list" },
  ],
  takes: anyObject,
  options: [...metadataOptions, { ...fieldManager, default: "wctl-label" }],
  run: (args, flags, context) => changeMetadata("labels", args, flags, context),
});
