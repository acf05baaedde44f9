import { command } from "../../command/command.ts";
import { fieldManager, filename, recursive } from "../../command/common-options.ts";
import { anyObject } from "../../command/takes.ts";
import { Failure } from "../../errors/failure.ts";
import { throwCollected } from "../../errors/throw-collected.ts";
import { findObjects } from "../../input/find-objects.ts";
import { validate } from "../../writing/options.ts";
import { editRounds } from "./edit-rounds.ts";

export const edit = command({
  name: "edit",
  summary: "Change objects in an editor.",
  description:
    "Opens what KUBE_EDITOR, VISUAL or EDITOR names, else notepad on Windows and vi elsewhere. What was changed there is sent as a patch, so that changes of others meanwhile are kept. What is refused comes back with the reason; when it is left so, the file stays and is named.",
  usage: ["edit (TYPE NAME | TYPE/NAME | -f FILE) [flags]"],
  examples: [
    { what: "Change a process", line: "wctl edit process web" },
    { what: "With another editor, as JSON", line: 'KUBE_EDITOR="code --wait" wctl edit process/web -o json' },
  ],
  takes: anyObject,
  options: [
    filename,
    recursive,
    {
      name: "output",
      short: "o",
      type: "string",
      oneOf: ["yaml", "json"],
      default: "yaml",
      description: "What the editor shows.",
    },
    {
      name: "subresource",
      type: "string",
      oneOf: ["status"],
      description: "Change this part of the object and nothing else.",
    },
    { name: "show-managed-fields", type: "boolean", description: "Also show metadata.managedFields." },
    { name: "windows-line-endings", type: "boolean", description: "End the lines as old editors of Windows expect." },
    validate,
    { ...fieldManager, default: "wctl-edit" },
  ],
  async run(args, flags, context) {
    const { found, errors } = await findObjects(args, { ...flags, orEverything: true }, context);
    throwCollected(errors);
    if (found.length === 0) throw new Failure("edit cancelled, no objects found");
    await editRounds(found, flags, context);
    return 0;
  },
});
