import assert from "node:assert/strict";
import type { Store } from "../../store/store.ts";
import { pathOf, revisionOf, specOf } from "./objects.ts";

/** The writes that a writer saw acknowledged: a reopened store is compared with them. */
export class Ledger {
  readonly #newest = new Map<string, { revision: number; value: string }>();
  readonly #revisions = new Set<number>();
  #last = 0;

  get last(): number {
    return this.#last;
  }

  /** The lines of `writes-until-killed.ts`; the last one may be cut off. */
  enter(output: string): void {
    for (const line of output.split("\n").slice(0, -1)) {
      const [what, revision, name, value] = line.split(" ");
      if (what === "ack") this.#acknowledged(Number(revision), name as string, value as string);
    }
  }

  /** Every acknowledged write is there, unless a later one (acknowledged, or one of `doubtful` that were in flight) took its place. */
  check(store: Store, doubtful: number): void {
    assert.deepEqual(store.health, { ok: true });
    assert.ok(store.revision >= this.#last, `ends at ${store.revision}, acknowledged ${this.#last}`);
    let changed = 0;
    for (const [name, { revision, value }] of this.#newest) {
      const found = store.get(pathOf(name));
      const foundValue = found ? specOf(found) : "-";
      if (found && revisionOf(found) === revision) assert.equal(foundValue, value);
      else if (foundValue !== value) changed += 1;
      if (found) assert.ok(revisionOf(found) >= revision, `${name} went back from ${revision}`);
    }
    assert.ok(changed <= doubtful, `${changed} Objects differ, only ${doubtful} writes were in doubt`);
  }

  #acknowledged(revision: number, name: string, value: string): void {
    assert.equal(this.#revisions.has(revision), false, `revision ${revision} was used twice`);
    this.#revisions.add(revision);
    this.#last = Math.max(this.#last, revision);
    if ((this.#newest.get(name)?.revision ?? 0) < revision) this.#newest.set(name, { revision, value });
  }
}
