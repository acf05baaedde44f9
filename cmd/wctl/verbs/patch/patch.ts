import type { Patch } from "../../../../api/client.ts";
import type { HttpClient } from "../../../../api/http/http-client.ts";
import { keyOf, type Stored } from "../../../../api/object.ts";
import { sameJson } from "../../../../lib/same-json.ts";
import { command } from "../../command/command.ts";
import { dryRun, fieldManager, filename, recursive, writeOutput } from "../../command/common-options.ts";
import { anyObject } from "../../command/takes.ts";
import { Failure } from "../../errors/failure.ts";
import { throwCollected } from "../../errors/throw-collected.ts";
import { type Found, findObjects } from "../../input/find-objects.ts";
import { warn } from "../../output/warn.ts";
import { dryRunSuffix } from "../../text/messages.ts";
import { objectName } from "../../text/name.ts";
import { type Validation, validate, writeOptionsOf } from "../../writing/options.ts";
import { WrittenPrinter } from "../../writing/written.ts";
import { readPatch } from "./read-patch.ts";

export const patch = command({
  name: "patch",
  summary: "Change some fields of objects.",
  description:
    "A merge patch (RFC 7386) has the fields to set, and null for those to remove; lists are replaced whole. A JSON patch (RFC 6902) is a list of operations. Both may be written as JSON or YAML.",
  usage: ["patch (TYPE NAME | TYPE/NAME | -f FILE) (-p PATCH | --patch-file FILE) [flags]"],
  examples: [
    { what: "Set a field", line: `wctl patch process web -p '{"spec":{"replicas":3}}'` },
    {
      what: "Change one item of a list",
      line: `wctl patch process web --type=json -p '[{"op":"replace","path":"/spec/args/0","value":"new.js"}]'`,
    },
    { what: "From a file", line: "wctl patch process web --patch-file=more-memory.yaml" },
    { what: "A part of its own", line: `wctl patch process web --subresource=scale -p '{"spec":{"replicas":2}}'` },
  ],
  takes: anyObject,
  options: [
    { name: "patch", short: "p", type: "string", placeholder: "PATCH", description: "The patch, as JSON or YAML." },
    { name: "patch-file", type: "string", placeholder: "FILE", description: "A file with the patch." },
    { name: "type", type: "string", oneOf: ["merge", "json"], default: "merge", description: "What the patch is." },
    {
      name: "subresource",
      type: "string",
      oneOf: ["status", "scale"],
      description: "Change this part of the object and nothing else.",
    },
    filename,
    recursive,
    {
      ...dryRun,
      description: "client: only say what would be sent; server: let the server work it out without keeping it.",
    },
    writeOutput,
    validate,
    { ...fieldManager, default: "wctl-patch" },
  ],
  async run(args, flags, context) {
    const body = await readPatch(flags);
    if (flags["dry-run"] === "client" && flags.output !== undefined && flags.output !== "name")
      throw new Failure("only a server works out what a patch makes: use --dry-run=server");
    const { found, errors } = await findObjects(args, flags, context);
    const { client } = await context.session.open();
    const onWarning = (text: string): unknown => warn(context.err, text);
    const printer = new WrittenPrinter(context.out, flags.output);
    for (const one of found) {
      try {
        const object = await send(client, one, body, flags, onWarning);
        const name = objectName(one.resource, one.object.metadata.name);
        const same = flags["dry-run"] === "none" && !flags.subresource && isSame(one.object, object);
        const outcome = `patched${same ? " (no change)" : ""}${dryRunSuffix(flags["dry-run"])}`;
        await printer.add({ object, name, message: `${name} ${outcome}` });
      } catch (error) {
        errors.push(error);
      }
    }
    await printer.end();
    throwCollected(errors);
    return 0;
  },
});

interface SendFlags {
  subresource: "status" | "scale" | undefined;
  "dry-run": string;
  validate: Validation;
  "field-manager": string;
}

async function send(
  client: HttpClient,
  { resource, object }: Found,
  body: Patch,
  flags: SendFlags,
  onWarning: (text: string) => unknown,
): Promise<Stored> {
  if (flags["dry-run"] === "client") return object;
  const options = { ...writeOptionsOf(flags), onWarning };
  const { subresource } = flags;
  return client.patch(resource, keyOf(object), body, subresource ? { ...options, subresource } : options);
}

/** A status may have been written meanwhile, so the version does not say it. */
const isSame = (before: Stored, after: Stored): boolean => sameJson(declared(before), declared(after));

function declared({ status: _, metadata, ...rest }: Stored & { status?: unknown }): unknown {
  const { resourceVersion: __, managedFields: ___, ...kept } = metadata;
  return { ...rest, metadata: kept };
}
