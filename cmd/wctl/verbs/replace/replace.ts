import { command } from "../../command/command.ts";
import {
  cascade,
  dryRun,
  fieldManager,
  filename,
  recursive,
  timeout,
  writeOutput,
} from "../../command/common-options.ts";
import { Failure, usageFailure } from "../../errors/failure.ts";
import { throwCollected } from "../../errors/throw-collected.ts";
import { declaredTwice, readManifests, refuseSealed } from "../../input/manifests.ts";
import { saveConfig, validate } from "../../writing/options.ts";
import { writeManifests } from "../../writing/write-manifests.ts";
import { deleteFirst } from "./delete-first.ts";
import { put } from "./put.ts";

export const replace = command({
  name: "replace",
  summary: "Replace objects by what files say.",
  description:
    "What the file does not say is gone afterwards; apply keeps what others have set. The object must be there. A file with metadata.resourceVersion replaces this version or none. --force deletes, waits until nothing is left, and creates anew.",
  usage: ["replace -f (FILE | DIR | URL | -)... [flags]"],
  examples: [
    { what: "Replace an object", line: "wctl replace -f web.yaml" },
    { what: "What can't be changed: delete it and create it again", line: "wctl replace --force -f web.yaml" },
  ],
  options: [
    filename,
    recursive,
    {
      name: "force",
      type: "boolean",
      description: "Delete the objects, wait until they are gone, and create them again.",
    },
    {
      name: "grace-period",
      type: "integer",
      placeholder: "SECONDS",
      default: -1,
      description: "With --force: time for the programs to end by themselves; -1: what the object says.",
    },
    { ...cascade, description: "With --force: what happens to owned objects." },
    { ...timeout, description: "With --force: give up waiting after this long; 0 waits as long as it takes." },
    {
      name: "subresource",
      type: "string",
      oneOf: ["status"],
      description: "Replace this part of the object and nothing else.",
    },
    dryRun,
    writeOutput,
    validate,
    saveConfig,
    { ...fieldManager, default: "wctl-replace" },
  ],
  async run(args, flags, context) {
    if (args.length > 0)
      throw usageFailure("replace", `unexpected ${JSON.stringify(args[0])}: files are named with -f`);
    if (flags.filename.length === 0) throw usageFailure("replace", "must specify one of -f");
    if (!flags.force) {
      if (flags["grace-period"] >= 0) throw new Failure("--grace-period must have --force specified");
      if (flags.timeout > 0) throw new Failure("--timeout must have --force specified");
    } else if (flags["dry-run"] !== "none") throw new Failure("--dry-run can not be used when --force is set");
    const manifests = await readManifests(flags.filename, flags.recursive, context);
    refuseSealed(manifests);
    throwCollected(declaredTwice(manifests));
    if (manifests.length === 0) throw new Failure("no objects passed to replace");
    if (flags.force) await deleteFirst(manifests, flags, context);
    const { client } = await context.session.open();
    await writeManifests(manifests, "replaced", flags, context, (manifest, onWarning) =>
      put(client, manifest, flags, onWarning),
    );
    return 0;
  },
});
