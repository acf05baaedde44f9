import { type Key, keyOf, type Stored } from "../../api/object.ts";
import type { GitSource } from "../../api/types.generated.ts";
import { dependenciesOf, type Sources } from "./keys.ts";

/** The shortest way from a source back to itself, with the source at both ends. Each source is looked at once. */
export function cycleThrough(source: Stored<GitSource>, sources: Sources): Key[] | undefined {
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

/** As its own namespace may know it: with names of other namespaces only where it names them itself. */
export function describeCycle(cycle: readonly Key[], source: Stored<GitSource>): string {
  const known = new Set(dependenciesOf(source));
  const isOurs = (key: Key): boolean => key.startsWith(`${source.metadata.namespace}/`) || known.has(key);
  const names = cycle.map((key) => (isOurs(key) ? key : "(another namespace)"));
  const more = names.length - TOLD;
  const told = more > 1 ? [...names.slice(0, TOLD - 1), `(${more} more)`, ...names.slice(-1)] : names;
  return `spec.dependsOn forms a cycle: ${told.join(" -> ")}; none of them is applied before the others. Remove one of these dependencies`;
}
