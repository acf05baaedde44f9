import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { configMaps, processes, type Resource } from "../../../api/scheme.ts";
import type { Process } from "../../../api/types.generated.ts";
import { object, process } from "../fixtures.ts";
import { create, desk, deskForEachTest, made, merge, put, read, refused } from "./written-objects.ts";

deskForEachTest();

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
      put({ ...process("web"), status: { phase: 7 } } as unknown as Process, { subresource: "status" }),
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

  it("has a table of its own, with what is wanted and there", async () => {
    await made("web", { replicas: 2 });
    const { table } = desk.registry.at(processes as Resource, "scale");
    assert.ok(table);
    assert.deepEqual(
      table.columns.map(({ name }) => name),
      ["Desired", "Available", "Age"],
    );
    const object = await desk.registry.get(processes as Resource, "default/web", "scale");
    assert.equal(table.begin()(object), '2,0,"0s"');
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
