import { findCondition } from "../../api/conditions.ts";
import { type Key, keyOf, makeKey, type Stored } from "../../api/object.ts";
import type { GitSource } from "../../api/types.generated.ts";
import { oneLine } from "../../lib/one-line.ts";
import { enumerate } from "../../lib/wording.ts";
import type { Indexers, Lister } from "../../machinery/lister.ts";
import type { SourceProblem } from "../source/reader.ts";
import { rollbackOf } from "./rollback.ts";

/** All GitSources, as far as they are known. */
export type Sources = Pick<Lister<GitSource>, "get">;

const NOT_READY = "DependencyNotReady";
export const DEPENDENCY_CYCLE = "DependencyCycle";
/** Of the message of another source, so many characters are repeated. */
const LONGEST = 200;

/** The sources that it names in its dependsOn. */
export const dependenciesOf = ({ metadata, spec }: Stored<GitSource>): Key[] =>
  (spec.dependsOn ?? []).map(({ name, namespace }) => makeKey(namespace ?? metadata.namespace, name));

/** Indexers for the informer of GitSources. */
export const gitSourceIndexers = {
  /** By the key of each source that it depends on. */
  dependency: dependenciesOf,
} satisfies Indexers<GitSource>;

/**
 * Why no revision of a source may be applied now; undefined when each source that it depends on is Ready. Another try does not help: it is for one of those to change, and that
 * is seen. What a source of another namespace says of itself is for who may read it there.
 */
export function waitsFor(source: Stored<GitSource>, sources: Sources): SourceProblem | undefined {
  // A person wants it back now, as it was when the others were ready.
  if (rollbackOf(source)) return undefined;
  const cycle = cycleThrough(source, sources);
  if (cycle) {
    const message = `spec.dependsOn forms a cycle: ${told(cycle, source).join(" -> ")}; none of them is applied before the others. Remove one of these dependencies`;
    return { reason: DEPENDENCY_CYCLE, message, worthRetrying: false };
  }
  const unmet = dependenciesOf(source).flatMap((key) => {
    const why = whyNot(source, sources.get(key));
    return why === undefined ? [] : [`gitsource ${key} ${why}`];
  });
  return unmet.length === 0 ? undefined : { reason: NOT_READY, message: enumerate(unmet), worthRetrying: false };
}

function whyNot(by: Stored<GitSource>, other: Stored<GitSource> | undefined): string | undefined {
  if (!other) return "is not there";
  const { metadata, spec, status } = other;
  const ready = findCondition(status?.conditions, "Ready");
  // While it is suspended nobody looks at it, so what it was last is what it is.
  const isSeen = spec.suspend || status?.observedGeneration === metadata.generation;
  if (isSeen && ready?.status === "True") return undefined;
  if (metadata.namespace !== by.metadata.namespace) return "is not ready";
  if (spec.suspend)
    return `is not ready: it is suspended; wctl resume gitsource/${metadata.name} -n ${metadata.namespace}`;
  if (!ready) return "is not ready: it was not applied yet";
  if (!isSeen) return "is not ready: its spec has changed, and is not applied yet";
  // Its message would hold that of the next one, and so on.
  if (ready.reason === NOT_READY) return "is not ready: it waits for others itself";
  const [first = ""] = (ready.message ?? "").split("\n");
  return `is not ready: ${oneLine(first, LONGEST)}`;
}

/** The shortest way from a source back to itself, with the source at both ends. Each source is looked at once. */
function cycleThrough(source: Stored<GitSource>, sources: Sources): Key[] | undefined {
  const start = keyOf(source);
  const cameFrom = new Map<Key, Key>();
  const open = [start];
  for (const here of open) {
    const from = here === start ? source : sources.get(here);
    for (const next of from ? dependenciesOf(from) : []) {
      if (next === start) return [...wayTo(here, start, cameFrom), start];
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, here);
      open.push(next);
    }
  }
  return undefined;
}

function wayTo(last: Key, start: Key, cameFrom: ReadonlyMap<Key, Key>): Key[] {
  const way: Key[] = [];
  for (let at = last; at !== start; at = cameFrom.get(at)!) way.push(at);
  return [start, ...way.reverse()];
}

/** So many names of a cycle are told. */
const TOLD = 10;

/** What its own namespace knows: names of other namespaces only where it names them itself. */
function told(cycle: readonly Key[], source: Stored<GitSource>): string[] {
  const known = new Set(dependenciesOf(source));
  const isOurs = (key: Key): boolean => key.startsWith(`${source.metadata.namespace}/`) || known.has(key);
  const names = cycle.map((key) => (isOurs(key) ? key : "(another namespace)"));
  const more = names.length - TOLD;
  return more > 1 ? [...names.slice(0, TOLD - 1), `(${more} more)`, ...names.slice(-1)] : names;
}
