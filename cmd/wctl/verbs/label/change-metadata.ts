import type { HttpClient } from "../../../../api/http/http-client.ts";
import { keyOf, type Stored } from "../../../../api/object.ts";
import { sameJson } from "../../../../lib/same-json.ts";
import type { Context } from "../../command/command.ts";
import {
  allNamespaces,
  dryRun,
  fieldSelector,
  filename,
  recursive,
  selector,
  writeOutput,
} from "../../command/common-options.ts";
import type { Flags } from "../../command/option.ts";
import { Failure } from "../../errors/failure.ts";
import { throwCollected } from "../../errors/throw-collected.ts";
import { type Found, findObjects } from "../../input/find-objects.ts";
import { line } from "../../output/output.ts";
import { dryRunSuffix } from "../../text/messages.ts";
import { objectName } from "../../text/name.ts";
import { WrittenPrinter } from "../../writing/written.ts";
import { type Changes, changed, changesOf, type Field, oneOf, overwritten, patchOf, splitArgs } from "./changes.ts";
import { listValues } from "./list-values.ts";

/** Flags of `label` and `annotate`. */
export const metadataOptions = [
  { name: "overwrite", type: "boolean", description: "Also change what has another value already." },
  { name: "list", type: "boolean", description: "Print what is there, after the changes if there are any." },
  filename,
  recursive,
  selector,
  fieldSelector,
  { name: "all", type: "boolean", description: "All objects of the type in the namespace." },
  allNamespaces,
  {
    name: "resource-version",
    type: "string",
    placeholder: "VERSION",
    description: "Refuse unless the object has this version; for one object only.",
  },
  dryRun,
  writeOutput,
] as const;

type MetadataFlags = Flags<typeof metadataOptions> & { "field-manager": string };

/** Sets and removes labels or annotations of the objects that the line names. */
export async function changeMetadata(
  field: Field,
  args: readonly string[],
  flags: MetadataFlags,
  context: Context,
): Promise<number> {
  const { objects, pairs } = splitArgs(args, field);
  const changes = changesOf(pairs, field);
  refuseContradictions(field, objects, pairs, flags);
  const { found, errors } = await findObjects(objects, flags, context);
  const version = flags["resource-version"];
  if (version !== undefined && found.length + errors.length > 1)
    throw new Failure("--resource-version may only be used with a single resource");
  const { client } = await context.session.open();
  const printer = new WrittenPrinter(context.out, flags.output);
  for (const one of found) {
    try {
      const object = await change(one, field, changes, flags, client);
      if (flags.list) await listValues(context.out, one.resource, object, field, found.length > 1);
      else {
        await tellMissing(one, field, changes, context);
        const name = objectName(one.resource, object.metadata.name);
        const outcome = outcomeOf(field, one.object, object, flags.overwrite);
        await printer.add({ object, name, message: `${name} ${outcome}${dryRunSuffix(flags["dry-run"])}` });
      }
    } catch (error) {
      errors.push(error);
    }
  }
  await printer.end();
  throwCollected(errors);
  return 0;
}

function refuseContradictions(
  field: Field,
  objects: readonly string[],
  pairs: readonly string[],
  flags: MetadataFlags,
): void {
  if (flags.all && flags.selector) throw new Failure("cannot set --all and --selector at the same time");
  if (flags.all && flags["field-selector"]) throw new Failure("cannot set --all and --field-selector at the same time");
  if (flags.list && flags.output) throw new Failure("--list and --output may not be specified together");
  if (objects.length === 0 && flags.filename.length === 0)
    throw new Failure("one or more resources must be specified as <resource> <name> or <resource>/<name>");
  if (pairs.length === 0 && !flags.list) throw new Failure(`at least one ${oneOf(field)} update is required`);
}

async function change(
  { resource, object }: Found,
  field: Field,
  changes: Changes,
  flags: MetadataFlags,
  client: HttpClient,
): Promise<Stored> {
  const now = object.metadata[field] ?? {};
  const taken = flags.overwrite ? [] : overwritten(now, changes);
  if (taken.length > 0) {
    const texts = taken.map((key) => `'${key}' already has a value (${now[key]})`);
    throw new Failure(
      field === "labels"
        ? texts.map((text) => `${text}, and --overwrite is false`).join("\n")
        : `--overwrite is false but found the following declared annotation(s): ${texts.join("; ")}`,
    );
  }
  const next = changed(now, changes);
  const version = flags["resource-version"];
  if (flags["dry-run"] === "client") return { ...object, metadata: { ...object.metadata, [field]: next } };
  if (sameJson(now, next) && version === undefined) return object;
  const metadata = { ...(version === undefined ? {} : { resourceVersion: version }), [field]: patchOf(changes) };
  const options = { fieldManager: flags["field-manager"], dryRun: flags["dry-run"] === "server" };
  return client.patch(resource, keyOf(object), { type: "merge", body: { metadata } }, options);
}

async function tellMissing({ object }: Found, field: Field, { remove }: Changes, { out }: Context): Promise<void> {
  if (field !== "labels") return;
  for (const key of remove)
    if (!Object.hasOwn(object.metadata.labels ?? {}, key)) await line(out, `label ${JSON.stringify(key)} not found.`);
}

/** kubectl's words, which tell of labels what happened, and of annotations that it was asked for. */
function outcomeOf(field: Field, before: Stored, after: Stored, overwrite: boolean): string {
  if (field === "annotations") return "annotated";
  const [old, now] = [before.metadata.labels ?? {}, after.metadata.labels ?? {}];
  if (sameJson(old, now)) return "not labeled";
  return !overwrite && Object.keys(now).length < Object.keys(old).length ? "unlabeled" : "labeled";
}
