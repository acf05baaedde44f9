import { command } from "../../command/command.ts";
import { fieldManager } from "../../command/common-options.ts";
import { setSuspended } from "./set-suspended.ts";
import { sourcesByName } from "./sources-named.ts";

export const resume = command({
  name: "resume",
  summary: "Follow a repository again.",
  description:
    "Clears spec.suspend of GitSources: they are looked at at once, and what was changed meanwhile is brought back.",
  usage: ["resume gitsource/NAME... [flags]"],
  examples: [{ what: "Follow the repository fleet again", line: "wctl resume gitsource/fleet" }],
  takes: sourcesByName,
  options: [fieldManager],
  run: (args, flags, context) =>
    setSuspended(args, { verb: "resume", suspend: false, fieldManager: flags["field-manager"] }, context),
});
