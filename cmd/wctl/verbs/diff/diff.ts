import { applyObject } from "../../../../api/apply/apply.ts";
import { diffObjects } from "../../../../api/apply/diff.ts";
import { isNotFound } from "../../../../api/errors.ts";
import { explainWarning } from "../../../../api/manifests/server-errors.ts";
import { gitSources } from "../../../../api/scheme.ts";
import { type Context, command } from "../../command/command.ts";
import { fieldManager, filename, recursive, selector } from "../../command/common-options.ts";
import { Exit, Failure, usageFailure } from "../../errors/failure.ts";
import { throwCollected } from "../../errors/throw-collected.ts";
import { explainRefusal } from "../../input/explain-refusal.ts";
import { type ManifestObject, readManifests, refuseSealed, selectManifests } from "../../input/manifests.ts";
import { parseTargets } from "../../input/targets.ts";
import { warn } from "../../output/warn.ts";
import { painter } from "../../text/colour.ts";
import { colouredDiff } from "./coloured-diff.ts";
import { diffSource } from "./diff-source.ts";

const DIFFERENT = 1;
/** So that a script can tell a difference from a failure. */
const FAILED = 2;

export const diff = command({
  name: "diff",
  summary: "Show what apply would change.",
  description:
    "The server works out the result without keeping it. Of a GitSource: what its next apply would change and prune, of the newest revision or of another commit, suspended or not. Exit code 0: no difference; 1: there are some; more: it failed, or something of the revision is invalid. Values of secrets are not shown.",
  usage: ["diff -f (FILE | DIR | URL | -)... [flags]", "diff gitsource/NAME [--commit=COMMIT]"],
  examples: [
    { what: "What would applying this file change?", line: "wctl diff -f web.yaml" },
    { what: "Apply only when something differs", line: "wctl diff -f manifests/ || wctl apply -f manifests/" },
    { what: "What would the next revision of a repository change?", line: "wctl diff gitsource/fleet" },
    { what: "What would a rollback change?", line: "wctl diff gitsource/fleet --commit=72ac4c4" },
  ],
  takes: { types: [gitSources.plural] },
  options: [
    filename,
    recursive,
    selector,
    {
      name: "commit",
      type: "string",
      placeholder: "COMMIT",
      description:
        "Of a GitSource, instead of what its ref names: the first 7 digits, or more, of a commit that was applied, or all 40 of any.",
    },
    { ...fieldManager, default: "wctl-client-side-apply" },
  ],
  async run(args, flags, context) {
    try {
      const { filename: files, commit, selector: labels } = flags;
      if (args.length > 0) {
        if (files.length > 0 || flags.recursive || labels) throw usageFailure("diff", "a gitsource has no other files");
        return (await diffSource(sourceNamed(args), commit, context)) ? DIFFERENT : 0;
      }
      if (commit !== undefined) throw usageFailure("diff", "--commit is one of a gitsource: name it");
      if (files.length === 0) throw usageFailure("diff", "files are named with -f, or a gitsource");
      const manifests = selectManifests(await readManifests(files, flags.recursive, context), labels);
      refuseSealed(manifests);
      return (await diffAll(manifests, flags["field-manager"], context)) ? DIFFERENT : 0;
    } catch (error) {
      throw new Exit(FAILED, error);
    }
  },
});

function sourceNamed(args: readonly string[]): string {
  const [target, ...others] = parseTargets(args);
  if (target?.resource !== gitSources || target.name === undefined || others.length > 0)
    throw usageFailure("diff", "name one gitsource, as gitsource/fleet; files are named with -f");
  return target.name;
}

async function diffAll(manifests: readonly ManifestObject[], fieldManager: string, context: Context): Promise<boolean> {
  if (manifests.length === 0) throw new Failure("no objects passed to diff");
  const paint = painter(context.out);
  let different = false;
  const errors: unknown[] = [];
  for (const manifest of manifests) {
    try {
      const text = await diffOne(manifest, fieldManager, context);
      different ||= text !== "";
      await context.out.write(colouredDiff(text, paint));
    } catch (error) {
      errors.push(explainRefusal(manifest, error));
    }
  }
  throwCollected(errors);
  return different;
}

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
