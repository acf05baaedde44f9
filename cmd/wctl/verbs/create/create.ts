import { command } from "../../command/command.ts";
import { dryRun, fieldManager, filename, recursive, selector, writeOutput } from "../../command/common-options.ts";
import { Failure, usageFailure } from "../../errors/failure.ts";
import { readManifests, refuseSealed, selectManifests } from "../../input/manifests.ts";
import { saveConfig, validate, withSavedConfig, writeOptionsOf } from "../../writing/options.ts";
import { writeManifests } from "../../writing/write-manifests.ts";

const MORE = "create configmap, create namespace, create secret generic, create secret tls";

export const create = command({
  name: "create",
  summary: "Create objects from files.",
  description: `What is there already is refused and left as it is; apply changes it. The file may say metadata.generateName in place of a name. Without files: ${MORE}.`,
  usage: ["create -f (FILE | DIR | URL | -)... [flags]"],
  examples: [
    { what: "Create what a file declares", line: "wctl create -f web.yaml" },
    { what: "Try it only, on the server", line: "wctl create -f web.yaml --dry-run=server" },
  ],
  options: [
    filename,
    recursive,
    selector,
    dryRun,
    writeOutput,
    validate,
    saveConfig,
    { ...fieldManager, default: "wctl-create" },
  ],
  async run(args, flags, context) {
    if (args.length > 0)
      throw usageFailure(
        "create",
        `unexpected ${JSON.stringify(args.join(" "))}: files are named with -f; also: ${MORE}`,
      );
    if (flags.filename.length === 0) throw usageFailure("create", "must specify one of -f");
    const read = await readManifests(flags.filename, flags.recursive, context, { allowGenerateName: true });
    const manifests = selectManifests(read, flags.selector);
    refuseSealed(manifests);
    if (manifests.length === 0) throw new Failure("no objects passed to create");
    const { client } = await context.session.open();
    const options = writeOptionsOf(flags);
    await writeManifests(manifests, "created", flags, context, async ({ resource, object }, onWarning) =>
      client.create(resource, await withSavedConfig(object, flags["save-config"]), { ...options, onWarning }),
    );
    return 0;
  },
});
