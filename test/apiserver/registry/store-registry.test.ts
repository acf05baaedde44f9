import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { StatusError } from "../../../api/errors.ts";
import { type KubeObject, keyOf, type Stored } from "../../../api/object.ts";
import { configMaps, instances, processes, type Resource, secrets } from "../../../api/scheme.ts";
import type { Process, Secret } from "../../../api/types.generated.ts";
import { nodeIdentity } from "../../../apiserver/authentication/identity.ts";
import { storePath } from "../../../apiserver/registry/paths.ts";
import { StoreRegistry } from "../../../apiserver/registry/store-registry.ts";
import { systemClock } from "../../../lib/clock.ts";
import { silentLogger } from "../../../lib/logger.ts";
import type { Journal } from "../../../store/journal.ts";
import { JournaledStore } from "../../../store/journaled-store.ts";
import { nothing } from "../../../store/recover.ts";
import type { StoreHealth } from "../../../store/store.ts";
import { type Desk, instance, object, openDesk, process } from "../fixtures.ts";

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.store.close());

const refused = async (work: Promise<unknown>): Promise<StatusError> => {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof StatusError, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: "was not refused" });
};

const create = (body: unknown, options: object = {}, resource: Resource = processes as Resource): Promise<Stored> =>
  desk.registry.create(resource, "default", body, options).then((written) => written.object);
const made = (name: string, spec: Record<string, unknown> = {}, metadata: object = {}): Promise<Stored<Process>> =>
  create(process(name, spec, metadata)) as Promise<Stored<Process>>;
const read = async (name: string): Promise<Stored<Process>> =>
  (await desk.registry.get(processes as Resource, `default/${name}`)) as Stored<Process>;
const put = (
  body: Partial<KubeObject> & { metadata: { name: string } } & { status?: unknown },
  options: object = {},
): Promise<Stored<Process>> =>
  desk.registry
    .update(processes as Resource, `default/${body.metadata.name}`, body, options)
    .then(({ object }) => object as unknown as Stored<Process>);
const merge = (name: string, body: unknown, options: object = {}): Promise<Stored<Process>> =>
  desk.registry
    .patch(processes as Resource, `default/${name}`, { type: "merge", body }, options)
    .then(({ object }) => object as unknown as Stored<Process>);

describe("a write that lost a race against another writer of the store", () => {
  it("is run again when reads show what it was lost to, however long that takes to be durable", async () => {
    const disk = new SlowDisk();
    const store = new JournaledStore(disk, nothing(), { ok: true }, { logger: silentLogger, clock: systemClock });
    const registry = new StoreRegistry({ store, clock: systemClock, logger: silentLogger });
    disk.open();
    await registry.bootstrap();
    const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c" }, data: { a: "1" } };
    const { object: made } = await registry.create(configMaps as Resource, "default", body, {});
    disk.shut();
    const { resourceVersion, ...metadata } = made.metadata;
    const other = store.update(
      "core/configmaps/default/c",
      { ...made, metadata, data: { a: "other" } } as never,
      Number(resourceVersion),
    );
    const patch = { type: "merge", body: { data: { b: "2" } } } as const;
    const mine = registry.patch(configMaps as Resource, "default/c", patch, {});
    for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
    disk.open();
    await other;
    assert.deepEqual(((await mine).object as { data?: unknown }).data, { a: "other", b: "2" });
    await store.close();
  });
});

describe("what a store cannot show", () => {
  const registryOver = (health: StoreHealth): StoreRegistry => {
    const store = new JournaledStore(new SlowDisk(), nothing(), health, { logger: silentLogger, clock: systemClock });
    return new StoreRegistry({ store, clock: systemClock, logger: silentLogger });
  };
  const get = (health: StoreHealth) => async () => registryOver(health).get(secrets as Resource, "default/x");

  it("is not called missing: who reads it is told what ails the store, and may not conclude that it is gone (P12)", async () => {
    const ailing = { ok: false, reason: "StoreUnreadable", message: "its keys are gone" } as const;
    await assert.rejects(get({ ...ailing, partial: true }), {
      reason: "ServiceUnavailable",
      message: "its keys are gone",
    });
    await assert.rejects(get({ ok: false, reason: "StoreFull", message: "the disk is full" }), { reason: "NotFound" });
    await assert.rejects(get({ ok: true }), { reason: "NotFound" });
  });
});

/** A Journal that is done when the test says so. */
class SlowDisk implements Journal {
  #opened = Promise.withResolvers<void>();

  open(): void {
    this.#opened.resolve();
  }
  shut(): void {
    this.#opened = Promise.withResolvers<void>();
  }
  commit(): Promise<void> {
    return this.#opened.promise;
  }
  async close(): Promise<void> {}
}

describe("create", () => {
  it("answers with defaults and the server's own metadata, whatever the client says of it", async () => {
    const object = await made("web", {}, { uid: "mine", generation: 9, creationTimestamp: "1999-01-01T00:00:00Z" });
    assert.match(object.metadata.uid, /^[0-9a-f-]{36}$/);
    assert.equal(object.metadata.generation, 1);
    assert.equal(object.metadata.creationTimestamp, "2026-01-01T00:00:00Z");
    assert.equal(object.spec.replicas, 1);
    assert.deepEqual(object.spec.backoff, { initialSeconds: 1, factor: 2, maxSeconds: 300, resetAfterSeconds: 600 });
  });

  it("ignores status, which is written through its subresource only", async () => {
    assert.equal(((await create({ ...process("web"), status: { replicas: 7 } })) as Process).status, undefined);
  });

  it("refuses what is there already, in the words of Kubernetes", async () => {
    await made("web");
    const { message, code, details } = await refused(made("web"));
    assert.equal(message, 'processes.wctl.dev "web" already exists');
    assert.equal(code, 409);
    assert.deepEqual(details, { name: "web", group: "wctl.dev", kind: "processes" });
  });

  it("lets exactly one of two at the same time win", async () => {
    const results = await Promise.allSettled([made("web"), made("web")]);
    assert.deepEqual(results.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  });

  it("makes up a name from generateName", async () => {
    const { metadata } = await create({ ...process("x"), metadata: { generateName: "web-" } });
    assert.match(metadata.name, /^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    assert.equal(metadata.generateName, "web-");
  });

  it("refuses a body without a name, with a resourceVersion, of another namespace, kind or version", async () => {
    const body = process("web");
    const cases: [unknown, number, string][] = [
      [
        { ...body, metadata: {} },
        422,
        'Process.wctl.dev "" is invalid: metadata.name: Required value: name or generateName is required',
      ],
      [process("web", {}, { resourceVersion: "3" }), 400, "resourceVersion should not be set on objects to be created"],
      [
        process("web", {}, { namespace: "other" }),
        400,
        "the namespace of the provided object does not match the namespace sent on the request",
      ],
      [{ ...body, kind: "Pod" }, 422, 'Process.wctl.dev "web" is invalid: kind: Invalid value: "Pod": must be Process'],
      [
        { ...body, apiVersion: "apps/v1" },
        400,
        "the API version in the data (apps/v1) does not match the expected API version (wctl.dev/v1)",
      ],
      [{ ...body, kind: undefined }, 400, "Object 'Kind' is missing"],
      [[], 400, "the body must be an object"],
      ["text", 400, "the body must be an object"],
    ];
    for (const [wrong, code, message] of cases) {
      const error = await refused(create(wrong));
      assert.equal(error.message, message);
      assert.equal(error.code, code);
    }
  });

  it("says which fields are wrong, each with its path", async () => {
    const error = await refused(made("web", { args: [1], restartPolicy: "No", replicas: -1, command: undefined }));
    assert.equal(error.code, 422);
    assert.deepEqual(error.details, {
      name: "web",
      group: "wctl.dev",
      kind: "Process",
      causes: [
        { reason: "FieldValueRequired", message: "Required value", field: "spec.command" },
        {
          reason: "FieldValueTypeInvalid",
          message: 'Invalid value: "integer": spec.args[0] in body must be of type string: "integer"',
          field: "spec.args[0]",
        },
        {
          reason: "FieldValueNotSupported",
          message: 'Unsupported value: "No": supported values: "Always", "OnFailure", "Never"',
          field: "spec.restartPolicy",
        },
        {
          reason: "FieldValueInvalid",
          message: "Invalid value: -1: spec.replicas in body should be greater than or equal to 0",
          field: "spec.replicas",
        },
      ],
    });
  });

  it("needs a namespace that is there", async () => {
    const error = await refused(
      desk.registry.create(processes as Resource, "gone", process("web", {}, { namespace: "gone" }), {}),
    );
    assert.equal(error.message, 'namespaces "gone" not found');
    assert.equal(error.code, 404);
  });

  it("writes nothing in a dry run, and decides as the real one does", async () => {
    const before = desk.store.revision;
    const object = await create(process("web"), { dryRun: true });
    assert.equal(object.metadata.resourceVersion, undefined);
    assert.equal(desk.store.revision, before);
    await made("web");
    assert.equal((await refused(create(process("web"), { dryRun: true }))).reason, "AlreadyExists");
    assert.equal((await refused(create(process("w2", { replicas: -1 }), { dryRun: true }))).code, 422);
  });
});

describe("unknown fields", () => {
  const body = { ...process("web", { replica: 2, bogus: 1 }), extra: true };

  it("are all refused under Strict, with the near miss", async () => {
    const error = await refused(create(body, { fieldValidation: "Strict" }));
    assert.equal(error.code, 400);
    assert.equal(
      error.message,
      'Process in version "v1" cannot be handled as a Process: strict decoding error: unknown field "extra", unknown field "spec.bogus", unknown field "spec.replica" (did you mean "replicas"?)',
    );
  });

  it("are pruned with a warning otherwise, and in silence when asked", async () => {
    const { object, warnings } = await desk.registry.create(processes as Resource, "default", body, {});
    assert.deepEqual(warnings, [
      'unknown field "extra"',
      'unknown field "spec.bogus"',
      'unknown field "spec.replica" (did you mean "replicas"?)',
    ]);
    assert.equal("extra" in object, false);
    assert.equal("bogus" in (object as Stored<Process>).spec, false);
    const silent = await desk.registry.update(
      processes as Resource,
      "default/web",
      { ...object, extra: 1 },
      { fieldValidation: "Ignore" },
    );
    assert.deepEqual(silent.warnings, []);
  });
});

describe("warnings", () => {
  it("tell of a shell line where a program belongs", async () => {
    const warnings = async (command: string, name: string) =>
      (await desk.registry.create(processes as Resource, "default", process(name, { command }), {})).warnings;
    assert.deepEqual(await warnings("node server.js", "a"), [
      'spec.command: "node server.js" is looked up as the name of one program; arguments belong in spec.args',
    ]);
    assert.deepEqual(await warnings("C:\\Program Files\\nodejs\\node.exe", "b"), []);
    assert.deepEqual(await warnings("/opt/my app", "c"), []);
    assert.deepEqual(await warnings("node", "d"), []);
  });

  it("tell that a service reaches no windows", async () => {
    const spec = { command: "C:\\app.exe", stop: { signal: "WmClose" } };
    const { warnings } = await desk.registry.create(processes as Resource, "default", process("e", spec), {});
    assert.match(warnings[0]!, /^spec\.stop\.signal: WmClose reaches only windows of the daemon's own session/);
  });
});

describe("update", () => {
  it("needs the resourceVersion that was read", async () => {
    const first = await made("web");
    const missing = await refused(put(process("web")));
    assert.equal(
      missing.message,
      'processes.wctl.dev "web" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    );
    assert.deepEqual([missing.code, missing.details?.kind], [422, "processes"]);
    await put({ ...first, spec: { ...first.spec, replicas: 2 } } as Process);
    const stale = await refused(put({ ...first, spec: { ...first.spec, replicas: 3 } } as Process));
    assert.equal(stale.code, 409);
    assert.equal(
      stale.message,
      'Operation cannot be fulfilled on processes.wctl.dev "web": the object has been modified; please apply your changes to the latest version and try again',
    );
    assert.equal((await read("web")).spec.replicas, 2);
  });

  it("lets exactly one of two writers of the same revision win", async () => {
    const first = await made("web");
    const writes = [2, 3].map((replicas) => put({ ...first, spec: { ...first.spec, replicas } } as Process));
    const results = await Promise.allSettled(writes);
    assert.deepEqual(
      results.map(({ status }) => status),
      ["fulfilled", "rejected"],
    );
  });

  it("counts changes of spec, not of labels, and keeps the version when nothing changes", async () => {
    const first = await made("web");
    const second = await put({ ...first, spec: { ...first.spec, replicas: 2 } } as Process);
    assert.equal(second.metadata.generation, 2);
    const third = await put({ ...second, metadata: { ...second.metadata, labels: { a: "b" } } } as Process);
    assert.equal(third.metadata.generation, 2);
    assert.notEqual(third.metadata.resourceVersion, second.metadata.resourceVersion);
    const { revision } = desk.store;
    const fourth = await put({ ...third, metadata: { ...third.metadata, annotations: {} } });
    assert.equal(fourth, third);
    assert.equal(desk.store.revision, revision);
  });

  it("takes no other name, and keeps what belongs to the server", async () => {
    const first = await made("web");
    const named = { ...first, metadata: { ...first.metadata, name: "other" } };
    const error = await refused(desk.registry.update(processes as Resource, "default/web", named, {}));
    assert.equal(error.message, "the name of the object (other) does not match the name on the URL (web)");
    assert.equal(error.code, 400);
    const nameless = { ...first, metadata: { ...first.metadata, name: "" } };
    assert.equal(
      (await refused(desk.registry.update(processes as Resource, "default/web", nameless, {}))).message,
      "the name of the object (web based on URL) was undeterminable: name must be provided",
    );
    const elsewhere = { ...first, metadata: { ...first.metadata, namespace: "lab" } };
    assert.equal(
      (await refused(desk.registry.update(processes as Resource, "default/web", elsewhere, {}))).message,
      "the namespace of the object (lab) does not match the namespace on the request (default)",
    );
    const forged = {
      creationTimestamp: "1999-01-01T00:00:00Z",
      generation: 99,
      deletionTimestamp: "1999-01-01T00:00:00Z",
    };
    assert.equal(await put({ ...first, metadata: { ...first.metadata, ...forged } }), first);
    const uid = await refused(put({ ...first, metadata: { ...first.metadata, uid: "another" } }));
    assert.equal(uid.reason, "Conflict");
    assert.match(uid.message, /Precondition failed: UID in precondition: another, UID in object meta: /);
  });

  it("of what is not there is NotFound", async () => {
    const { message, code } = await refused(put(process("web", {}, { resourceVersion: "1" })));
    assert.deepEqual([message, code], ['processes.wctl.dev "web" not found', 404]);
  });

  it("takes core kinds without a resourceVersion, as Kubernetes does", async () => {
    const config = object("ConfigMap", "c", { data: { a: "1" } });
    await create(config, {}, configMaps as Resource);
    const { object: next } = await desk.registry.update(
      configMaps as Resource,
      "default/c",
      { ...config, data: { a: "2" } },
      {},
    );
    assert.deepEqual((next as unknown as { data: object }).data, { a: "2" });
    assert.equal(next.metadata.generation, undefined);
  });
});

describe("status", () => {
  const status = { observedGeneration: 1, replicas: 1 };

  it("is all that a write of the subresource changes, and the main resource never changes it", async () => {
    const first = await made("web");
    const body = {
      ...first,
      metadata: { ...first.metadata, labels: { a: "b" } },
      spec: { ...first.spec, replicas: 5 },
      status,
    };
    const second = await put(body as Process, { subresource: "status" });
    assert.deepEqual([second.status, second.spec.replicas, second.metadata.labels], [status, 1, undefined]);
    assert.equal(second.metadata.generation, 1);
    const third = await put({ ...second, status: { replicas: 9 } });
    assert.equal(third, second);
    const fourth = await put({
      ...third,
      status: undefined,
      spec: { ...third.spec, replicas: 2 },
    } as unknown as Process);
    assert.deepEqual(fourth.status, status);
  });

  it("is unconditional without a resourceVersion, however many write at once", async () => {
    await made("web");
    const bare = { ...process("web"), status };
    const writes = Array.from({ length: 20 }, (_, replicas) =>
      put({ ...bare, status: { replicas } }, { subresource: "status" }),
    );
    await Promise.all(writes);
    assert.equal((await read("web")).status?.replicas, 19);
    const stale = { ...bare, metadata: { ...bare.metadata, resourceVersion: "1" } };
    assert.equal((await refused(put(stale, { subresource: "status" }))).reason, "Conflict");
  });

  it("is validated", async () => {
    await made("web");
    const error = await refused(
      put({ ...process("web"), status: { phase: "Dancing" } } as unknown as Process, { subresource: "status" }),
    );
    assert.deepEqual(
      error.details?.causes?.map(({ field }) => field),
      ["status.phase"],
    );
    const twice = [1, 2].map(() => ({
      type: "Ready",
      status: "True",
      reason: "R",
      message: "m",
      lastTransitionTime: "2026-01-01T00:00:00Z",
    }));
    const lists = await refused(merge("web", { status: { conditions: twice } }, { subresource: "status" }));
    assert.equal(lists.details?.causes?.[0]?.message, 'Duplicate value: {"type":"Ready"}');
  });

  it("does not exist for kinds without it", async () => {
    const config = object("ConfigMap", "c");
    await create(config, {}, configMaps as Resource);
    const error = await refused(
      desk.registry.update(configMaps as Resource, "default/c", config, { subresource: "status" }),
    );
    assert.equal(error.code, 404);
  });
});

describe("patch", () => {
  it("merges, and counts as the change it makes", async () => {
    await made("web", { args: ["a"] });
    const object = await merge("web", { metadata: { labels: { a: "b" } }, spec: { replicas: 3, args: null } });
    assert.deepEqual([object.spec.replicas, object.spec.args, object.metadata.generation], [3, undefined, 2]);
    const { revision } = desk.store;
    assert.equal(await merge("web", { spec: { replicas: 3 } }), object);
    assert.equal(desk.store.revision, revision);
  });

  it("never loses to another patch, unless it insists on a resourceVersion", async () => {
    const first = await made("web");
    const labels = Array.from({ length: 30 }, (_, index) =>
      merge("web", { metadata: { labels: { [`l${index}`]: "x" } } }),
    );
    await Promise.all(labels);
    assert.equal(Object.keys((await read("web")).metadata.labels ?? {}).length, 30);
    const { resourceVersion } = first.metadata;
    assert.equal(
      (await refused(merge("web", { metadata: { resourceVersion }, spec: { replicas: 2 } }))).reason,
      "Conflict",
    );
    const error = await refused(merge("web", { metadata: { resourceVersion: null } }));
    assert.match(error.message, /metadata\.resourceVersion: Invalid value: 0: must be specified for an update$/);
  });

  it("takes a default again for what is set to null", async () => {
    await made("web", { replicas: 4 });
    assert.equal((await merge("web", { spec: { replicas: null } })).spec.replicas, 1);
  });

  it("applies JSON patches, and answers a failed test as Kubernetes does", async () => {
    await made("web", { args: ["a", "b"] });
    const patch = (body: unknown) =>
      desk.registry.patch(processes as Resource, "default/web", { type: "json", body: body as [] }, {});
    const { object } = await patch([
      { op: "test", path: "/spec/args/0", value: "a" },
      { op: "remove", path: "/spec/args/0" },
    ]);
    assert.deepEqual((object as unknown as Process).spec.args, ["b"]);
    const failed = await refused(patch([{ op: "test", path: "/spec/args/0", value: "a" }]));
    assert.deepEqual(
      [failed.code, failed.reason, failed.message],
      [422, "Invalid", "the server rejected our request due to an error in our request"],
    );
  });

  it("is refused when what it makes is not valid", async () => {
    await made("web");
    assert.equal((await refused(merge("web", { spec: { replicas: "many" } }))).code, 422);
    assert.equal((await refused(merge("web", { kind: "Pod" }))).code, 422);
    assert.equal((await refused(merge("web", []))).code, 400);
    assert.equal((await refused(merge("web", { spec: { bogus: 1 } }, { fieldValidation: "Strict" }))).code, 400);
    assert.equal((await refused(merge("web", JSON.parse('{"spec":{"__proto__":{"polluted":1}}}')))).code, 400);
    assert.equal(({} as { polluted?: number }).polluted, undefined);
  });

  it("honours writes to managedFields", async () => {
    await made("web", {}, { managedFields: [{ manager: "a", operation: "Update" }] });
    assert.equal((await merge("web", { spec: { replicas: 2 } })).metadata.managedFields?.length, 1);
    assert.equal((await merge("web", { metadata: { managedFields: [] } })).metadata.managedFields, undefined);
  });

  it("writes nothing in a dry run", async () => {
    const first = await made("web");
    const shown = await merge("web", { spec: { replicas: 5 } }, { dryRun: true });
    assert.deepEqual([shown.spec.replicas, shown.metadata.generation], [5, 2]);
    assert.equal(await read("web"), first);
  });
});

describe("an Object that an earlier version admitted by fewer rules", () => {
  const stored = async (resource: Resource, body: Record<string, unknown>, spec: object): Promise<void> => {
    const made = await create(body, {}, resource);
    const { resourceVersion, ...metadata } = made.metadata;
    const old = { ...made, metadata, spec: { ...(made as unknown as { spec: object }).spec, ...spec } };
    await desk.store.update(storePath(resource, keyOf(made)), old, Number(resourceVersion));
  };
  const wrong = { stop: { signal: "SIGKILL", gracePeriodSeconds: 3 }, runAs: { account: "0" } };

  it("is labelled and scaled, and loses its finalizers", async () => {
    await stored(processes as Resource, { ...process("old", {}, { finalizers: ["a.example/b"] }) }, wrong);
    await merge("old", { metadata: { labels: { a: "b" } } });
    await merge("old", { spec: { replicas: 2 } }, { subresource: "scale" });
    assert.equal((await read("old")).spec.replicas, 2);
    await desk.registry.delete(processes as Resource, "default/old", {});
    await merge("old", { metadata: { finalizers: [] } });
    await assert.rejects(read("old"), /not found/);
  });

  it("is let go by the agent", async () => {
    await stored(instances as Resource, instance("old"), wrong);
    await desk.registry.delete(instances as Resource, "default/old", {});
    const patch = { type: "merge", body: { metadata: { finalizers: [] } } } as const;
    await desk.registry.patch(instances as Resource, "default/old", patch, { user: nodeIdentity("here") });
    await assert.rejects(desk.registry.get(instances as Resource, "default/old"), /not found/);
  });

  it("is held to the rules in what is written", async () => {
    await stored(processes as Resource, { ...process("old") }, wrong);
    const still = await refused(merge("old", { spec: { stop: { gracePeriodSeconds: 4 } } }));
    assert.deepEqual(
      still.details?.causes?.map(({ field }) => field),
      ["spec.stop.signal"],
    );
    assert.equal((await refused(merge("old", { spec: { stop: { signal: "SIGSTOP" } } }))).code, 422);
    assert.equal((await refused(merge("old", { spec: { command: "a:b" } }))).code, 422);
    await merge("old", { spec: { stop: { signal: "SIGTERM" } } });
  });
});

describe("scale", () => {
  const scale = (body: unknown, options: object = {}) =>
    desk.registry.patch(
      processes as Resource,
      "default/web",
      { type: "merge", body },
      { subresource: "scale", ...options },
    );

  it("reads and writes the replicas only", async () => {
    const first = await made("web", { replicas: 2 });
    const { object } = await scale({ spec: { replicas: 5 }, metadata: { labels: { a: "b" } } });
    const { name, namespace, uid, creationTimestamp } = first.metadata;
    const { resourceVersion } = (await read("web")).metadata;
    assert.deepEqual(object, {
      kind: "Scale",
      apiVersion: "autoscaling/v1",
      metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
      spec: { replicas: 5 },
      status: { replicas: 0, selector: "" },
    });
    assert.deepEqual(
      [(await read("web")).spec.replicas, (await read("web")).metadata.labels, (await read("web")).metadata.generation],
      [5, undefined, 2],
    );
  });

  it("refuses what is no count, and a version that is gone", async () => {
    await made("web");
    assert.equal(
      (await refused(scale({ spec: { replicas: -1 } }))).message,
      'Scale.autoscaling "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    );
    assert.equal((await refused(scale({ spec: { replicas: "2" } }))).code, 422);
    assert.equal(
      (await refused(scale({ metadata: { resourceVersion: "1" }, spec: { replicas: 2 } }))).reason,
      "Conflict",
    );
    const { object } = await desk.registry.update(
      processes as Resource,
      "default/web",
      { kind: "Scale", apiVersion: "autoscaling/v1", metadata: { name: "web" }, spec: { replicas: 4 } },
      { subresource: "scale" },
    );
    assert.equal((object as unknown as Process).spec.replicas, 4);
  });
});

describe("the rules of a kind on update", () => {
  it("an Instance's spec stays, its metadata may change", async () => {
    const body = await create(instance("web-0", { finalizers: ["wctl.dev/stop"] }), {}, instances as Resource);
    const change = (patch: unknown) =>
      desk.registry.patch(instances as Resource, "default/web-0", { type: "merge", body: patch }, {});
    const error = await refused(change({ spec: { command: "/bin/false" } }));
    assert.deepEqual(
      error.details?.causes?.map(({ reason, field }) => [reason, field]),
      [["FieldValueForbidden", "spec"]],
    );
    const { object: next } = await change({ metadata: { finalizers: [], labels: { a: "b" } } });
    assert.deepEqual([next.metadata.finalizers, next.metadata.labels], [["wctl.dev/stop"], { a: "b" }]);
    assert.equal(next.metadata.generation, body.metadata.generation);
  });

  it("base64 is kept in one form, so that line ends are no change", async () => {
    const made = await create(object("Secret", "s", { data: { a: "aGVs\nbG8=\r\n" } }), {}, secrets as Resource);
    assert.deepEqual((made as unknown as Secret).data, { a: "aGVsbG8=" });
    const patch = { type: "merge", body: { data: { a: "aGVsbG8=\n" } } } as const;
    const { object: same } = await desk.registry.patch(secrets as Resource, "default/s", patch, {});
    assert.equal(same, made);
  });

  it("a Secret's stringData becomes data; immutable holds; no message repeats a value", async () => {
    const body = object("Secret", "s", { stringData: { token: "t0p-secret" }, data: { other: "eA==" } });
    const made = (await create(body, {}, secrets as Resource)) as unknown as Secret;
    assert.deepEqual(made.data, { token: Buffer.from("t0p-secret").toString("base64"), other: "eA==" });
    assert.equal(made.stringData, undefined);
    assert.equal(made.type, "Opaque");
    const change = (patch: unknown) =>
      desk.registry.patch(secrets as Resource, "default/s", { type: "merge", body: patch }, {});
    const broken = await refused(change({ data: { token: "no base64: t0p-secret" } }));
    assert.equal(broken.details?.causes?.[0]?.field, "data.token");
    assert.doesNotMatch(JSON.stringify(broken.toStatus()), /t0p-secret/);
    assert.equal((await refused(change({ type: "other" }))).details?.causes?.[0]?.field, "type");
    await change({ immutable: true });
    const held = await refused(change({ stringData: { token: "new" }, immutable: false }));
    assert.deepEqual(
      held.details?.causes?.map(({ field }) => field),
      ["immutable", "data"],
    );
  });
});
