import { isNotFound } from "../../../../api/errors.ts";
import { keyOf } from "../../../../api/object.ts";
import { type Context, command } from "../../command/command.ts";
import {
  allNamespaces,
  cascade,
  dryRun,
  fieldSelector,
  filename,
  propagationOf,
  recursive,
  selector,
  timeout,
} from "../../command/common-options.ts";
import { anyObject } from "../../command/takes.ts";
import { Failure } from "../../errors/failure.ts";
import { throwCollected } from "../../errors/throw-collected.ts";
import { type Found, findObjects } from "../../input/find-objects.ts";
import { line } from "../../output/output.ts";
import { dryRunSuffix, nothingFound } from "../../text/messages.ts";
import { kindName, objectName } from "../../text/name.ts";
import { waitUntilGone } from "../../watching/wait-until-gone.ts";

export const deleteCommand = command({
  name: "delete",
  summary: "Delete objects, and wait until they are gone.",
  description:
    "Deleting a process stops its instances; the command returns when nothing of them is left. It sends all deletions before it waits for the first, so that dependents stop first. A second deletion may shorten the time that a stopping object has, never lengthen it.",
  usage: ["delete (-f FILE | TYPE NAME... | TYPE/NAME... | TYPE -l SELECTOR | TYPE --all) [flags]"],
  examples: [
    { what: "Stop and remove the process web", line: "wctl delete process web" },
    { what: "Delete what a folder declares", line: "wctl delete -f manifests/" },
    { what: "Delete by label without waiting", line: "wctl delete processes -l tier=front --wait=false" },
    { what: "Restart one instance (its process makes a new one)", line: "wctl delete instance web-0" },
    { what: "Give the programs no more than 5 seconds to end", line: "wctl delete process web --grace-period=5" },
  ],
  takes: anyObject,
  options: [
    filename,
    recursive,
    selector,
    fieldSelector,
    { name: "all", type: "boolean", description: "All objects of the type in the namespace." },
    allNamespaces,
    cascade,
    { name: "wait", type: "boolean", default: true, description: "Return only when the objects are gone." },
    timeout,
    {
      name: "grace-period",
      type: "integer",
      placeholder: "SECONDS",
      default: -1,
      description: "Time for the programs to end by themselves; -1: what the object says.",
    },
    { name: "now", type: "boolean", description: "The same as --grace-period=1." },
    { name: "force", type: "boolean", description: "Kill at once: the same as --grace-period=0." },
    { name: "ignore-not-found", type: "boolean", description: "Missing objects are no error (default with --all)." },
    { name: "output", short: "o", type: "string", oneOf: ["name"], description: "Print names only." },
    dryRun,
  ],
  async run(args, flags, context) {
    const finding = { ...flags, "ignore-not-found": flags["ignore-not-found"] || flags.all };
    const { found, errors } = await findObjects(args, finding, context);
    if (found.length + errors.length === 0) {
      await line(context.out, nothingFound(undefined));
      return 0;
    }
    const gracePeriod = gracePeriodOf(flags);
    const options = {
      propagation: propagationOf[flags.cascade],
      ...(gracePeriod === undefined ? {} : { gracePeriodSeconds: gracePeriod }),
      dryRun: flags["dry-run"] === "server",
    };
    const sent: Found[] = [];
    for (const one of found) {
      try {
        if (flags["dry-run"] !== "client") await send(one, options, context);
        sent.push(one);
        await line(context.out, messageFor(one, flags, gracePeriod === 0));
      } catch (error) {
        if (!(finding["ignore-not-found"] && isNotFound(error))) errors.push(error);
      }
    }
    if (flags.wait && flags["dry-run"] === "none") await waitUntilGone(sent, flags.timeout, context);
    throwCollected(errors);
    return 0;
  },
});

/** The request names the uid, so that an object which was created again in between is not deleted. */
async function send({ resource, object }: Found, options: object, { session }: Context): Promise<void> {
  const { client } = await session.open();
  await client.delete(resource, keyOf(object), { ...options, preconditions: { uid: object.metadata.uid } });
}

function gracePeriodOf(flags: { "grace-period": number; now: boolean; force: boolean }): number | undefined {
  if (flags.now) {
    if (flags["grace-period"] >= 0) throw new Failure("--now and --grace-period cannot be specified together");
    return 1;
  }
  if (flags.force && flags["grace-period"] > 0) {
    throw new Failure("--force and --grace-period greater than 0 cannot be specified together");
  }
  if (flags.force) return 0;
  return flags["grace-period"] < 0 ? undefined : flags["grace-period"];
}

function messageFor(
  { resource, object }: Found,
  flags: { output: "name" | undefined; "dry-run": string },
  forced: boolean,
): string {
  const { name } = object.metadata;
  if (flags.output === "name") return objectName(resource, name);
  return `${kindName(resource)} "${name}" ${forced ? "force " : ""}deleted${dryRunSuffix(flags["dry-run"])}`;
}
