import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { isConflict, isNotFound, StatusError } from "../../api/errors.ts";
import type { Stored } from "../../api/object.ts";
import { processes, type Resource } from "../../api/scheme.ts";
import type { Path, Unstamped } from "../../store/store.ts";
import { type Desk, openDesk, process } from "./fixtures.ts";

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.store.close());

describe("the Client inside the daemon", () => {
  it("speaks all verbs", async () => {
    const { client } = desk;
    const made = await client.create(processes, process("web"));
    assert.equal(await client.get(processes, "default/web"), made);
    assert.deepEqual((await client.list(processes)).items, [made]);
    const updated = await client.update(processes, { ...made, spec: { ...made.spec, replicas: 2 } });
    const status = await client.updateStatus(processes, { ...process("web"), status: { replicas: 2 } });
    assert.deepEqual([status.spec.replicas, status.status], [2, { replicas: 2 }]);
    await assert.rejects(client.updateStatus(processes, { ...updated, status: {} }), isConflict);
    const scaled = await client.patch(
      processes,
      "default/web",
      { type: "merge", body: { spec: { replicas: 0 } } },
      { subresource: "scale" },
    );
    assert.equal(scaled.spec.replicas, 0);
    assert.equal(await client.delete(processes, "default/web"), undefined);
    await assert.rejects(client.get(processes, "default/web"), isNotFound);
  });

  it("answers a delete with what finalizers still hold", async () => {
    await desk.client.create(processes, process("web", {}, { finalizers: ["example.com/a"] }));
    assert.ok((await desk.client.delete(processes, "default/web"))?.metadata.deletionTimestamp);
  });

  it("does nothing for whoever has given up already", async () => {
    const options = { signal: AbortSignal.abort() };
    await assert.rejects(desk.client.create(processes, process("web"), options), { name: "AbortError" });
    await assert.rejects(desk.client.get(processes, "default/web", options), { name: "AbortError" });
    assert.equal((await desk.registry.list(processes as Resource, {})).items.length, 0);
  });

  it("keeps no part of the caller's object, and gives out nothing that can be changed", async () => {
    const body = process("web", { args: ["a"] });
    const made = await desk.client.create(processes, body);
    body.spec.args?.push("b");
    assert.deepEqual((await desk.client.get(processes, "default/web")).spec.args, ["a"]);
    assert.throws(() => made.spec.args?.push("c"), TypeError);
  });
});

describe("writers that meet", () => {
  it("run again when something else wrote to the Store, and give up as Conflict", async () => {
    const made = await desk.client.create(processes, process("web"));
    const path = "wctl.dev/processes/default/web";
    const foreign = (labels: Record<string, string>) => {
      const current = desk.store.get(path) as Stored;
      const { resourceVersion } = current.metadata;
      return desk.store.update(
        path,
        { ...current, metadata: { ...current.metadata, labels } },
        Number(resourceVersion),
      );
    };
    const [, object] = await Promise.all([
      foreign({ a: "1" }),
      desk.client.patch(processes, "default/web", { type: "merge", body: { metadata: { labels: { b: "2" } } } }),
    ]);
    assert.deepEqual(object.metadata.labels, { a: "1", b: "2" });
    await assert.rejects(desk.client.update(processes, made), isConflict);
    const always = async (_path: Path, _object: Unstamped): Promise<Stored> => {
      throw new StatusError("Conflict", "the store's own words");
    };
    desk.store.update = always;
    await assert.rejects(
      desk.client.patch(processes, "default/web", { type: "merge", body: { spec: { replicas: 9 } } }),
      {
        message: /^Operation cannot be fulfilled on processes\.wctl\.dev "web": the object has been modified/,
      },
    );
  });
});
