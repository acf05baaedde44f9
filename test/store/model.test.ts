import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { StatusError } from "../../api/errors.ts";
import { systemClock } from "../../lib/clock.ts";
import { silentLogger } from "../../lib/logger.ts";
import { MemoryStore } from "../../store/memory-store.ts";
import type { Store, StoreEvent } from "../../store/store.ts";
import { repeats } from "../repeats.ts";
import type { SmallLimits } from "./contract.ts";
import { object, pathOf, revisionOf, specOf } from "./objects.ts";
import { openSqlite, scratch } from "./scratch.ts";

type Act =
  | { do: "create" | "update" | "delete"; name: string; stale: boolean }
  | { do: "pause" | "watch" | "page" | "reopen" };

const name = fc.constantFrom("a", "b", "c", "d", "e");
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ do: fc.constantFrom("create", "update", "delete"), name, stale: fc.boolean() }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom("pause", "watch", "page") }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("reopen" as const) }) },
);

/** What the Store must be like, in the simplest words: a map, a counter, a list of what happened. */
class Model {
  readonly objects = new Map<string, { value: number; revision: number }>();
  readonly events: [type: string, revision: number, path: string, value: number][] = [];

  /** Undefined when it must succeed, else the reason of the refusal. */
  write(what: "create" | "update" | "delete", path: string, value: number, expected: number): string | undefined {
    const found = this.objects.get(path);
    if (what === "create" && found) return "AlreadyExists";
    if (what !== "create" && !found) return "NotFound";
    if (what !== "create" && found?.revision !== expected) return "Conflict";
    const revision = this.events.length + 1;
    const type = { create: "ADDED", update: "MODIFIED", delete: "DELETED" }[what];
    this.events.push([type, revision, path, what === "delete" ? (found?.value ?? 0) : value]);
    if (what === "delete") this.objects.delete(path);
    else this.objects.set(path, { value, revision });
    return undefined;
  }

  /** The Objects as they were then. */
  at(revision: number): [path: string, value: number][] {
    const then = new Map<string, number>();
    for (const [type, , path, value] of this.events.slice(0, revision)) {
      if (type === "DELETED") then.delete(path);
      else then.set(path, value);
    }
    return [...then].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

const told = ({ type, revision, path, object }: StoreEvent): unknown => [type, revision, path, specOf(object)];

/** Plays the acts on both, writes without waiting for each other until a pause, and compares all that can be seen. */
async function play(acts: Act[], open: () => Promise<Store>, survives: boolean): Promise<void> {
  let store = await open();
  const model = new Model();
  const stop = new AbortController();
  let answers: Promise<void>[] = [];
  const checks: (() => Promise<void>)[] = [];
  const settleAll = async (): Promise<void> => {
    await Promise.all(answers);
    answers = [];
    assert.equal(store.revision, model.events.length);
    for (const check of checks.splice(0)) await check();
  };
  for (const [value, one] of acts.entries()) {
    if ("name" in one) {
      const path = pathOf(one.name);
      const expected = one.stale ? value % 3 : (model.objects.get(path)?.revision ?? 0);
      const reason = model.write(one.do, path, value, expected);
      answers.push(write(store, one.do, path, value, expected).then((said) => assert.equal(said, reason)));
    } else if (one.do === "watch") checks.push(watchFrom(store, store.revision, model, stop.signal));
    else if (one.do === "page") checks.push(pageFrom(store, model));
    else await settleAll();
    if (one.do === "reopen" && survives) {
      await store.close();
      store = await open();
    }
  }
  await settleAll();
  assert.deepEqual(
    store.list("").items.map((item) => [pathOf(item.metadata.name), specOf(item)]),
    model.at(store.revision),
  );
  const all = watchFrom(store, 0, model, stop.signal);
  await all();
  stop.abort();
  await store.close();
}

async function write(
  store: Store,
  what: string,
  path: string,
  value: number,
  expected: number,
): Promise<string | undefined> {
  const kept = object(path.split("/").at(-1) ?? "", value);
  try {
    if (what === "create") await store.create(path, kept);
    else if (what === "update") await store.update(path, kept, expected);
    else await store.delete(path, expected);
    return undefined;
  } catch (error) {
    return (error as StatusError).reason;
  }
}

/** Begins now; the check, later, expects exactly what happened since. */
function watchFrom(store: Store, after: number, model: Model, signal: AbortSignal): () => Promise<void> {
  const watcher = store.watch("", { after, signal })[Symbol.asyncIterator]();
  return async () => {
    const expected = model.events.slice(after);
    const seen: unknown[] = [];
    while (seen.length < expected.length) seen.push(told((await watcher.next()).value));
    assert.deepEqual(seen, expected);
    await watcher.return?.();
  };
}

function pageFrom(store: Store, model: Model): () => Promise<void> {
  const first = store.list("", { limit: 1 });
  return async () => {
    const rest = first.continue ? store.list("", { continue: first.continue }).items : [];
    const items = [...first.items, ...rest];
    assert.deepEqual(
      items.map((item) => [pathOf(item.metadata.name), specOf(item)]),
      model.at(first.revision),
    );
    assert.ok(items.every((item) => revisionOf(item) <= first.revision));
  };
}

describe("a Store is like its model, for any acts of concurrent writers", () => {
  const limits: SmallLimits = { history: { count: 1_000, ageMs: 0 } };

  it("MemoryStore", async () => {
    const open = (): Promise<Store> => MemoryStore.open({ logger: silentLogger, clock: systemClock, ...limits });
    const acts = fc.array(act, { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(acts, (all) => play(all, open, false)),
      { numRuns: repeats(150) },
    );
  });

  it("SqliteStore, over restarts too", async () => {
    const acts = fc.array(act, { minLength: 10, maxLength: 60 });
    const property = fc.asyncProperty(acts, (all) => {
      const file = join(scratch(), "store.db");
      return play(all, () => openSqlite(file, limits), true);
    });
    await fc.assert(property, { numRuns: repeats(10) });
  });
});
