import assert from "node:assert/strict";
import { once } from "node:events";
import { copyFileSync, existsSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Worker } from "node:worker_threads";
import { isExpired } from "../../../api/errors.ts";
import { DatabaseSync } from "../../../store/sqlite/node-sqlite.ts";
import { FakeClock } from "../../lib/fake-clock.ts";
import { storeContract } from "../contract.ts";
import { object, pathOf, revisionOf, specOf } from "../objects.ts";
import { openSqlite, scratch } from "../scratch.ts";

const newFile = (): string => join(scratch(), "data", "store.db");

function rowsOf(file: string, path: string): number {
  const database = new DatabaseSync(copyOf(file), { readOnly: true });
  const { count } = database.prepare("SELECT count(*) AS count FROM versions WHERE path = ?").get(path) as {
    count: number;
  };
  database.close();
  return count;
}

/** Of an open store too: with its log, where nobody locks it. */
function copyOf(file: string): string {
  const copy = join(scratch(), "copy.db");
  copyFileSync(file, copy);
  if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`);
  return copy;
}

describe("SqliteStore", () => {
  storeContract((limits) => openSqlite(newFile(), limits));

  it("lets a lone writer wait for the disk, and for no time to pass", async () => {
    const store = await openSqlite(newFile(), { clock: new FakeClock() });
    for (let turn = 1; turn <= 20; turn++) await store.create(pathOf(`w${turn}`), object(`w${turn}`));
    assert.deepEqual([store.revision, store.statistics.commits], [20, 20]);
  });

  describe("over a restart", () => {
    it("has every Object and the last revision, also after the newest Object was deleted and forgotten", async () => {
      const file = newFile();
      const before = await openSqlite(file);
      const a = await before.create(pathOf("a"), object("a", { text: "é\u0000\n" }));
      await before.create(pathOf("b"), object("b"));
      await before.delete(pathOf("b"), 2);
      before.compact(3);
      await before.close();
      const after = await openSqlite(file);
      assert.deepEqual(after.get(pathOf("a")), a);
      assert.equal(after.list("").items.length, 1);
      assert.equal(after.revision, 3);
      assert.equal(revisionOf(await after.create(pathOf("b"), object("b"))), 4);
      after.compact(4);
      await after.delete(pathOf("b"), 4);
      await after.close();
      const last = await openSqlite(file);
      assert.equal(last.revision, 5);
      await last.close();
    });

    it("goes on with watches and pages from before, as far as the history reaches", async () => {
      const file = newFile();
      const before = await openSqlite(file, { history: { count: 4, ageMs: 0 } });
      for (const name of ["a", "b", "c"]) await before.create(pathOf(name), object(name));
      await before.update(pathOf("a"), object("a", 1), 1);
      await before.delete(pathOf("b"), 2);
      const page = before.list("", { limit: 1 });
      await before.create(pathOf("b"), object("b", 2));
      await before.close();
      const after = await openSqlite(file, { history: { count: 4, ageMs: 0 } });
      await after.create(pathOf("bb"), object("bb"));
      const rest = after.list("", { continue: page.continue as string });
      assert.deepEqual(
        rest.items.map((item) => item.metadata.name),
        ["c"],
      );
      const controller = new AbortController();
      const seen: unknown[] = [];
      for await (const event of after.watch("", { after: 3, signal: controller.signal })) {
        seen.push([event.type, event.revision, specOf(event.object), specOf(event.previous)]);
        if (event.revision === 7) controller.abort();
      }
      const expected = [
        ["MODIFIED", 4, 1, 0],
        ["DELETED", 5, 0, 0],
        ["ADDED", 6, 2, undefined],
        ["ADDED", 7, 0, undefined],
      ];
      assert.deepEqual(seen, expected);
      assert.throws(() => after.watch("", { after: 1, signal: controller.signal }), isExpired);
      await after.close();
    });

    it("keeps nothing on the disk of a history that does not last, also when it becomes part of the other", async () => {
      const file = newFile();
      const apart = [{ prefix: "core/events/", budget: { count: 1_000, ageMs: 300_000, bytes: 1_000_000 } }];
      const history = { count: 4, ageMs: 0 };
      const event = "core/events/default/e";
      let store = await openSqlite(file, { history, apart });
      await store.create(event, object("e"));
      for (let at = 1; at <= 30; at++) await store.update(event, object("e", at), at);
      for (let at = 0; at < 20; at++) await store.create(pathOf(`p${at}`), object(`p${at}`));
      assert.equal(rowsOf(file, event), 31, "as long as it is open");
      await store.close();
      store = await openSqlite(file, { history, apart });
      const { signal } = new AbortController();
      store.watch(pathOf(""), { after: 48, signal });
      assert.throws(() => store.watch("core/events/", { after: 50, signal }), isExpired);
      await store.update(event, object("e", "again"), 31);
      await store.close();
      assert.equal(rowsOf(file, event), 2, "the one there is, and the one it replaced");
      store = await openSqlite(file, { history });
      assert.equal(specOf(store.get(event)), "again");
      for (let at = 0; at < 8; at++) await store.create(pathOf(`q${at}`), object(`q${at}`));
      await store.close();
      assert.equal(rowsOf(file, event), 1);
    });

    it("does not grow with the number of writes", async () => {
      const file = newFile();
      let store = await openSqlite(file, { history: { count: 10, ageMs: 0 } });
      await store.create(pathOf("a"), object("a"));
      for (let at = 1; at <= 300; at++) await store.update(pathOf("a"), object("a", "x".repeat(10_000)), at);
      await store.close();
      assert.ok(statSync(file).size < 1_000_000, `${statSync(file).size} bytes for one Object and ten events`);
      store = await openSqlite(file, { history: { count: 10, ageMs: 0 } });
      assert.equal(store.revision, 301);
      await store.close();
    });
  });

  it("shares fsyncs: what waits while one commit runs is one commit", async () => {
    const store = await openSqlite(newFile());
    await Promise.all(Array.from({ length: 200 }, (_, at) => store.create(pathOf(`p${at}`), object(`p${at}`))));
    assert.ok(store.statistics.commits <= 3, `${store.statistics.commits} commits for 200 concurrent writes`);
    for (let at = 0; at < 5; at++)
      await store.update(pathOf("p0"), object("p0", at), revisionOf(store.get(pathOf("p0"))!));
    assert.ok(store.statistics.commits >= 6, "each waited for its own");
    await store.close();
  });

  it("takes large Objects, many at a time", async () => {
    const file = newFile();
    let store = await openSqlite(file);
    const large = "x".repeat(3_000_000);
    await Promise.all(Array.from({ length: 10 }, (_, at) => store.create(pathOf(`p${at}`), object(`p${at}`, large))));
    assert.ok(store.statistics.commits === 1, "one batch, several transactions");
    await store.close();
    store = await openSqlite(file);
    assert.deepEqual([store.health, store.revision, store.list("").items.length], [{ ok: true }, 10, 10]);
    await store.close();
  });

  it("keeps its files to its user", { skip: process.platform === "win32" }, async () => {
    const file = newFile();
    const store = await openSqlite(file);
    await store.create(pathOf("a"), object("a"));
    const modes = [join(file, ".."), file, `${file}-wal`, join(file, "..", "store.id")].map(
      (at) => statSync(at).mode & 0o777,
    );
    assert.deepEqual(modes, [0o700, 0o600, 0o600, 0o600]);
    await store.close();
    assert.equal(existsSync(`${file}-shm`), false);
  });

  it("refuses to write a file that another program has open, and says so", async () => {
    const file = newFile();
    const first = await openSqlite(file);
    await first.create(pathOf("a"), object("a"));
    const second = await openSqlite(file);
    assert.equal(second.health.ok, false);
    assert.match(JSON.stringify(second.health), /StoreInUse/);
    await assert.rejects(second.create(pathOf("b"), object("b")), { reason: "ServiceUnavailable", code: 503 });
    await first.create(pathOf("b"), object("b"));
    await Promise.all([first.close(), second.close()]);
  });

  it("makes backups that can take the store's place", async () => {
    const file = newFile();
    const copy = join(scratch(), "copy.db");
    let store = await openSqlite(file);
    await store.create(pathOf("a"), object("a"));
    await store.backup(copy);
    await assert.rejects(store.backup(copy), /EEXIST/);
    await store.create(pathOf("b"), object("b"));
    await store.close();
    copyFileSync(copy, file);
    store = await openSqlite(file);
    assert.match(
      JSON.stringify(store.health),
      /ends at revision 1, but writes up to 2 were acknowledged.*remove .*store\.id/,
    );
    await store.close();
    rmSync(join(file, "..", "store.id"));
    store = await openSqlite(file);
    assert.deepEqual([store.health, store.revision], [{ ok: true }, 1]);
    await store.create(pathOf("b"), object("b"));
    await store.close();
  });

  it("silences SQLite's experimental warning and no other", async () => {
    const code = `
      import("${new URL("../../../store/sqlite/node-sqlite.ts", import.meta.url)}").then(() => process.emitWarning("another", "ExperimentalWarning"))`;
    const worker = new Worker(code, { eval: true, stderr: true });
    let said = "";
    worker.stderr.on("data", (text) => (said += text));
    await once(worker, "exit");
    assert.match(said, /another/);
    assert.doesNotMatch(said, /SQLite/);
  });
});
