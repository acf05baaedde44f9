import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { WatchEvent } from "../../../api/client.ts";
import { StatusError } from "../../../api/errors.ts";
import type { Stored } from "../../../api/object.ts";
import { processes, type Resource } from "../../../api/scheme.ts";
import type { Process } from "../../../api/types.generated.ts";
import { settle } from "../../lib/fake-clock.ts";
import { repeats } from "../../repeats.ts";
import { type Desk, openDesk, process } from "../fixtures.ts";

const names = ["a", "b", "c"];
const hold = "example.com/hold";

interface Known {
  uid: string;
  version: string;
  generation: number;
  replicas: number;
  label: string | undefined;
  status: number | undefined;
  held: boolean;
  deleting: boolean;
}

/** What the Registry should hold, kept in the simplest way that could be right. */
type Model = Map<string, Known>;

type Operation =
  | { do: "create"; name: string; held: boolean }
  | { do: "update"; name: string; replicas: number; stale: boolean }
  | { do: "label" | "release" | "delete"; name: string; label: string }
  | { do: "status"; name: string; replicas: number };

const name = fc.constantFrom(...names);
const small = fc.nat({ max: 2 });
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ do: fc.constant("create" as const), name, held: fc.boolean() }),
  fc.record({ do: fc.constant("update" as const), name, replicas: small, stale: fc.boolean() }),
  fc.record({ do: fc.constantFrom("label", "release", "delete"), name, label: fc.constantFrom("x", "y") }),
  fc.record({ do: fc.constant("status" as const), name, replicas: small }),
);

const all = processes as Resource;

async function perform(
  { registry }: Desk,
  step: Operation,
  known: Known | undefined,
): Promise<Stored<Process> | undefined> {
  const key = `default/${step.name}`;
  const written = (work: Promise<{ object: Stored }>) =>
    work.then(({ object }) => object as unknown as Stored<Process>);
  const merge = (body: object) => written(registry.patch(all, key, { type: "merge", body }, {}));
  switch (step.do) {
    case "create":
      return written(
        registry.create(all, "default", process(step.name, {}, step.held ? { finalizers: [hold] } : {}), {}),
      );
    case "update": {
      const resourceVersion = step.stale ? "1" : (known?.version ?? "1");
      const metadata = {
        resourceVersion,
        ...(known?.held ? { finalizers: [hold] } : {}),
        ...(known?.label ? { labels: { l: known.label } } : {}),
      };
      return written(registry.update(all, key, process(step.name, { replicas: step.replicas }, metadata), {}));
    }
    case "label":
      return merge({ metadata: { labels: { l: step.label } } });
    case "release":
      return merge({ metadata: { finalizers: null } });
    case "status":
      return written(
        registry.update(
          all,
          key,
          { ...process(step.name), status: { replicas: step.replicas } },
          { subresource: "status" },
        ),
      );
    case "delete":
      return written(registry.delete(all, key, {}));
  }
}

/** The code that is expected, after changing the model as the operation should. */
function expected(model: Model, step: Operation): number {
  const known = model.get(step.name);
  if (step.do === "create") {
    if (known) return 409;
    model.set(step.name, {
      uid: "",
      version: "",
      generation: 1,
      replicas: 1,
      label: undefined,
      status: undefined,
      held: step.held,
      deleting: false,
    });
    return 200;
  }
  if (!known) return 404;
  switch (step.do) {
    case "update":
      if (step.stale) return 409;
      if (known.replicas !== step.replicas) known.generation++;
      known.replicas = step.replicas;
      break;
    case "label":
      known.label = step.label;
      break;
    case "status":
      known.status = step.replicas;
      break;
    case "release":
      known.held = false;
      if (known.deleting) model.delete(step.name);
      break;
    case "delete":
      if (!known.held) model.delete(step.name);
      else if (!known.deleting) known.generation++;
      known.deleting = true;
  }
  return 200;
}

const shown = (object: Stored<Process>): Known => ({
  uid: object.metadata.uid,
  version: object.metadata.resourceVersion,
  generation: object.metadata.generation ?? 0,
  replicas: object.spec.replicas ?? 0,
  label: object.metadata.labels?.l,
  status: object.status?.replicas,
  held: object.metadata.finalizers?.includes(hold) ?? false,
  deleting: object.metadata.deletionTimestamp !== undefined,
});

async function run(steps: Operation[]): Promise<void> {
  const desk = await openDesk();
  const stop = new AbortController();
  const model: Model = new Map();
  const seen: WatchEvent[] = [];
  const reading = collect(desk.registry.watch(all, { signal: stop.signal }), seen);
  for (const step of steps) {
    const before = desk.store.revision;
    const wanted = expected(model, step);
    const code = await perform(desk, step, await knownNow(desk, step.name)).then(() => 200, codeOf);
    assert.equal(code, wanted, JSON.stringify(step));
    if (code !== 200) assert.equal(desk.store.revision, before, "a refused write leaves no trace");
    await assertAgrees(desk, model);
  }
  await settle();
  stop.abort();
  await reading;
  await assertReplays(desk, seen);
  await desk.store.close();
}

const codeOf = (error: unknown): number => {
  if (error instanceof StatusError) return error.code;
  throw error;
};

const listed = async (desk: Desk): Promise<Stored<Process>[]> =>
  (await desk.registry.list(all, {})).items as Stored<Process>[];
const knownNow = async (desk: Desk, of: string): Promise<Known | undefined> =>
  (await listed(desk))
    .map((object) => ({ ...shown(object), of: object.metadata.name }))
    .find((known) => known.of === of);

async function assertAgrees(desk: Desk, model: Model): Promise<void> {
  const objects = await listed(desk);
  assert.deepEqual(
    objects.map(({ metadata }) => metadata.name),
    [...model.keys()].sort(),
  );
  for (const object of objects) {
    const { uid, version, ...rest } = shown(object);
    const { uid: _uid, version: _version, ...wanted } = model.get(object.metadata.name) as Known;
    assert.deepEqual(rest, wanted);
  }
}

/** Whoever followed the watch knows exactly what a list shows, and saw every revision go up (P13, P14). */
async function assertReplays(desk: Desk, seen: readonly WatchEvent[]): Promise<void> {
  const state = new Map<string, Stored>();
  let last = 0;
  for (const event of seen) {
    assert.ok(event.type !== "BOOKMARK");
    const { name, resourceVersion } = event.object.metadata;
    assert.ok(Number(resourceVersion) > last);
    last = Number(resourceVersion);
    assert.equal(event.type === "ADDED", !state.has(name));
    if (event.type === "DELETED") state.delete(name);
    else state.set(name, event.object);
  }
  assert.deepEqual(
    [...state.keys()].sort().map((key) => state.get(key)),
    await listed(desk),
  );
}

async function collect(events: AsyncIterable<WatchEvent>, into: WatchEvent[]): Promise<void> {
  for await (const event of events) into.push(event);
}

describe("the Registry", () => {
  it("does what a simple model does, over random sequences, and a watcher sees it all", async () => {
    await fc.assert(fc.asyncProperty(fc.array(operation, { minLength: 3, maxLength: 20 }), run), {
      numRuns: repeats(150),
    });
  });
});
