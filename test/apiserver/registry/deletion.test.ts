import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { DeleteOptions } from "../../../api/client.ts";
import { isNotFound, StatusError } from "../../../api/errors.ts";
import { instances, namespaces, processes, type Resource } from "../../../api/scheme.ts";
import { nodeIdentity } from "../../../apiserver/authentication/identity.ts";
import { type Desk, instance, object, openDesk, process } from "../fixtures.ts";
import { admin } from "../local-clients.ts";

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.store.close());

const all = processes as Resource;
const made = (metadata: object = {}, spec: Record<string, unknown> = {}) =>
  desk.client.create(processes, process("web", spec, metadata));
const remove = (options: DeleteOptions = {}) => desk.registry.delete(all, "default/web", options);
const read = () => desk.registry.get(all, "default/web");
const merge = (body: unknown) => desk.registry.patch(all, "default/web", { type: "merge", body }, {});
const isGone = () => assert.rejects(read(), isNotFound);
const refusal = (code: number, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof StatusError);
  assert.equal(error.code, code);
  assert.match(error.message, message);
  return true;
};

describe("delete", () => {
  it("removes what no finalizer holds", async () => {
    const { metadata } = await made();
    const { object, gone } = await remove();
    assert.ok(gone);
    assert.equal(object.metadata.uid, metadata.uid);
    await isGone();
    await assert.rejects(remove(), refusal(404, /^processes\.wctl\.dev "web" not found$/));
  });

  it("marks what finalizers hold, once", async () => {
    await made({ finalizers: ["example.com/hold"] }, { stop: { gracePeriodSeconds: 7 } });
    const { object, gone } = await remove();
    assert.equal(gone, false);
    const { deletionTimestamp, deletionGracePeriodSeconds, generation } = object.metadata;
    assert.deepEqual([deletionTimestamp, deletionGracePeriodSeconds, generation], ["2026-01-01T00:00:00Z", 7, 2]);
    desk.clock.advance(5_000);
    assert.equal((await remove()).object, object);
  });

  it("may ask for less patience later, not for more", async () => {
    await made({ finalizers: ["example.com/hold"] });
    const grace = async (gracePeriodSeconds: number) =>
      (await remove({ gracePeriodSeconds })).object.metadata.deletionGracePeriodSeconds;
    assert.equal(await grace(20), 20);
    assert.equal(await grace(40), 20);
    assert.equal(await grace(0), 0);
    assert.equal((await read()).metadata.generation, 2);
  });

  it("an Instance's own grace period holds unless another is asked for", async () => {
    await desk.registry.create(
      instances as Resource,
      "default",
      instance("web-0", { finalizers: ["wctl.dev/stop"] }),
      {},
    );
    const { object } = await desk.registry.delete(instances as Resource, "default/web-0", {});
    assert.equal(object.metadata.deletionGracePeriodSeconds, 30);
  });

  it("ends when the last finalizer goes, by update or by patch", async () => {
    await made({ finalizers: ["example.com/a", "example.com/b"] });
    await remove();
    const { object: held } = await merge({ metadata: { finalizers: ["example.com/b"] } });
    assert.deepEqual(held.metadata.finalizers, ["example.com/b"]);
    const { finalizers, ...metadata } = held.metadata;
    const { object: last } = await desk.registry.update(all, "default/web", { ...held, metadata }, {});
    assert.ok(Number(last.metadata.resourceVersion) > Number(held.metadata.resourceVersion));
    await isGone();
  });

  it("cannot be put off by new finalizers, nor undone", async () => {
    await made({ finalizers: ["example.com/a"] });
    await remove();
    await assert.rejects(
      merge({ metadata: { finalizers: ["example.com/a", "example.com/new"] } }),
      refusal(
        422,
        /metadata\.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers \[\]string\{"example\.com\/new"\}/,
      ),
    );
    await merge({ metadata: { deletionTimestamp: null } });
    assert.ok((await read()).metadata.deletionTimestamp);
  });

  it("holds for the garbage collector when dependents come first or stay", async () => {
    await made();
    const foreground = await remove({ propagation: "Foreground" });
    assert.deepEqual(foreground.object.metadata.finalizers, ["foregroundDeletion"]);
    await merge({ metadata: { finalizers: ["foregroundDeletion"] } });
    const again = await remove({ propagation: "Foreground" });
    assert.equal(again.object, foreground.object);
    const orphan = await remove({ propagation: "Orphan" });
    assert.deepEqual(orphan.object.metadata.finalizers, ["orphan"]);
    assert.equal(orphan.object.metadata.generation, 2);
    assert.equal((await remove()).object, orphan.object);
    assert.ok((await remove({ propagation: "Background" })).gone);
    await isGone();
  });

  it("is refused when it is not the one that was meant", async () => {
    const { metadata } = await made();
    await assert.rejects(
      remove({ preconditions: { uid: "x" } }),
      refusal(409, /the UID in the precondition \(x\) does not match/),
    );
    await assert.rejects(
      remove({ preconditions: { resourceVersion: "1" } }),
      refusal(409, /the ResourceVersion in the precondition \(1\)/),
    );
    const { uid, resourceVersion } = metadata;
    assert.ok((await remove({ preconditions: { uid, resourceVersion } })).gone);
  });

  it("writes nothing in a dry run", async () => {
    const object = await made({ finalizers: ["example.com/a"] });
    const shown = await remove({ dryRun: true });
    assert.ok(shown.object.metadata.deletionTimestamp);
    assert.equal(await read(), object);
    await merge({ metadata: { finalizers: null } });
    assert.ok((await remove({ dryRun: true })).gone);
    assert.equal((await read()).metadata.name, "web");
  });

  it("of a collection removes what is selected and answers what was there", async () => {
    for (let index = 0; index < 150; index++) {
      await desk.client.create(processes, process(`p-${index}`, {}, { labels: { half: String(index % 2) } }));
    }
    const list = await desk.registry.deleteCollection(all, { namespace: "default", labelSelector: "half=0" }, {});
    assert.equal(list.items.length, 75);
    const left = (await desk.registry.list(all, {})).items;
    assert.equal(left.length, 75);
    assert.ok(left.every(({ metadata }) => metadata.labels?.half === "1"));
  });
});

describe("an Instance", () => {
  const copies = instances as Resource;
  const get = () => desk.registry.get(copies, "default/web-0");
  const patch = (body: unknown, context = {}) =>
    desk.registry.patch(copies, "default/web-0", { type: "merge", body }, context);
  const makeOne = (metadata: object = {}) =>
    desk.registry.create(copies, "default", instance("web-0", metadata), {}).then(({ object }) => object);
  const held = ["wctl.dev/stop"];

  it("is held by the agent's finalizer from its creation, whoever makes it (P2, P5)", async () => {
    assert.deepEqual((await makeOne()).metadata.finalizers, held);
  });

  it("is let go by nobody but the agent of its node, and not before its deletion", async () => {
    const { finalizers: _, ...bare } = (await makeOne()).metadata;
    const { warnings } = await patch({ metadata: { finalizers: null } });
    assert.match(warnings.join(), /wctl\.dev\/stop stays until nothing of the process tree is left/);
    await desk.registry.update(
      copies,
      "default/web-0",
      { ...(await get()), metadata: bare },
      { fieldManager: "wctl-agent" },
    );
    await patch({ metadata: { finalizers: [] } }, { user: nodeIdentity("here") });
    assert.deepEqual((await get()).metadata.finalizers, held);
    for (const options of [
      { gracePeriodSeconds: 0 },
      { propagation: "Orphan" },
      { propagation: "Background" },
    ] as const)
      assert.equal((await desk.registry.delete(copies, "default/web-0", options)).gone, false);
    await patch({ metadata: { finalizers: null } });
    await desk.client.patch(instances, "default/web-0", {
      type: "json",
      body: [{ op: "remove", path: "/metadata/finalizers" }],
    });
    assert.deepEqual((await get()).metadata.finalizers, held);
    const byAnother = patch({ metadata: { finalizers: null } }, { user: nodeIdentity("elsewhere") });
    await assert.rejects(byAnother, { reason: "Forbidden" });
    await patch({ metadata: { finalizers: null } }, { user: admin });
    assert.deepEqual((await get()).metadata.finalizers, held);
    await patch({ metadata: { finalizers: null } }, { user: nodeIdentity("here") });
    await assert.rejects(get(), isNotFound);
  });

  it("keeps the finalizers of others as they want them", async () => {
    await makeOne({ finalizers: ["example.com/a"] });
    await patch({ metadata: { finalizers: ["example.com/b"] } });
    assert.deepEqual((await get()).metadata.finalizers, ["example.com/b", ...held]);
  });

  it("that an earlier version stored without the finalizer gets it at its deletion", async () => {
    const { metadata, ...rest } = instance("web-0") as { metadata: object };
    const stored = { ...rest, metadata: { ...metadata, uid: "u", creationTimestamp: "2026-01-01T00:00:00Z" } };
    await desk.store.create("wctl.dev/instances/default/web-0", stored as never);
    const { gone, object } = await desk.registry.delete(copies, "default/web-0", {});
    assert.deepEqual([gone, object.metadata.finalizers], [false, held]);
  });
});

describe("a grace period that is asked for a Process", () => {
  it("keeps the Process until its Instances have heard of it", async () => {
    await made();
    const { object, gone } = await remove({ propagation: "Background", gracePeriodSeconds: 1 });
    assert.deepEqual(
      [gone, object.metadata.deletionGracePeriodSeconds, object.metadata.finalizers],
      [false, 1, ["foregroundDeletion"]],
    );
    const { object: again } = await remove({ gracePeriodSeconds: 0 });
    assert.equal(again.metadata.deletionGracePeriodSeconds, 0);
  });
});

describe("a Namespace", () => {
  const spaces = namespaces as Resource;
  const patch = (body: unknown) => desk.registry.patch(spaces, "lab", { type: "merge", body }, {});
  const makeLab = () => desk.registry.create(spaces, undefined, object("Namespace", "lab"), {});

  it("begins as Active, held by its finalizer", async () => {
    const { object: lab } = await makeLab();
    const { spec, status } = lab as unknown as { spec: object; status: object };
    assert.deepEqual([spec, status], [{ finalizers: ["kubernetes"] }, { phase: "Active" }]);
  });

  it("takes nothing new while it goes, and goes when its finalizer does", async () => {
    await makeLab();
    await desk.client.create(processes, process("web", {}, { namespace: "lab" }));
    await patch({ spec: { finalizers: [] } });
    const { object: lab, gone } = await desk.registry.delete(spaces, "lab", {});
    assert.equal(gone, false);
    const { spec, status } = lab as unknown as { spec: object; status: object };
    assert.deepEqual([spec, status], [{ finalizers: ["kubernetes"] }, { phase: "Terminating" }]);
    await assert.rejects(desk.client.create(processes, process("late", {}, { namespace: "lab" })), (error: unknown) => {
      assert.ok(error instanceof StatusError);
      assert.equal(
        error.message,
        'processes.wctl.dev "late" is forbidden: unable to create new content in namespace lab because it is being terminated',
      );
      assert.deepEqual(error.details?.causes, [
        { reason: "NamespaceTerminating", message: "namespace lab is being terminated", field: "metadata.namespace" },
      ]);
      return error.code === 403;
    });
    await assert.rejects(patch({ spec: { finalizers: [] } }), refusal(409, /not empty yet, it still has processes/));
    await desk.client.delete(processes, "lab/web");
    await patch({ metadata: { labels: { a: "b" } } });
    assert.equal((await desk.registry.get(spaces, "lab")).metadata.labels?.a, "b");
    await patch({ spec: { finalizers: [] } });
    await assert.rejects(desk.registry.get(spaces, "lab"), isNotFound);
  });

  it("keeps the grace period that was asked for what is in it; it only ever gets shorter", async () => {
    await makeLab();
    const grace = async (options: DeleteOptions) =>
      (await desk.registry.delete(spaces, "lab", options)).object.metadata.deletionGracePeriodSeconds;
    assert.equal(await grace({}), undefined);
    assert.equal(await grace({ gracePeriodSeconds: 5 }), 5);
    assert.equal(await grace({ gracePeriodSeconds: 9 }), 5);
    assert.equal(await grace({ gracePeriodSeconds: 0 }), 0);
  });

  it("default is always there", async () => {
    await assert.rejects(
      desk.registry.delete(spaces, "default", {}),
      refusal(403, /^namespaces "default" is forbidden: this namespace may not be deleted$/),
    );
    const before = desk.store.revision;
    await desk.registry.bootstrap();
    assert.equal(desk.store.revision, before);
  });
});
