import { named as kinds, type Resource, resourceNamed } from "../../../api/scheme.ts";
import type { Context } from "../command/command.ts";
import type { Takes } from "../command/takes.ts";
import { named } from "./flag-values.ts";
import { behind, nothing, type Offer, wordsOf } from "./offer.ts";
import { serverNames } from "./server-names.ts";

/** What the words after a verb may go on with. `typed`: those that stand before the present one. */
export async function wordsAfter(
  takes: Takes,
  typed: readonly string[],
  current: string,
  context: Context,
): Promise<Offer> {
  const { words, contexts, files, types } = takes;
  if (files) return { candidates: [], files };
  if (contexts) return typed.length === 0 ? wordsOf(await named("contexts", context)) : nothing;
  if (words && typed.length === 0) return wordsOf(words);
  return types ? objectsAfter(takes, words ? typed.slice(1) : typed, current, context) : nothing;
}

/** kubectl's grammar: `TYPE NAME...`, `TYPE,TYPE`, `TYPE/NAME...`. */
async function objectsAfter(
  { types = [], onlyType, bare }: Takes,
  typed: readonly string[],
  current: string,
  context: Context,
): Promise<Offer> {
  const offered = types === "any" ? kinds : kinds.filter(({ plural }) => types.includes(plural));
  const slash = current.indexOf("/");
  if (slash > 0) return pairsOf(resourceNamed(current.slice(0, slash)), current.slice(0, slash + 1), typed, context);
  const [first] = typed;
  if (onlyType) return first === undefined ? wordsOf(pluralsOf(offered)) : nothing;
  if (first !== undefined && !first.includes("/") && resourceNamed(first)) {
    const names = await serverNames(resourceNamed(first)!, context);
    return wordsOf(names.filter((name) => !typed.includes(name)));
  }
  if (bare !== undefined) {
    const names = await serverNames(resourceNamed(bare)!, context);
    return wordsOf([
      ...names.filter((name) => !typed.includes(name)),
      ...offered.map(({ singular }) => `${singular}/`),
    ]);
  }
  if (types === "any" && first !== undefined && !first.includes("/")) return nothing;
  if (types !== "any" || first !== undefined) return wordsOf(offered.map(({ singular }) => `${singular}/`));
  const comma = current.lastIndexOf(",") + 1;
  return behind(current.slice(0, comma), wordsOf(pluralsOf(offered)));
}

async function pairsOf(
  resource: Resource | undefined,
  prefix: string,
  typed: readonly string[],
  context: Context,
): Promise<Offer> {
  if (!resource) return nothing;
  const names = await serverNames(resource, context);
  return behind(prefix, wordsOf(names.filter((name) => !typed.includes(prefix + name))));
}

const pluralsOf = (resources: readonly Resource[]): Set<string> => new Set(resources.map(({ plural }) => plural));
