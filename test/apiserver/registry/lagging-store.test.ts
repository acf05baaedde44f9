import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { configMaps, type Resource, secrets } from "../../../api/scheme.ts";
import { StoreRegistry } from "../../../apiserver/registry/store-registry.ts";
import { systemClock } from "../../../lib/clock.ts";
import { silentLogger } from "../../../lib/logger.ts";
import type { Journal } from "../../../store/journal.ts";
import { JournaledStore } from "../../../store/journaled-store.ts";
import { nothing } from "../../../store/recover.ts";
import type { StoreHealth } from "../../../store/store.ts";

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
    const lacks = (health: StoreHealth) =>
      registryOver(health)
        .at(secrets as Resource)
        .incomplete?.();
    assert.equal(lacks({ ...ailing, partial: true }), "its keys are gone");
    assert.equal(lacks({ ok: false, reason: "StoreFull", message: "the disk is full" }), undefined);
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
