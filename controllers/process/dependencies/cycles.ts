import type { Key } from "../../../api/object.ts";

type Edges = ReadonlyMap<Key, Iterable<Key>>;

/** Steps spent on finding each Process a cycle of its own; in a larger tangle the rest share the first one that was found. */
const MOST_STEPS = 100_000;

/** Each Process that leads back to itself, with a cycle. `backwards`: the same edges, reversed. */
export function cyclesOf(edges: Edges, backwards: Edges): Map<Key, readonly Key[]> {
  const cycles = new Map<Key, readonly Key[]>();
  let steps = 0;
  for (const component of components(edges, backwards)) {
    let common: readonly Key[] | undefined;
    for (const key of component) {
      if (cycles.has(key)) continue;
      const cycle = common && steps > MOST_STEPS ? common : wayBack(key, edges, component, () => steps++);
      if (!cycle) break; // it is alone, and not in a cycle with itself
      common ??= cycle;
      cycles.set(key, cycle);
      for (const one of cycle) if (!cycles.has(one)) cycles.set(one, cycle);
    }
  }
  return cycles;
}

/** Strongly connected components, by Kosaraju's algorithm with an explicit stack. */
function components(edges: Edges, backwards: Edges): Set<Key>[] {
  const placed = new Set<Key>();
  const all: Set<Key>[] = [];
  for (const start of lastFirst(edges)) {
    if (placed.has(start)) continue;
    const component = new Set([start]);
    for (const key of component) {
      placed.add(key);
      for (const next of backwards.get(key) ?? []) if (!placed.has(next)) component.add(next);
    }
    all.push(component);
  }
  return all;
}

/** All of them, in the reverse of the order in which a depth-first search leaves them. */
function lastFirst(edges: Edges): Key[] {
  const seen = new Set<Key>();
  const left: Key[] = [];
  for (const start of edges.keys()) {
    const stack: [Key, Iterator<Key>][] = [];
    const enter = (key: Key): void => {
      if (seen.has(key)) return;
      seen.add(key);
      stack.push([key, (edges.get(key) ?? [])[Symbol.iterator]()]);
    };
    enter(start);
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const next = top[1].next();
      if (next.done) left.push(stack.pop()![0]);
      else enter(next.value);
    }
  }
  return left.reverse();
}

/** The shortest path from a Process back to itself within its component, without its end. */
function wayBack(start: Key, edges: Edges, within: ReadonlySet<Key>, count: () => void): Key[] | undefined {
  const cameFrom = new Map<Key, Key>();
  const open = [start];
  for (const here of open) {
    for (const next of edges.get(here) ?? []) {
      count();
      if (next === start) return back(here, start, cameFrom);
      if (cameFrom.has(next) || !within.has(next)) continue;
      cameFrom.set(next, here);
      open.push(next);
    }
  }
  return undefined;
}

function back(last: Key, start: Key, cameFrom: ReadonlyMap<Key, Key>): Key[] {
  const way: Key[] = [];
  for (let at = last; at !== start; at = cameFrom.get(at)!) way.push(at);
  return [start, ...way.reverse()];
}
