import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Stored } from "../../../api/object.ts";
import { configMaps, processes, type Resource } from "../../../api/scheme.ts";
import type { Process } from "../../../api/types.generated.ts";
import type { Authority } from "../../../apiserver/admission/authority.ts";
import type { ManagedFieldsEntry } from "../../../apiserver/apply/managers.ts";
import type { Identity } from "../../../apiserver/authentication/identity.ts";
import { object, process } from "../fixtures.ts";
import { create, desk, deskForEachTest, made, merge, put, read, refused } from "./written-objects.ts";

deskForEachTest();

interface Options {
  as?: string;
  force?: boolean;
  subresource?: string;
  dryRun?: boolean;
  user?: Identity;
  authority?: Authority;
}

const applyAny = async (resource: unknown, name: string, body: unknown, options: Options = {}) => {
  const { as: fieldManager = "ann", force = false, ...context } = options;
  const patch = { type: "apply", body, force } as const;
  return await desk.registry.patch(resource as Resource, `default/${name}`, patch, {
    fieldManager,
    tracksFields: true,
    ...context,
  });
};
const apply = async (name: string, spec: Record<string, unknown>, options: Options = {}, metadata: object = {}) =>
  (await applyAny(processes, name, process(name, spec, metadata), options)).object as unknown as Stored<Process>;

const owners = ({ metadata }: Stored): Record<string, unknown> =>
  Object.fromEntries(
    ((metadata.managedFields ?? []) as ManagedFieldsEntry[]).map(({ manager, operation, subresource, fieldsV1 }) => [
      [operation, manager, subresource].filter(Boolean).join(" "),
      fieldsV1,
    ]),
  );
const command = { "f:command": {} };

describe("apply", () => {
  it("creates what is missing; the applier owns what was applied, and nobody the defaults", async () => {
    const { object, created } = await applyAny(processes, "web", process("web", { env: [{ name: "A", value: "1" }] }));
    assert.equal(created, true);
    assert.equal((object as unknown as Process).spec.replicas, 1);
    const env = { 'k:{"name":"A"}': { ".": {}, "f:name": {}, "f:value": {} } };
    assert.deepEqual(owners(object), { "Apply ann": { "f:spec": { ...command, "f:env": env } } });
    assert.deepEqual(object.metadata.managedFields?.[0], {
      manager: "ann",
      operation: "Apply",
      apiVersion: "wctl.dev/v1",
      time: desk.clock.wall().toISOString().replace(/\.\d+/, ""),
      fieldsType: "FieldsV1",
      fieldsV1: { "f:spec": { ...command, "f:env": env } },
    });
  });

  it("of the same again changes nothing, not even later", async () => {
    const first = await apply("web", { replicas: 2, env: [{ name: "A", value: "1" }] });
    desk.clock.advance(60_000);
    assert.equal(await apply("web", { replicas: 2, env: [{ name: "A", value: "1" }] }), first);
    assert.equal((await apply("web", { replicas: 3, env: [{ name: "A", value: "1" }] })).metadata.generation, 2);
  });

  it("removes what its manager says no more, and gives the default back", async () => {
    await apply("web", {
      replicas: 4,
      args: ["a"],
      env: [
        { name: "A", value: "1" },
        { name: "B", value: "2" },
      ],
    });
    const { spec } = await apply("web", { env: [{ name: "B", value: "2" }] });
    assert.deepEqual([spec.replicas, spec.args, spec.env], [1, undefined, [{ name: "B", value: "2" }]]);
    assert.equal((await apply("web", {})).spec.env, undefined);
  });

  it("removes the last label, and of the metadata nothing else", async () => {
    await apply("web", {}, {}, { labels: { team: "a" } });
    const { metadata } = await apply("web", {});
    assert.deepEqual([metadata.name, metadata.namespace, metadata.labels], ["web", "default", undefined]);
  });

  it("of what others own is a conflict, by force or by agreement it is shared", async () => {
    await apply("web", { replicas: 2 });
    const error = await refused(apply("web", { replicas: 3 }, { as: "bob" }));
    assert.deepEqual(
      [error.code, error.message],
      [409, 'Apply failed with 1 conflict: conflict with "ann": .spec.replicas'],
    );
    assert.equal((await read("web")).spec.replicas, 2);
    const shared = await apply("web", { replicas: 2 }, { as: "bob" });
    assert.deepEqual(Object.keys(owners(shared)), ["Apply bob", "Apply ann"]);
    const [bob, ann] = (shared.metadata.managedFields ?? []) as { time?: string }[];
    assert.deepEqual(
      [bob?.time, typeof ann?.time],
      [undefined, "string"],
      "who changed nothing has no time, as in Kubernetes",
    );
    assert.equal((await apply("web", {}, { as: "bob" })).spec.replicas, 2, "ann still owns it");
    await apply("web", { replicas: 3 }, { as: "bob", force: true });
    assert.deepEqual(owners(await read("web"))["Apply ann"], { "f:spec": command });
    const both = await refused(apply("web", { replicas: 4, command: "/bin/false" }));
    assert.match(
      both.message,
      /^Apply failed with 2 conflicts: conflicts with "bob":\n- \.spec\.command\n- \.spec\.replicas$/,
    );
  });

  it("takes its fields from plain writes only by force", async () => {
    await apply("web", { replicas: 2 });
    await merge("web", { spec: { replicas: 5 } }, { fieldManager: "kubectl-edit" });
    const error = await refused(apply("web", { replicas: 2 }));
    assert.match(error.message, /conflict with "kubectl-edit" using wctl\.dev\/v1: \.spec\.replicas$/);
    const taken = await apply("web", { replicas: 2 }, { force: true });
    assert.deepEqual(Object.keys(owners(taken)), ["Apply ann"]);
  });

  it("begins with what was there before anybody applied", async () => {
    await made("web", { replicas: 2, args: ["a"] });
    assert.equal((await read("web")).metadata.managedFields, undefined);
    const error = await refused(apply("web", { replicas: 3 }));
    assert.match(error.message, /conflict with "before-first-apply" using wctl\.dev\/v1: \.spec\.replicas$/);
    const { spec, metadata } = await apply("web", { replicas: 3 }, { force: true });
    assert.deepEqual([spec.replicas, spec.args], [3, ["a"]]);
    const names = (metadata.managedFields as ManagedFieldsEntry[]).map(({ manager }) => manager);
    assert.deepEqual(names, ["ann", "before-first-apply"]);
  });

  it("through status writes status, and through the Object all but status", async () => {
    const whole = { ...process("web", { replicas: 2 }), status: { replicas: 9 } };
    const { object } = await applyAny(processes, "web", whole);
    assert.equal((object as unknown as Process).status, undefined);
    const changed = { ...process("web", { replicas: 7 }), status: { replicas: 9 } };
    await applyAny(processes, "web", changed, { subresource: "status" });
    const { spec, status } = await read("web");
    assert.deepEqual([spec.replicas, status?.replicas], [2, 9]);
    assert.deepEqual(owners(await read("web")), {
      "Apply ann": { "f:spec": { ...command, "f:replicas": {} } },
      "Apply ann status": { "f:status": { "f:replicas": {} } },
    });
    const missing = await refused(applyAny(processes, "none", process("none"), { subresource: "status" }));
    assert.equal(missing.code, 404);
  });

  it("through scale owns the replicas alone, and says its version in a conflict", async () => {
    await apply("web", { replicas: 2 });
    const scale = (replicas: unknown, options: Options = {}) => {
      const body = { apiVersion: "autoscaling/v1", kind: "Scale", metadata: { name: "web" }, spec: { replicas } };
      return applyAny(processes, "web", body, { as: "scaler", subresource: "scale", ...options });
    };
    assert.match((await refused(scale(3))).message, /conflict with "ann": \.spec\.replicas$/);
    assert.equal(((await scale(3, { force: true })).object as unknown as { kind: string }).kind, "Scale");
    assert.deepEqual(owners(await read("web")), {
      "Apply ann": { "f:spec": command },
      "Apply scaler scale": { "f:spec": { "f:replicas": {} } },
    });
    assert.equal((await refused(scale("many"))).code, 422);
    await merge("web", { spec: { replicas: 4 } }, { subresource: "scale", fieldManager: "kubectl" });
    assert.match((await refused(scale(3))).message, /"kubectl" with subresource "scale" using autoscaling\/v1/);
  });

  it("through scale changes nothing but the replicas: who may scale may not label, hold or hand over", async () => {
    await apply("web", { replicas: 2 });
    const metadata = {
      name: "web",
      labels: { team: "mine" },
      annotations: { a: "b" },
      finalizers: ["x.example/hold"],
      ownerReferences: [
        { apiVersion: "v1", kind: "ConfigMap", name: "gone", uid: "00000000-0000-0000-0000-000000000000" },
      ],
    };
    const body = { apiVersion: "autoscaling/v1", kind: "Scale", metadata, spec: { replicas: 3 } };
    const before = await read("web");
    await applyAny(processes, "web", body, { as: "scaler", subresource: "scale", force: true });
    const after = await read("web");
    const { managedFields: _a, resourceVersion: _b, generation: _c, ...was } = before.metadata;
    const { managedFields: _d, resourceVersion: _e, generation: _f, ...is } = after.metadata;
    assert.deepEqual(is, was);
    assert.deepEqual(owners(after)["Apply scaler scale"], { "f:spec": { "f:replicas": {} } });
  });

  it("goes on, under kubectl's name, with what kubectl applied on the client's side", async () => {
    const said = {
      apiVersion: "wctl.dev/v1",
      kind: "Process",
      metadata: { name: "web" },
      spec: { command: "/bin/true", replicas: 2 },
    };
    const annotations = { "kubectl.kubernetes.io/last-applied-configuration": JSON.stringify(said) };
    await create(process("web", { replicas: 2 }, { annotations }), {
      fieldManager: "kubectl-client-side-apply",
      tracksFields: true,
    });
    assert.equal((await refused(apply("web", { replicas: 3 }))).code, 409);
    const next = await apply("web", { replicas: 3 }, { as: "kubectl" });
    const last = JSON.parse(next.metadata.annotations?.["kubectl.kubernetes.io/last-applied-configuration"] ?? "");
    assert.deepEqual([next.spec.replicas, last.spec.replicas], [3, 3]);
    await merge("web", { spec: { replicas: 4 } }, { fieldManager: "kubectl-edit" });
    assert.equal((await refused(apply("web", { replicas: 5 }, { as: "kubectl" }))).code, 409, "that was somebody else");
  });

  it("keeps the order of a configuration, and the items of others between its own", async () => {
    const named = (...names: string[]) => ({ env: names.map((name) => ({ name, value: "x" })) });
    await apply("web", named("A", "B"));
    await apply("web", { ...named("Z"), command: "/bin/true" }, { as: "bob" });
    const { spec } = await apply("web", named("B", "A", "C"));
    assert.deepEqual(
      spec.env?.map(({ name }) => name),
      ["B", "Z", "A", "C"],
    );
  });

  it("insists on the version and the uid that it names", async () => {
    const first = await apply("web", { replicas: 2 });
    const { uid, resourceVersion } = first.metadata;
    await apply("web", { replicas: 3 }, {}, { uid, resourceVersion });
    assert.match((await refused(apply("web", { replicas: 4 }, {}, { resourceVersion }))).message, /has been modified/);
    assert.match(
      (await refused(apply("web", { replicas: 4 }, {}, { uid: "other" }))).message,
      /UID in precondition: other/,
    );
    const error = await refused(apply("gone", {}, {}, { uid: "u1" }));
    assert.deepEqual(
      [error.code, error.message],
      [
        409,
        'Operation cannot be fulfilled on processes.wctl.dev "gone": uid mismatch: the provided object specified uid u1, and no existing object was found',
      ],
    );
    assert.equal((await apply("new", {}, {}, { resourceVersion: "7" })).metadata.name, "new");
  });

  it("writes nothing in a dry run", async () => {
    await apply("web", { replicas: 2 }, { dryRun: true });
    await assert.rejects(read("web"), /not found/);
    const first = await apply("web", { replicas: 2 });
    assert.equal((await apply("web", { replicas: 3 }, { dryRun: true })).spec.replicas, 3);
    assert.equal(await read("web"), first);
  });

  it("is refused, in the real server's words, when it is no configuration of this Object", async () => {
    const said = async (body: unknown, name = "web") => (await refused(applyAny(processes, name, body))).message;
    const typed = "failed to create typed patch object (default/web; wctl.dev/v1, Kind=Process): ";
    assert.equal(await said(process("web", { bogus: 1 })), `${typed}.spec.bogus: field not declared in schema`);
    assert.equal(
      await said(process("web", { env: [{ name: "A" }, { name: "A" }, { value: "x" }] })),
      `${typed}errors:\n  .spec.env: duplicate entries for key [name="A"]\n  .spec.env: element 2: associative list with keys has an element that omits all key fields ["name"] (and doesn't have default values for any key fields)`,
    );
    assert.equal(await said(process("web", {}, { managedFields: [] })), "metadata.managedFields must be nil");
    assert.equal(await said({ ...process("web"), kind: "Pod" }), "invalid object type: wctl.dev/v1, Kind=Pod");
    assert.equal(await said({}), "invalid object type: /, Kind=");
    assert.match(
      await said(process("other")),
      /the name of the object \(other\) does not match the name on the URL \(web\)/,
    );
    assert.match(await said({ ...process("web"), metadata: {} }), /name must be provided/);
    assert.equal((await refused(applyAny(processes, "web", "text"))).code, 400);
    assert.equal((await refused(apply("web", { replicas: "many" }))).code, 422);
  });

  it("creates only for who may create", async () => {
    const user = { name: "jane", groups: [] };
    const asJane = (may: boolean) => ({
      user,
      authority: { user, may: () => may, rulesIn: () => [], unresolvedIn: () => [] },
    });
    const error = await refused(apply("web", {}, asJane(false)));
    assert.deepEqual(
      [error.code, error.message],
      [
        403,
        'processes.wctl.dev "web" is forbidden: User "jane" cannot create resource "processes" in API group "wctl.dev" in the namespace "default"',
      ],
    );
    assert.equal((await refused(apply("web", {}, { user }))).code, 403);
    await apply("web", {}, asJane(true));
    await apply("web", { replicas: 2 }, asJane(false));
  });

  it("is one of many at once: each is there at the end, whoever created", async () => {
    const key = (index: number) => object("ConfigMap", "shared", { data: { [`k${index}`]: "x" } });
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => applyAny(configMaps, "shared", key(index), { as: `m${index}` })),
    );
    const { object: all } = await applyAny(configMaps, "shared", key(0), { as: "m0" });
    assert.equal(Object.keys((all as unknown as { data: object }).data).length, 20);
    assert.equal(all.metadata.managedFields?.length, 20);
  });
});

describe("who owns what", () => {
  const tracked = (fieldManager: string) => ({ fieldManager, tracksFields: true });

  it("is remembered from the creation on by a request, and of what the daemon makes only when somebody applied", async () => {
    const inside = await made("inside");
    assert.equal(inside.metadata.managedFields, undefined);
    assert.equal(
      (await merge("inside", { spec: { replicas: 2 } }, tracked("kubectl"))).metadata.managedFields,
      undefined,
    );
    const first = (await create(
      process("web", { replicas: 2 }, { labels: { a: "b" } }),
      tracked("kubectl-create"),
    )) as Stored<Process>;
    const fields = owners(first)["Update kubectl-create"] as Record<string, Record<string, unknown>>;
    assert.deepEqual(fields["f:metadata"], { "f:labels": { ".": {}, "f:a": {} } });
    assert.ok(fields["f:spec"]?.["f:restartPolicy"], "defaults are the creator's");
    await put({ ...first, spec: { ...first.spec, replicas: 3 } } as never, {});
    await put({ ...(await read("web")), status: { replicas: 1 } } as never, { subresource: "status" });
    assert.deepEqual(Object.keys(owners(await read("web"))), [
      "Update kubectl-create",
      "Update wctld",
      "Update wctld status",
    ]);
  });

  it("is not changed by a status write that says other managers", async () => {
    const first = await apply("web", {});
    const body = { ...first, metadata: { ...first.metadata, managedFields: [{}] }, status: { replicas: 1 } };
    await put(body as never, { subresource: "status" });
    assert.deepEqual(Object.keys(owners(await read("web"))), ["Apply ann", "Update wctld status"]);
  });

  it("of 1,000 managers and 25,000 fields is remembered, and what could not be written back any more is refused", async () => {
    const applied = (keys: readonly string[], as: string) => {
      const data = Object.fromEntries(keys.map((key) => [key, "x"]));
      return applyAny(configMaps, "shared", object("ConfigMap", "shared", { data }), { as });
    };
    const few = ["a", ...Array.from({ length: 29 }, (_, index) => `few-${index}`)];
    await applied(few, "ann");
    const fieldsV1 = { "f:data": Object.fromEntries(few.map((key) => [`f:${key}`, {}])) };
    const managedFields = Array.from({ length: 1_000 }, (_, index) => ({
      manager: `manager-${index}`,
      operation: "Apply",
      apiVersion: "v1",
      fieldsType: "FieldsV1",
      fieldsV1,
    }));
    const patch = { type: "merge", body: { metadata: { managedFields } } } as const;
    await desk.registry.patch(configMaps as Resource, "default/shared", patch, { fieldManager: "ann" });
    const many = Array.from({ length: 25_000 }, (_, index) => `key-${index}`);
    await applied(many, "bob");
    await applied(many, "cid");
    const error = await refused(applied(many, "manager-9"));
    assert.deepEqual(
      [error.code, error.message],
      [413, "Request entity too large: metadata.managedFields has more than 100000 values"],
    );
    for (const as of ["bob", "cid"]) await applied(["a"], as);
    const { object: left } = await applied(["a"], "manager-7");
    assert.equal(Object.keys((left as unknown as { data: object }).data).length, few.length);
    assert.equal(left.metadata.managedFields?.length, 1_002);
  });

  it("can be written back whatever the size of the Object, or the Object is refused", async () => {
    const tracked = { fieldManager: "ann", tracksFields: true };
    const made = (name: string, key: string, count: number) => {
      const data = Object.fromEntries(Array.from({ length: count }, (_, index) => [key + index, "x"]));
      return create(object("ConfigMap", name, { data }), tracked, configMaps as Resource);
    };
    await made("full", "k", 26_000);
    const patch = { type: "merge", body: { metadata: { labels: { a: "b" } } } } as const;
    const { object: full } = await desk.registry.patch(configMaps as Resource, "default/full", patch, tracked);
    assert.deepEqual(full.metadata.labels, { a: "b" });
    const error = await refused(made("long", "k".repeat(240), 7_000));
    assert.deepEqual(
      [error.code, error.message],
      [413, "Request entity too large: the body has more than 3145728 characters"],
    );
  });
});
