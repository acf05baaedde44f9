import { ConnectionError } from "../../../../api/http/connection-error.ts";
import { processes } from "../../../../api/scheme.ts";
import { type Context, command } from "../../command/command.ts";
import {
  dryRun,
  fieldManager,
  filename,
  recursive,
  selector,
  timeout,
  writeOutput,
} from "../../command/common-options.ts";
import { Failure, usageFailure } from "../../errors/failure.ts";
import { throwCollected } from "../../errors/throw-collected.ts";
import { declaredTwice, readManifests, refuseSealed, selectManifests } from "../../input/manifests.ts";
import { warn } from "../../output/warn.ts";
import { waitForRollouts } from "../../rollout/wait-for-rollouts.ts";
import { validate } from "../../writing/options.ts";
import { WrittenPrinter } from "../../writing/written.ts";
import { applyInOrder } from "./apply-in-order.ts";
import { type Applied, applyManifest, CLIENT_SIDE_MANAGER } from "./apply-manifest.ts";
import { prune, refuseUnboundedPrune } from "./prune.ts";
import { refuseMixture } from "./server-side.ts";

export const apply = command({
  name: "apply",
  summary: "Make the server's objects match the files.",
  description:
    "Creates what is missing, changes what differs, and leaves the rest alone; fields that others set are kept. All files are read and checked before anything is sent. Namespaces go first, then ConfigMaps and Secrets, then the rest, a process after those it depends on.",
  usage: ["apply -f (FILE | DIR | URL | -)... [flags]"],
  examples: [
    { what: "Apply a file", line: "wctl apply -f web.yaml" },
    {
      what: "Apply a folder and the folders in it, and wait until everything is rolled out",
      line: "wctl apply -R -f manifests/ --wait --timeout=2m",
    },
    {
      what: "Let the server merge, and refuse what others have set",
      line: "wctl apply -f web.yaml --server-side",
    },
    { what: "Apply what another program writes", line: "render | wctl apply -f -" },
    { what: "Let the server check everything without keeping it", line: "wctl apply -f web.yaml --dry-run=server" },
    {
      what: "Also delete what was applied with this label before and is no longer in the files",
      line: "wctl apply -f manifests/ --prune -l app=shop",
    },
  ],
  options: [
    filename,
    recursive,
    selector,
    {
      name: "prune",
      type: "boolean",
      description: "Delete objects that an earlier apply made and the files no longer have; needs -l or --all.",
    },
    { name: "all", type: "boolean", description: "With --prune: whatever their labels." },
    { name: "wait", type: "boolean", description: "Return only when the processes are rolled out." },
    timeout,
    dryRun,
    writeOutput,
    validate,
    {
      name: "force",
      type: "boolean",
      description: "When the change cannot be made to the existing object: delete it and create it again.",
    },
    {
      name: "server-side",
      type: "boolean",
      description:
        "Let the server merge, and remember which fields are whose: what others own is refused. The manager is wctl then, unless --field-manager names another.",
    },
    {
      name: "force-conflicts",
      type: "boolean",
      description: "With --server-side: take over the fields that others own.",
    },
    { ...fieldManager, default: CLIENT_SIDE_MANAGER },
  ],
  async run(args, flags, context) {
    if (args.length > 0) throw usageFailure("apply", `unexpected ${JSON.stringify(args[0])}: files are named with -f`);
    if (flags.filename.length === 0) throw usageFailure("apply", "must specify one of -f");
    refuseMixture(flags);
    if (flags.prune) refuseUnboundedPrune(flags);
    const manifests = selectManifests(await readManifests(flags.filename, flags.recursive, context), flags.selector);
    refuseSealed(manifests);
    throwCollected(declaredTwice(manifests));
    if (manifests.length === 0) throw new Failure("no objects passed to apply");
    const { client } = await context.session.open();
    const errors: unknown[] = [];
    const applied: Applied[] = [];
    const printer = new WrittenPrinter(context.out, flags.output);
    for await (const one of applyInOrder(manifests, (manifest) => applyManifest(manifest, flags, client))) {
      for (const warning of one.warnings) await warn(context.err, warning);
      if (one.applied) {
        applied.push(one.applied);
        await printer.add(one.applied);
      } else errors.push(one.error);
    }
    await printer.end();
    throwCollected(withoutRepetition(errors));
    if (flags.prune) await prune(applied, flags, context);
    if (flags.wait && flags["dry-run"] === "none") await waitForProcesses(applied, flags.timeout, context);
    return 0;
  },
});

/** Reports only once that the server is gone, however many requests were in flight. */
const withoutRepetition = (errors: readonly unknown[]): unknown[] => {
  const lost = errors.findIndex((error) => error instanceof ConnectionError);
  return errors.filter((error, index) => index === lost || !(error instanceof ConnectionError));
};

async function waitForProcesses(applied: readonly Applied[], seconds: number, context: Context): Promise<void> {
  const keys = applied.filter(({ resource }) => resource === processes).map(({ key }) => key);
  if (keys.length > 0) await waitForRollouts([...new Set(keys)], seconds, context, { quiet: true });
}
