import { named, type Resource, resourceNamed, scheme } from "../../../api/scheme.ts";
import { nearest } from "../../../lib/near-miss.ts";
import { Failure } from "../errors/failure.ts";

/** What the words after a verb point at: one object, or (without a name) all objects of a kind. */
export interface Target {
  resource: Resource;
  name?: string;
}

/** `TYPE`, `TYPE NAME…`, `TYPE,TYPE`, `TYPE/NAME…`, or a category such as `all`; kubectl's grammar. */
export function parseTargets(words: readonly string[]): Target[] {
  if (words.some((word) => word.includes("/"))) return words.flatMap(parsePair);
  const [types, ...names] = words;
  if (types === undefined) return [];
  const resources = types
    .split(",")
    .filter((type) => type !== "")
    .flatMap(resourcesNamed);
  if (names.length === 0) return unique(resources).map((resource) => ({ resource }));
  if (resources.length > 1 && !types.includes(",")) throw new Failure("setting 'all' parameter but found a name");
  return resources.flatMap((resource) => names.map((name) => ({ resource, name })));
}

function parsePair(word: string): Target[] {
  const [type, name, ...more] = word.split("/");
  if (name === undefined) {
    throw new Failure(
      "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'wctl get resource/<resource_name>' instead of 'wctl get resource resource/<resource_name>')",
    );
  }
  if (!type || !name || more.length > 0) {
    throw new Failure(`arguments in resource/name form must have a single resource and name: ${JSON.stringify(word)}`);
  }
  return type.split(",").map((one) => ({ resource: resourceFor(one), name }));
}

function resourcesNamed(type: string): Resource[] {
  const category = scheme.filter((resource) => resource.categories.includes(type.toLowerCase()));
  return category.length > 0 ? category : [resourceFor(type)];
}

/** By any of its names. The scheme is built in, so that no discovery request is needed. */
export function resourceFor(type: string): Resource {
  const resource = resourceNamed(type);
  if (resource) return resource;
  const meant = nearest(
    type,
    named.flatMap(({ plural, singular }) => [plural, singular]),
  );
  throw new Failure(`the server doesn't have a resource type ${JSON.stringify(type)}`, {
    ...(meant ? { hint: `Did you mean ${JSON.stringify(meant)}?` } : {}),
  });
}

const unique = <T>(items: readonly T[]): T[] => [...new Set(items)];
