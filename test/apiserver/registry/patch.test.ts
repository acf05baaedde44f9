import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { keyOf } from "../../../api/object.ts";
import { instances, processes, type Resource } from "../../../api/scheme.ts";
import type { Process } from "../../../api/types.generated.ts";
import { nodeIdentity } from "../../../apiserver/authentication/identity.ts";
import { storePath } from "../../../apiserver/registry/paths.ts";
import { instance, process } from "../fixtures.ts";
import { create, desk, deskForEachTest, made, merge, read, refused } from "./written-objects.ts";

deskForEachTest();

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
    const unknown = await refused(merge("web", { spec: { bogus: 1 } }, { fieldValidation: "Strict" }));
    assert.deepEqual(
      [unknown.code, unknown.message],
      [422, ' "" is invalid: patch: Invalid value: "": strict decoding error: unknown field "spec.bogus"'],
    );
    assert.equal((await refused(merge("web", JSON.parse('{"spec":{"__proto__":{"polluted":1}}}')))).code, 400);
    assert.equal(({} as { polluted?: number }).polluted, undefined);
  });

  it("honours writes to managedFields that can be read, and keeps the others' as they are", async () => {
    const entry = {
      manager: "a",
      operation: "Update",
      apiVersion: "wctl.dev/v1",
      fieldsType: "FieldsV1",
      fieldsV1: {},
    };
    const mine = { ...entry, fieldsV1: { "f:spec": { "f:command": {} } } };
    const managed = async (managedFields: unknown): Promise<unknown> =>
      (await merge("web", { metadata: { managedFields } })).metadata.managedFields;
    await made("web");
    assert.deepEqual(await managed([mine]), [mine]);
    assert.equal((await merge("web", { spec: { replicas: 2 } })).metadata.managedFields?.length, 2);
    assert.deepEqual(await managed([mine]), [mine]);
    assert.deepEqual(await managed([{ ...mine, operation: "Own" }]), [mine]);
    assert.deepEqual(await managed([{ ...mine, fieldsV1: { bogus: {} } }]), [mine]);
    assert.equal((await refused(managed([{ ...mine, manager: 1 }]))).code, 400);
    assert.equal((await refused(managed([{ ...mine, manager: "x".repeat(129) }]))).code, 422);
    assert.equal(await managed([{}]), undefined);
    assert.deepEqual(await managed([mine]), [mine]);
    assert.equal(await managed([]), undefined);
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
