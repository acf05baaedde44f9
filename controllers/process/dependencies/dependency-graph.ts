import type { Key } from "../../../api/object.ts";
import { cyclesOf } from "./cycles.ts";

/**
 * Which Process depends on which, and which are in a cycle. Each new edge is checked once, by a search from both of its ends that is over when
 * either end has nowhere left to go. Nothing here is recursive, so chains may have any length.
 */
export class DependencyGraph {
  readonly #dependencies = new Map<Key, readonly Key[]>();
  readonly #dependents = new Map<Key, Set<Key>>();
  /** Each Process that is in a cycle, with the path of one such cycle. */
  #cycles = new Map<Key, readonly Key[]>();

  /** Sets the dependencies of a Process (none when it is gone). Returns who entered a cycle, left one, or is in another one now. */
  set(key: Key, dependencies: readonly Key[]): Key[] {
    const before = this.#dependencies.get(key) ?? [];
    if (before.length === dependencies.length && before.every((one, n) => one === dependencies[n])) return [];
    for (const one of before) this.#dependents.get(one)?.delete(key);
    for (const one of before) if (this.#dependents.get(one)?.size === 0) this.#dependents.delete(one);
    for (const one of dependencies) {
      const others = this.#dependents.get(one) ?? new Set();
      this.#dependents.set(one, others.add(key));
    }
    if (dependencies.length > 0) this.#dependencies.set(key, dependencies);
    else this.#dependencies.delete(key);
    const added = dependencies.filter((one) => !before.includes(one));
    return this.#cycles.size > 0 || added.some((one) => this.#leads(one, key)) ? this.#relabel() : [];
  }

  /** The path from a Process back to itself, with itself at both ends. In a very large component it may be a cycle that this Process only leads to. */
  cycleThrough(key: Key): Key[] | undefined {
    const cycle = this.#cycles.get(key);
    if (!cycle) return undefined;
    const at = Math.max(0, cycle.indexOf(key));
    return [...cycle.slice(at), ...cycle.slice(0, at), cycle[at] ?? key];
  }

  /** Whether `from` leads to `to`. The search goes on from both ends in turn, and is over when either has nowhere left to go. */
  #leads(from: Key, to: Key): boolean {
    if (from === to) return true;
    const forwards = new Search(from, (key) => this.#dependencies.get(key));
    const backwards = new Search(to, (key) => this.#dependents.get(key));
    for (;;) {
      for (const [search, other] of [
        [forwards, backwards],
        [backwards, forwards],
      ] as const) {
        const reached = search.next();
        if (!reached) return false;
        if (reached.some((key) => other.seen.has(key))) return true;
      }
    }
  }

  /** Cycles are rare, so while there is one, each change examines the whole graph. */
  #relabel(): Key[] {
    const before = this.#cycles;
    this.#cycles = cyclesOf(this.#dependencies, this.#dependents);
    const all = new Set([...before.keys(), ...this.#cycles.keys()]);
    const same = new Memo((a: readonly Key[], b: readonly Key[]) => a.join() === b.join());
    return [...all].filter((key) => {
      const [was, is] = [before.get(key), this.#cycles.get(key)];
      return !was || !is || !same.of(was, is);
    });
  }
}

/** Many Processes share one cycle, so the result for each pair is kept. */
class Memo<A extends object, B extends object> {
  readonly #known = new Map<A, Map<B, boolean>>();
  readonly #work: (a: A, b: B) => boolean;

  constructor(work: (a: A, b: B) => boolean) {
    this.#work = work;
  }

  of(a: A, b: B): boolean {
    const row = this.#known.get(a) ?? new Map<B, boolean>();
    this.#known.set(a, row);
    const result = row.get(b) ?? this.#work(a, b);
    row.set(b, result);
    return result;
  }
}

class Search {
  readonly seen: Set<Key>;
  readonly #next: (key: Key) => Iterable<Key> | undefined;
  readonly #open: Key[];

  constructor(start: Key, next: (key: Key) => Iterable<Key> | undefined) {
    this.seen = new Set([start]);
    this.#open = [start];
    this.#next = next;
  }

  /** What one more Process leads to; undefined when none is left. */
  next(): Key[] | undefined {
    const at = this.#open.pop();
    if (at === undefined) return undefined;
    const fresh: Key[] = [];
    for (const key of this.#next(at) ?? []) {
      if (this.seen.has(key)) continue;
      this.seen.add(key);
      fresh.push(key);
    }
    this.#open.push(...fresh);
    return fresh;
  }
}
