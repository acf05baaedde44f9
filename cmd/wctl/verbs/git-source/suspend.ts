import { command } from "../../command/command.ts";
import { fieldManager } from "../../command/common-options.ts";
import { setSuspended } from "./set-suspended.ts";
import { sourcesByName } from "./sources-named.ts";

export const suspend = command({
  name: "suspend",
  summary: "Leave a repository alone: fetch, apply and prune nothing.",
  description:
    "Sets spec.suspend of GitSources. What was applied stays as it is, and runs on; what people change meanwhile stays changed until wctl resume.",
  usage: ["suspend gitsource/NAME... [flags]"],
  examples: [{ what: "Leave the repository fleet alone during a night shift", line: "wctl suspend gitsource/fleet" }],
  takes: sourcesByName,
  options: [fieldManager],
  run: (args, flags, context) =>
    setSuspended(args, { verb: "suspend", suspend: true, fieldManager: flags["field-manager"] }, context),
});
