import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { isNotFound, isReason } from "../../../api/errors.ts";
import { keyOf, type Stored } from "../../../api/object.ts";
import { apiVersionOf } from "../../../api/scheme.ts";
import { type Storage, verbsOf } from "../../../apiserver/registry/storage.ts";

export interface Served {
  storage: Storage;
  close(): Promise<void>;
}

/** What holds of every Storage, as far as it has the methods. `open` serves at least one Object, in the namespace `default` where it has one. */
export function storageContract(name: string, open: () => Promise<Served>): void {
  describe(`the Storage of ${name}`, () => {
    let served: Served;
    let storage: Storage;
    let items: Stored[];
    before(async () => {
      served = await open();
      storage = served.storage;
      items = storage.list ? (await storage.list({})).items : [];
    });
    after(() => served.close());

    it("can do something, and its subresources are its own", () => {
      assert.ok(verbsOf(storage).length > 0);
      for (const [subresource, below] of storage.subresources ?? []) {
        assert.equal(below.resource, storage.resource, subresource);
        assert.ok(verbsOf(below).length > 0, subresource);
      }
    });

    it("lists Objects of its own kind, and gives each by its key", async () => {
      if (!storage.list) return;
      const { resource } = storage;
      assert.ok(items.length > 0, "the suite has something to look at");
      for (const item of items) {
        assert.deepEqual([item.apiVersion, item.kind], [apiVersionOf(resource), resource.kind]);
        assert.equal(item.metadata.namespace !== undefined, resource.namespaced);
        assert.deepEqual(await storage.get?.(keyOf(item)), item);
      }
    });

    it("selects, and refuses selectors that it cannot read", async () => {
      const { list, resource } = storage;
      if (!list) return;
      const namesOf = async (options: object) =>
        (await list.call(storage, options)).items.map(({ metadata }) => metadata.name);
      const [first] = items as [Stored];
      const { name } = first.metadata;
      assert.deepEqual(await namesOf({ fieldSelector: `metadata.name=${name}` }), [name]);
      assert.deepEqual(await namesOf({ labelSelector: "no=such" }), []);
      if (resource.namespaced) assert.deepEqual(await namesOf({ namespace: "empty" }), []);
      const isBad = (error: unknown): boolean => isReason(error, "BadRequest");
      await assert.rejects(namesOf({ labelSelector: "!!" }), isBad);
      await assert.rejects(namesOf({ fieldSelector: "spec.nobody=knows" }), isBad);
    });

    it("says of what is not there that its resource has no such Object", async () => {
      const { get, resource } = storage;
      if (!get) return;
      const key = resource.namespaced ? "default/ghost" : "ghost";
      await assert.rejects(
        async () => get.call(storage, key),
        (error) => isNotFound(error) && error.details?.name === "ghost",
      );
    });

    it("watches from now on, until the signal aborts", async () => {
      if (!storage.watch) return;
      const stop = new AbortController();
      const { resourceVersion = "" } = (await storage.list?.({}))?.metadata ?? {};
      const events = storage.watch({ signal: stop.signal, resourceVersion })[Symbol.asyncIterator]();
      const next = events.next();
      stop.abort();
      assert.equal((await next).done, true);
    });

    it("shows rows with a cell for each column", () => {
      const { columns, begin } = storage.table ?? {};
      if (!columns || !begin) return;
      const cellsOf = begin();
      for (const item of items) {
        const cells = JSON.parse(`[${cellsOf(item)}]`);
        assert.equal(cells.length, columns.length);
        for (const cell of cells) assert.ok(cell === null || typeof cell !== "object");
      }
    });
  });
}
