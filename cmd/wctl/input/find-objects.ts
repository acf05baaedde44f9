import { isNotFound } from "../../../api/errors.ts";
import { type Key, makeKey, type Stored } from "../../../api/object.ts";
import type { Resource } from "../../../api/scheme.ts";
import type { Context } from "../command/command.ts";
import { Failure } from "../errors/failure.ts";
import type { Selection } from "../watching/follow.ts";
import { readManifests } from "./manifests.ts";
import { parseTargets, type Target } from "./targets.ts";

export interface Found {
  resource: Resource;
  object: Stored;
}

/** The flags by which verbs name objects; each verb offers some of them. */
export interface Finding {
  filename?: readonly string[] | undefined;
  recursive?: boolean;
  selector?: string | undefined;
  "field-selector"?: string | undefined;
  all?: boolean;
  /** A type alone means all of its objects. */
  orEverything?: boolean;
  "all-namespaces"?: boolean;
  "ignore-not-found"?: boolean;
}

/**
 * The objects a command line names: by name, by file, or by selector. What cannot be found is in `errors`, so that a verb can go
 * on with the others and report at the end, as kubectl does.
 */
export async function findObjects(
  args: readonly string[],
  finding: Finding,
  context: Context,
): Promise<{ found: Found[]; errors: unknown[] }> {
  const result = { found: [] as Found[], errors: [] as unknown[] };
  for (const lookUp of await lookUps(args, finding, context)) {
    try {
      result.found.push(...(await lookUp()));
    } catch (error) {
      if (!(finding["ignore-not-found"] && isNotFound(error))) result.errors.push(error);
    }
  }
  return result;
}

type LookUp = () => Promise<Found[]>;

async function lookUps(args: readonly string[], finding: Finding, context: Context): Promise<LookUp[]> {
  const { client, namespace } = await context.session.open();
  const one =
    (resource: Resource, key: Key): LookUp =>
    async () => [{ resource, object: await client.get(resource, key) }];
  if (finding.filename && finding.filename.length > 0) {
    if (args.length > 0)
      throw new Failure(
        "when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well",
      );
    const manifests = await readManifests(finding.filename, finding.recursive ?? false, context);
    return manifests.map(({ resource, key }) => one(resource, key));
  }
  const targets = parseTargets(args);
  if (targets.length === 0) throw new Failure("you must provide one or more resources by argument or filename");
  return targets.map((target) => {
    if (target.name !== undefined) {
      refuseNameWithSelection(finding);
      return one(target.resource, makeKey(target.resource.namespaced ? namespace : undefined, target.name));
    }
    return async () => {
      const items = await client.list(target.resource, selectionOf(target, finding, namespace));
      return items.items.map((object) => ({ resource: target.resource, object }));
    };
  });
}

function selectionOf(target: Target, finding: Finding, namespace: string): Selection {
  const { selector, "field-selector": fieldSelector, all, orEverything } = finding;
  if (!selector && !fieldSelector && !all && !orEverything)
    throw new Failure("resource(s) were provided, but no name was specified");
  return {
    ...(target.resource.namespaced && !finding["all-namespaces"] ? { namespace } : {}),
    ...(selector ? { labelSelector: selector } : {}),
    ...(fieldSelector ? { fieldSelector } : {}),
  };
}

function refuseNameWithSelection(finding: Finding): void {
  if (finding.selector) throw new Failure("name cannot be provided when a selector is specified");
  if (finding.all) throw new Failure("name cannot be provided when --all is specified");
}
