import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { configMaps, instances, processes, type Resource, secrets } from "../../../api/scheme.ts";
import type { Process, Secret } from "../../../api/types.generated.ts";
import { instance, object, process } from "../fixtures.ts";
import { create, desk, deskForEachTest, made, put, read, refused } from "./written-objects.ts";

deskForEachTest();

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
    const forged = { creationTimestamp: "1999-01-01T00:00:00Z", generation: 99 };
    assert.equal(await put({ ...first, metadata: { ...first.metadata, ...forged } }), first);
    for (const gone of [{ deletionTimestamp: "1999-01-01T00:00:00Z" }, { deletionGracePeriodSeconds: 5 }]) {
      const { code, message } = await refused(put({ ...first, metadata: { ...first.metadata, ...gone } }));
      assert.deepEqual([code, /: field is immutable$/.test(message)], [422, true], message);
    }
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
    const kept = (keptAs: string) => ({ spec: { keptContent: [{ kind: "ConfigMap", name: "web", keptAs }] } });
    const { object: pointed } = await change(kept("web-0f"));
    const specOf = (one: unknown): object => (one as { spec: object }).spec;
    assert.deepEqual(specOf(pointed), { ...specOf(body), ...kept("web-0f").spec });
    const misnamed = await refused(change(kept("../web")));
    assert.equal(misnamed.details?.causes?.[0]?.field, "spec.keptContent[0]");
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
