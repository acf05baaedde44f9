import type { Key } from "../../../api/object.ts";
import { cyclesOf } from "./cycles.ts";

/**
 * Which Process depends on which, and who stands in a cycle. A change of an edge is judged once, when it comes, by a search from both of
 * its ends that is over when the shorter way is; nothing here calls itself, so chains may have any length.
 */
export class DependencyGraph {
  readonly #dependencies = new Map<Key, readonly Key[]>();
  readonly #dependents = new Map<Key, Set<Key>>();
  /** Everybody who stands in a cycle, with the way from somebody in it back to himself. */
  #cycles = new Map<Key, readonly Key[]>();

  /** A Process is there with these dependencies; none when it is gone. Answers who came into a cycle, left one, or is in another one now. */
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

  /** The way from a Process in a cycle back to itself, itself at both ends. In a large tangle: a cycle that it cannot start before. */
  cycleThrough(key: Key): Key[] | undefined {
    const cycle = this.#cycles.get(key);
    if (!cycle) return undefined;
    const at = Math.max(0, cycle.indexOf(key));
    return [...cycle.slice(at), ...cycle.slice(0, at), cycle[at] ?? key];
  }

  /** Is there a way from `from` to `to`? Looked for from both ends in turn: when either has nowhere left to go there is none. */
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

  /** Circles are rare, so while there are some every change looks at everything, once. */
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

/** Many share a cycle, so each pair is compared once. */
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

  /** What is reached from one more place; undefined when there is no more. */
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
