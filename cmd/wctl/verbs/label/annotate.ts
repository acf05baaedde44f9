import { command } from "../../command/command.ts";
import { fieldManager } from "../../command/common-options.ts";
import { anyObject } from "../../command/takes.ts";
import { changeMetadata, metadataOptions } from "./change-metadata.ts";

export const annotate = command({
  name: "annotate",
  summary: "Set or remove annotations of objects.",
  description:
    "KEY=VALUE sets an annotation, KEY- removes it. An annotation that has another value is changed with --overwrite only.",
  usage: ["annotate (TYPE NAME... | TYPE/NAME... | TYPE -l SELECTOR | -f FILE) KEY=VALUE... KEY-... [flags]"],
  examples: [
    { what: "Set one", line: "wctl annotate process web owner='the shop team'" },
    {
      what: "Say why a template was changed",
      line: "wctl annotate process web kubernetes.io/change-cause='more memory'",
    },
    { what: "Remove one", line: "wctl annotate process web owner-" },
    { what: "What is there", line: "wctl annotate process web --list" },
  ],
  takes: anyObject,
  options: [...metadataOptions, { ...fieldManager, default: "wctl-annotate" }],
  run: (args, flags, context) => changeMetadata("annotations", args, flags, context),
});
