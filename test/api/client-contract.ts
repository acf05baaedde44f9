import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { Client, WatchEvent } from "../../api/client.ts";
import { isAlreadyExists, isConflict, isExpired, isNotFound } from "../../api/errors.ts";
import type { Key, Stored } from "../../api/object.ts";
import { configMaps, processes } from "../../api/scheme.ts";
import type { ConfigMap, Process } from "../../api/types.generated.ts";

/** One body of Client, over a server of its own where nothing is stored but the Namespace `default`. */
export interface Subject {
  client: Client;
  /** Makes every revision so far too old for a watch. */
  forget(): Promise<void>;
  close(): Promise<void>;
}

export const map = (name: string, data: Record<string, string> = {}, metadata: object = {}): ConfigMap => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "default", ...metadata },
  data,
});

export const program = (name: string, spec: object = {}, metadata: object = {}): Process =>
  ({
    apiVersion: "wctl.dev/v1",
    kind: "Process",
    metadata: { name, namespace: "default", ...metadata },
    spec: { command: "/bin/true", ...spec },
  }) as Process;

/** Reads a watch event by event; what `next` did not see yet waits. */
export function watching<T extends ConfigMap | Process>(events: AsyncIterable<WatchEvent<T>>) {
  const iterator = events[Symbol.asyncIterator]();
  return {
    next: async (): Promise<string> => {
      const { value, done } = await iterator.next();
      if (done) return "end";
      if (value.type === "BOOKMARK") return `BOOKMARK ${value.resourceVersion}`;
      return `${value.type} ${value.object.metadata.name}@${value.object.metadata.resourceVersion}`;
    },
    close: async (): Promise<void> => void (await iterator.return?.()),
  };
}

const at = (type: string, { metadata }: Stored): string => `${type} ${metadata.name}@${metadata.resourceVersion}`;

/** What every body of `Client` keeps: those over a server, and the one without a server that tests of controllers use. */
export function clientContract(open: () => Promise<Subject>): void {
  let subject: Subject;
  let client: Client;
  let abort: AbortController;
  const get = (key: Key): Promise<Stored<ConfigMap>> => client.get(configMaps, key);
  beforeEach(async () => {
    subject = await open();
    ({ client } = subject);
    abort = new AbortController();
  });
  afterEach(async () => {
    abort.abort();
    await subject.close();
  });

  describe("writing and reading", () => {
    it("creates what it then gets and lists, with an identity of its own", async () => {
      const made = await client.create(configMaps, map("a", { k: "v" }));
      assert.deepEqual(
        [made.kind, made.apiVersion, made.metadata.name, made.data],
        ["ConfigMap", "v1", "a", { k: "v" }],
      );
      assert.ok(made.metadata.uid);
      assert.match(made.metadata.resourceVersion, /^\d+$/);
      assert.ok(!Number.isNaN(Date.parse(made.metadata.creationTimestamp)));
      assert.deepEqual(await get("default/a"), made);
      const { items, metadata } = await client.list(configMaps);
      assert.deepEqual(items, [made]);
      assert.ok(Number(metadata.resourceVersion) >= Number(made.metadata.resourceVersion));
    });

    it("refuses a second of the same name, and says that there is none of another", async () => {
      await client.create(configMaps, map("a"));
      await assert.rejects(client.create(configMaps, map("a")), (error: unknown) => {
        assert.ok(isAlreadyExists(error));
        assert.deepEqual([error.name, error.code], ["StatusError", 409]);
        assert.equal(error.message, 'configmaps "a" already exists');
        return true;
      });
      await assert.rejects(get("default/b"), (error: unknown) => {
        assert.ok(isNotFound(error));
        assert.deepEqual([error.name, error.code, error.message], ["StatusError", 404, 'configmaps "b" not found']);
        assert.deepEqual([error.details?.name, error.details?.kind], ["b", "configmaps"]);
        return true;
      });
      for (const refused of [
        client.update(configMaps, map("b")),
        client.patch(configMaps, "default/b", { type: "merge", body: {} }),
        client.delete(configMaps, "default/b"),
        client.updateStatus(processes, program("b")),
      ]) {
        await assert.rejects(refused, isNotFound);
      }
    });

    it("lets exactly one of two writers have it who read the same (P15)", async () => {
      const made = await client.create(configMaps, map("a", { k: "0" }));
      const both = await Promise.allSettled(["1", "2"].map((k) => client.update(configMaps, { ...made, data: { k } })));
      const refused = both.filter((one) => one.status === "rejected");
      assert.equal(refused.length, 1);
      assert.ok(isConflict(refused[0]!.reason));
      assert.equal(refused[0]!.reason.code, 409);
      assert.notEqual((await get("default/a")).metadata.resourceVersion, made.metadata.resourceVersion);
    });

    it("does not take an Object for another of the same name that came after it", async () => {
      const { metadata } = await client.create(configMaps, map("a"));
      await client.delete(configMaps, "default/a");
      const { resourceVersion } = (await client.create(configMaps, map("a"))).metadata;
      await assert.rejects(client.update(configMaps, map("a", {}, { uid: metadata.uid, resourceVersion })), isConflict);
    });

    it("merges a patch into what is there, and a null takes away", async () => {
      await client.create(configMaps, map("a", { k: "v", gone: "x" }));
      const body = { metadata: { labels: { l: "1" } }, data: { k: "w", gone: null } };
      const patched = await client.patch(configMaps, "default/a", { type: "merge", body });
      assert.deepEqual([patched.data, patched.metadata.labels], [{ k: "w" }, { l: "1" }]);
      const stale = { metadata: { resourceVersion: "1" }, data: { k: "z" } };
      await assert.rejects(client.patch(configMaps, "default/a", { type: "merge", body: stale }), isConflict);
    });

    it("keeps status and everything else apart, each with its own way to write", async () => {
      const made = await client.create(processes, program("a"));
      const told = await client.updateStatus(processes, { ...made, status: { replicas: 3 } });
      assert.deepEqual([told.status?.replicas, told.metadata.generation], [3, made.metadata.generation]);
      const changed = { ...told, spec: { ...told.spec, replicas: 7 }, status: { replicas: 9 } };
      const updated = await client.update(processes, changed);
      assert.deepEqual([updated.spec.replicas, updated.status?.replicas], [7, 3]);
      assert.equal(updated.metadata.generation, (made.metadata.generation ?? 0) + 1);
      const ignored = await client.updateStatus(processes, {
        ...updated,
        spec: { ...updated.spec, replicas: 1 },
        status: { replicas: 4 },
      });
      assert.deepEqual([ignored.spec.replicas, ignored.status?.replicas], [7, 4]);
      await assert.rejects(client.updateStatus(processes, { ...made, status: {} }), isConflict);
      const blind = await client.updateStatus(processes, { ...program("a"), status: { replicas: 5 } });
      assert.equal(blind.status?.replicas, 5, "without a resourceVersion it is unconditional");
      const body = { status: { replicas: 6 } };
      const merged = await client.patch(processes, "default/a", { type: "merge", body }, { subresource: "status" });
      assert.deepEqual([merged.status?.replicas, merged.spec.replicas], [6, 7]);
    });

    it("changes nothing where nothing would change", async () => {
      const made = await client.create(configMaps, map("a", { k: "v" }));
      const again = await client.update(configMaps, made);
      assert.equal(again.metadata.resourceVersion, made.metadata.resourceVersion);
    });

    it("keeps no part of the caller's Object", async () => {
      const body = map("a", { k: "v" });
      await client.create(configMaps, body);
      (body.data as Record<string, string>).k = "changed";
      assert.deepEqual((await get("default/a")).data, { k: "v" });
    });
  });

  describe("deleting", () => {
    it("answers undefined when it is gone", async () => {
      await client.create(configMaps, map("a"));
      assert.equal(await client.delete(configMaps, "default/a"), undefined);
      await assert.rejects(get("default/a"), isNotFound);
    });

    it("answers what finalizers still hold, which goes with the last of them", async () => {
      await client.create(configMaps, map("a", {}, { finalizers: ["example.com/x"] }));
      const held = await client.delete(configMaps, "default/a");
      assert.ok(held?.metadata.deletionTimestamp);
      assert.deepEqual((await get("default/a")).metadata.deletionTimestamp, held.metadata.deletionTimestamp);
      await client.patch(configMaps, "default/a", { type: "merge", body: { metadata: { finalizers: null } } });
      await assert.rejects(get("default/a"), isNotFound);
    });

    it("refuses when it is not the one that was meant any more", async () => {
      const made = await client.create(configMaps, map("a"));
      for (const preconditions of [{ uid: "00000000-0000-0000-0000-000000000000" }, { resourceVersion: "999999" }]) {
        await assert.rejects(client.delete(configMaps, "default/a", { preconditions }), isConflict);
      }
      const { uid, resourceVersion } = made.metadata;
      assert.equal(
        await client.delete(configMaps, "default/a", { preconditions: { uid, resourceVersion } }),
        undefined,
      );
    });

    it("marks what its dependents hold", async () => {
      await client.create(configMaps, map("a"));
      const held = await client.delete(configMaps, "default/a", { propagation: "Foreground" });
      assert.deepEqual(held?.metadata.finalizers, ["foregroundDeletion"]);
    });
  });

  describe("watching", () => {
    it("tells each change after a revision once and in order, with the Objects that were written (P14)", async () => {
      const before = await client.create(configMaps, map("before"));
      const { metadata } = await client.list(configMaps);
      const events = watching(
        client.watch(configMaps, { resourceVersion: metadata.resourceVersion, signal: abort.signal }),
      );
      const made = await client.create(configMaps, map("a"));
      const changed = await client.update(configMaps, { ...made, data: { k: "v" } });
      await client.create(processes, program("not-watched"));
      await client.delete(configMaps, "default/a");
      const last = await client.update(configMaps, { ...before, data: { k: "v" } });
      assert.equal(await events.next(), at("ADDED", made));
      assert.equal(await events.next(), at("MODIFIED", changed));
      const gone = await events.next();
      assert.match(gone, /^DELETED a@/);
      assert.ok(
        Number(gone.split("@")[1]) > Number(changed.metadata.resourceVersion),
        "a deletion has a revision of its own",
      );
      assert.equal(await events.next(), at("MODIFIED", last));
    });

    it("goes on exactly where another one ended", async () => {
      const made = [];
      for (const name of ["a", "b", "c", "d"]) made.push(await client.create(configMaps, map(name)));
      const resourceVersion = made[1]!.metadata.resourceVersion;
      const events = watching(client.watch(configMaps, { resourceVersion, signal: abort.signal }));
      assert.deepEqual(
        [await events.next(), await events.next()],
        made.slice(2).map((one) => at("ADDED", one)),
      );
    });

    it("without a revision begins with what happens from then on", async () => {
      await client.create(configMaps, map("before"));
      const events = watching(client.watch(configMaps, { signal: abort.signal }));
      const first = events.next();
      let settled = false;
      void first.then(() => {
        settled = true;
      });
      // When it has begun only its reader knows: one of these comes after it.
      const names: string[] = [];
      while (!settled) names.push((await client.create(configMaps, map(`after-${names.length}`))).metadata.name);
      assert.match(await first, /^ADDED after-/);
    });

    it("ends in good order when its reader has enough, before or while it waits", async () => {
      assert.equal(await watching(client.watch(configMaps, { signal: AbortSignal.abort() })).next(), "end");
      const events = watching(client.watch(configMaps, { signal: abort.signal }));
      const waits = events.next();
      abort.abort();
      assert.equal(await waits, "end");
      assert.equal(await events.next(), "end");
    });

    it("of a revision that is forgotten rejects with Expired", async () => {
      const { metadata } = await client.create(configMaps, map("a"));
      await subject.forget();
      const { resourceVersion } = metadata;
      const events = watching(client.watch(configMaps, { resourceVersion, signal: abort.signal }));
      await assert.rejects(events.next(), (error: unknown) => {
        assert.ok(isExpired(error));
        assert.deepEqual([error.name, error.code], ["StatusError", 410]);
        return true;
      });
    });

    it("sees only the namespace and the name it asked for", async () => {
      await client.create(configMaps, map("a"));
      const { resourceVersion } = (await client.list(configMaps)).metadata;
      const options = { resourceVersion, namespace: "default", fieldSelector: "metadata.name=b", signal: abort.signal };
      const events = watching(client.watch(configMaps, options));
      await client.create(configMaps, map("c"));
      const wanted = await client.create(configMaps, map("b"));
      assert.equal(await events.next(), at("ADDED", wanted));
    });
  });
}
