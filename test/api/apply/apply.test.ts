import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { applyObject, threeWayPatch } from "../../../api/apply/apply.ts";
import { lastApplied, lastAppliedText } from "../../../api/apply/last-applied.ts";
import type { Client, Patch, WriteOptions } from "../../../api/client.ts";
import { alreadyExists, conflict, invalid, notFound } from "../../../api/errors.ts";
import { type Key, type KubeObject, keyOf, type Stored } from "../../../api/object.ts";
import { processes, secrets, wellKnown } from "../../../api/scheme.ts";
import type { Process, Secret } from "../../../api/types.generated.ts";
import type { JsonObject } from "../../../lib/json-object.ts";
import { repeats } from "../../repeats.ts";

/** RFC 7386, section 2, word for word. */
function mergePatch(target: unknown, patch: unknown): unknown {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const isMap = typeof target === "object" && target !== null && !Array.isArray(target);
  const result: JsonObject = isMap ? { ...(target as JsonObject) } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}

/** As much of a server as apply needs: versions, merge patches, no-op writes. `before` runs ahead of each call. */
class Server {
  objects = new Map<Key, Stored>();
  calls: string[] = [];
  before: (call: string) => void = () => {};
  #version = 0;

  client = {
    get: async (_: unknown, key: Key) => this.#note("get") ?? this.#there(key),
    create: async (_: unknown, object: KubeObject, options: WriteOptions) => {
      this.#note("create");
      if (this.objects.has(keyOf(object))) throw alreadyExists(processes, object.metadata.name);
      return this.put(object, options.dryRun);
    },
    patch: async (_: unknown, key: Key, patch: Patch, options: WriteOptions) => {
      this.#note("patch");
      const live = this.#there(key);
      const { resourceVersion } = (patch.body as { metadata?: { resourceVersion?: string } }).metadata ?? {};
      if (resourceVersion !== undefined) throw conflict(processes, live.metadata.name);
      const merged = mergePatch(live, patch.body) as Stored;
      return JSON.stringify(merged) === JSON.stringify(live) ? live : this.put(merged, options.dryRun);
    },
    delete: async (_: unknown, key: Key) => {
      this.#note("delete");
      this.#there(key);
      this.objects.delete(key);
    },
  } as unknown as Client;

  put(object: KubeObject, dryRun = false): Stored {
    const metadata = { uid: "u", creationTimestamp: "t", ...object.metadata, resourceVersion: String(++this.#version) };
    const stored: Stored = { ...object, metadata };
    if (!dryRun) this.objects.set(keyOf(stored), stored);
    return stored;
  }

  #note(call: string): undefined {
    this.calls.push(call);
    this.before(call);
  }

  #there(key: Key): Stored {
    const object = this.objects.get(key);
    if (!object) throw notFound(processes, key);
    return object;
  }
}

const web = (spec: object): Process =>
  ({
    apiVersion: "wctl.dev/v1",
    kind: "Process",
    metadata: { name: "web", namespace: "default" },
    spec: { command: "/bin/web", ...spec },
  }) as Process;

describe("threeWayPatch", () => {
  const cases: [
    what: string,
    last: JsonObject | undefined,
    live: JsonObject,
    desired: JsonObject,
    patch: JsonObject | undefined,
  ][] = [
    ["sets what is missing", undefined, {}, { a: 1, b: {} }, { a: 1, b: {} }],
    [
      "changes what differs, deep down",
      { a: { b: 1, c: 2 } },
      { a: { b: 1, c: 2 } },
      { a: { b: 3, c: 2 } },
      { a: { b: 3 } },
    ],
    ["removes what it said before", { a: { b: 1, c: 2 } }, { a: { b: 1, c: 2 } }, { a: { b: 1 } }, { a: { c: null } }],
    ["leaves what others said", { a: 1 }, { a: 1, b: 2, c: { d: 3 } }, { a: 1 }, undefined],
    ["does not remove what is gone", { a: 1, b: 2 }, { a: 1 }, { a: 1 }, undefined],
    ["puts back what others removed", { a: 1 }, {}, { a: 1 }, { a: 1 }],
    ["replaces lists whole", { a: [1, 2] }, { a: [1, 2] }, { a: [2] }, { a: [2] }],
    [
      "replaces a scalar by a map, and a map by a scalar",
      {},
      { a: 1, b: { c: 1 } },
      { a: { x: 1 }, b: 2 },
      { a: { x: 1 }, b: 2 },
    ],
    ["removes by null, once", { b: 1 }, { a: 1, b: 1 }, { a: null, b: 1 }, { a: null }],
    ["does not fight for a null", { a: null }, { a: 1 }, { a: null }, undefined],
    ["takes a null for nothing where there is nothing", undefined, {}, { a: null }, undefined],
    ["ignores the order of keys", undefined, { a: { x: 1, y: 2 } }, { a: { y: 2, x: 1 } }, undefined],
    ["is not fooled by inherited names", undefined, {}, { toString: "x" }, { toString: "x" }],
  ];
  for (const [what, last, live, desired, patch] of cases) {
    it(what, () => assert.deepEqual(threeWayPatch(last, live, desired), patch));
  }

  const leaf = fc.oneof(
    fc.integer({ min: 0, max: 3 }),
    fc.boolean(),
    fc.constantFrom("x", "y"),
    fc.array(fc.nat(2), { maxLength: 2 }),
  );
  const keys = fc.constantFrom("a", "b", "c");
  const tree: fc.Arbitrary<JsonObject> = fc.letrec<{ map: JsonObject }>((tie) => ({
    map: fc.dictionary(keys, fc.oneof({ depthSize: "small", maxDepth: 3 }, leaf, tie("map")), {
      maxKeys: 3,
      noNullPrototype: true,
    }),
  })).map;

  /** Paths of leaves and empty maps. */
  const leaves = (value: unknown, path = ""): [path: string, value: unknown][] =>
    typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
      ? Object.entries(value).flatMap(([key, one]) => leaves(one, `${path}.${key}`))
      : [[path, JSON.stringify(value)]];

  it("gives what is desired, and a second time nothing", () => {
    fc.assert(
      fc.property(tree, tree, tree, (last, live, desired) => {
        const patch = threeWayPatch(last, live, desired);
        const after = mergePatch(live, patch ?? {}) as JsonObject;
        const result = new Map(leaves(after));
        for (const [path, value] of leaves(desired)) {
          if (value !== "{}") assert.equal(result.get(path), value, path);
        }
        assert.equal(threeWayPatch(desired, after, desired), undefined);
      }),
      { numRuns: repeats(1500) },
    );
  });

  /** The path and every map around it. */
  const around = (path: string): string[] =>
    path
      .split(".")
      .map((_, index, steps) => steps.slice(0, index + 1).join("."))
      .filter((one) => one !== "");
  const touches = (paths: string[], path: string): boolean =>
    paths.some((one) => around(one).includes(path) || around(path).includes(one));

  it("removes what was said and no longer is, maps with all that is in them, and nothing else", () => {
    fc.assert(
      fc.property(tree, tree, tree, (last, live, desired) => {
        const after = mergePatch(live, threeWayPatch(last, live, desired) ?? {});
        const result = new Map(leaves(after));
        const said = leaves(last).map(([path]) => path);
        const wanted = leaves(desired).map(([path]) => path);
        const dropped = said.flatMap(around).filter((path) => !touches(wanted, path));
        for (const path of dropped) assert.ok(!result.has(path), `${path} is gone`);
        for (const [path, value] of leaves(live)) {
          if (path === "") continue;
          if (!touches(said, path) && !touches(wanted, path) && !around(path).some((one) => dropped.includes(one))) {
            assert.equal(result.get(path), value, `${path} stays`);
          }
        }
      }),
      { numRuns: repeats(1500) },
    );
  });
});

describe("lastAppliedText", () => {
  it("is byte for byte what kubectl writes", () => {
    const object = {
      ...web({ replicas: 2, args: ["<a&b>"] }),
      metadata: { namespace: "default", name: "web", annotations: { [wellKnown.lastAppliedAnnotation]: "old" } },
    };
    assert.equal(
      lastAppliedText(object as KubeObject),
      '{"apiVersion":"wctl.dev/v1","kind":"Process","metadata":{"annotations":{},"name":"web","namespace":"default"},"spec":{"args":["\\u003ca\\u0026b\\u003e"],"command":"/bin/web","replicas":2}}\n',
    );
  });

  it("is ignored when it cannot be read", () => {
    const object = web({});
    for (const text of ["", "x", "[]", '{"__proto__":{}}']) {
      object.metadata.annotations = { [wellKnown.lastAppliedAnnotation]: text };
      assert.equal(lastApplied(object), undefined);
    }
  });
});

describe("applyObject", () => {
  it("creates, changes, leaves alone; removed fields go, others' fields stay", async () => {
    const server = new Server();
    const apply = async (spec: object): Promise<[string, unknown]> => {
      const { outcome, object } = await applyObject(server.client, processes, web(spec));
      return [outcome, object.spec];
    };
    assert.deepEqual(await apply({ replicas: 2, paused: true }), [
      "created",
      { command: "/bin/web", replicas: 2, paused: true },
    ]);
    const live = server.objects.get("default/web") as Stored<Process>;
    server.put({ ...live, spec: { ...live.spec, minReadySeconds: 5 } } as Process);
    assert.deepEqual(await apply({ replicas: 2, paused: true }), [
      "unchanged",
      { command: "/bin/web", replicas: 2, paused: true, minReadySeconds: 5 },
    ]);
    assert.deepEqual(await apply({ replicas: 3 }), [
      "configured",
      { command: "/bin/web", replicas: 3, minReadySeconds: 5 },
    ]);
    assert.deepEqual((await apply({ replicas: 3 }))[0], "unchanged");
    assert.deepEqual(server.calls, ["get", "create", "get", "get", "patch", "get"]);
  });

  it("keeps a Secret's values out of the annotation, and removes its keys all the same", async () => {
    const server = new Server();
    const secret = (fields: object): Secret =>
      ({ apiVersion: "v1", kind: "Secret", metadata: { name: "s", namespace: "default" }, ...fields }) as Secret;
    const apply = (fields: object) => applyObject(server.client, secrets, secret(fields));
    const created = await apply({ stringData: { a: "hunter2" }, data: { b: "aHVudGVyMw==" } });
    assert.deepEqual(created.object.data, { a: Buffer.from("hunter2").toString("base64"), b: "aHVudGVyMw==" });
    const annotation = created.object.metadata.annotations?.[wellKnown.lastAppliedAnnotation] ?? "";
    assert.doesNotMatch(annotation, /hunter|aHVudGVy/);
    assert.equal((await apply({ stringData: { a: "hunter2" }, data: { b: "aHVudGVyMw==" } })).outcome, "unchanged");
    const removed = await apply({ stringData: { a: "hunter4" } });
    assert.equal(removed.outcome, "configured");
    assert.deepEqual(removed.object.data, { a: Buffer.from("hunter4").toString("base64") });
  });

  it("never writes status, and calls a patch that changes nothing unchanged", async () => {
    const server = new Server();
    await applyObject(server.client, processes, { ...web({}), status: { replicas: 9 } } as Process);
    const live = server.objects.get("default/web") as Stored<Process>;
    assert.equal(live.status, undefined);
    const pruning = { ...server.client, patch: async () => live } as unknown as Client;
    assert.equal((await applyObject(pruning, processes, web({ replica: 1 }))).outcome, "unchanged");
    const busy = { ...server.client, patch: async () => server.put({ ...live, status: { replicas: 1 } } as Process) };
    const { outcome } = await applyObject(busy as unknown as Client, processes, web({ replica: 1 }));
    assert.equal(outcome, "unchanged", "a status was written meanwhile");
  });

  it("looks again when somebody was faster", async () => {
    const created = new Server();
    created.before = (call) => {
      if (call === "create" && created.objects.size === 0) created.put(web({ replicas: 1 }));
    };
    assert.equal((await applyObject(created.client, processes, web({ replicas: 2 }))).outcome, "configured");
    assert.deepEqual(created.calls, ["get", "create", "get", "patch"]);
    const deleted = new Server();
    deleted.put(web({ replicas: 1 }));
    deleted.before = (call) => {
      if (call === "patch") deleted.objects.clear();
    };
    assert.equal((await applyObject(deleted.client, processes, web({ replicas: 2 }))).outcome, "created");
    const busy = new Server();
    busy.before = (call) => {
      if (call === "create") busy.put(web({}));
      if (call === "get") busy.objects.clear();
    };
    await assert.rejects(applyObject(busy.client, processes, web({})), { reason: "AlreadyExists" });
  });

  it("does not overrule a pinned version", async () => {
    const server = new Server();
    server.put(web({}));
    const pinned = web({ replicas: 2 });
    pinned.metadata.resourceVersion = "77";
    await assert.rejects(applyObject(server.client, processes, pinned), { reason: "Conflict" });
    assert.deepEqual(server.calls, ["get", "patch"]);
  });

  it("changes nothing in a dry run", async () => {
    const server = new Server();
    assert.equal((await applyObject(server.client, processes, web({}), { dryRun: true })).outcome, "created");
    assert.equal(server.objects.size, 0);
    server.put(web({ replicas: 1 }));
    const { outcome, object } = await applyObject(server.client, processes, web({ replicas: 2 }), { dryRun: true });
    assert.deepEqual([outcome, object.spec.replicas], ["configured", 2]);
    assert.equal((server.objects.get("default/web") as Stored<Process>).spec.replicas, 1);
  });

  it("deletes and creates anew only when forced to", async () => {
    const server = new Server();
    server.put(web({ replicas: 1 }));
    server.before = (call) => {
      if (call === "patch") throw invalid(processes, "web", [{ message: "field is immutable" }]);
    };
    await assert.rejects(applyObject(server.client, processes, web({ replicas: 2 })), { reason: "Invalid" });
    assert.equal(
      (await applyObject(server.client, processes, web({ replicas: 2 }), { force: true })).outcome,
      "created",
    );
    const held = { ...server.client, delete: async () => server.objects.get("default/web") } as unknown as Client;
    await assert.rejects(applyObject(held, processes, web({ replicas: 3 }), { force: true }), /being deleted/);
  });
});
