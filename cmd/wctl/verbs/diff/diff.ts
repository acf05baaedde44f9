import { applyObject } from "../../../../api/apply/apply.ts";
import { diffObjects } from "../../../../api/apply/diff.ts";
import { isNotFound } from "../../../../api/errors.ts";
import { explainWarning } from "../../../../api/manifests/server-errors.ts";
import { type Context, command } from "../../command/command.ts";
import { fieldManager, filename, recursive, selector } from "../../command/common-options.ts";
import { Exit, Failure, usageFailure } from "../../errors/failure.ts";
import { throwCollected } from "../../errors/throw-collected.ts";
import { explainRefusal } from "../../input/explain-refusal.ts";
import { type ManifestObject, readManifests, selectManifests } from "../../input/manifests.ts";
import { warn } from "../../output/warn.ts";
import { type Paint, painter } from "../../text/colour.ts";

const DIFFERENT = 1;
/** So that a script can tell a difference from a failure. */
const FAILED = 2;

export const diff = command({
  name: "diff",
  summary: "Show what apply would change.",
  description:
    "The server works out the result without keeping it. Exit code 0: no difference; 1: there are some; more: it failed. Values of secrets are not shown.",
  usage: ["diff -f (FILE | DIR | URL | -)... [flags]"],
  examples: [
    { what: "What would applying this file change?", line: "wctl diff -f web.yaml" },
    { what: "Apply only when something differs", line: "wctl diff -f manifests/ || wctl apply -f manifests/" },
  ],
  options: [filename, recursive, selector, { ...fieldManager, default: "wctl-client-side-apply" }],
  async run(args, flags, context) {
    try {
      if (args.length > 0 || flags.filename.length === 0) throw usageFailure("diff", "files are named with -f");
      const manifests = selectManifests(await readManifests(flags.filename, flags.recursive, context), flags.selector);
      if (manifests.length === 0) throw new Failure("no objects passed to diff");
      const paint = painter(context.out);
      let different = false;
      const errors: unknown[] = [];
      for (const manifest of manifests) {
        try {
          const text = await diffOne(manifest, flags["field-manager"], context);
          different ||= text !== "";
          await context.out.write(coloured(text, paint));
        } catch (error) {
          errors.push(explainRefusal(manifest, error));
        }
      }
      throwCollected(errors);
      return different ? DIFFERENT : 0;
    } catch (error) {
      throw new Exit(FAILED, error);
    }
  },
});

async function diffOne(manifest: ManifestObject, fieldManager: string, { session, err }: Context): Promise<string> {
  const { resource, key, object } = manifest;
  const { client } = await session.open();
  const live = await client.get(resource, key).catch((error) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
  const onWarning = (text: string): unknown => warn(err, explainWarning(manifest, text));
  const { object: merged } = await applyObject(client, resource, object, { dryRun: true, fieldManager, onWarning });
  return diffObjects(live, merged);
}

const colourOf = { "+": "green", "-": "red", "@": "cyan" } as const;

const coloured = (text: string, paint: Paint): string =>
  text.replace(/^([-+@]).*$/gm, (whole, first: keyof typeof colourOf) => paint(colourOf[first], whole));
