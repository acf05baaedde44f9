import assert from "node:assert/strict";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { metaChecksum, versionChecksum } from "../../../store/sqlite/format.ts";
import { DatabaseSync } from "../../../store/sqlite/node-sqlite.ts";
import { storeContract } from "../../store/contract.ts";
import { object, pathOf, revisionOf, specOf } from "../../store/objects.ts";
import { openSqlite, scratch } from "../../store/scratch.ts";
import { keyFileBeside, openEncrypted } from "./encrypted-store.ts";

const CANARY = "canary-3b9f1c77";

/** In a folder that is there. */
const newFile = (): string => {
  const folder = join(scratch(), "data");
  mkdirSync(folder, { mode: 0o700 });
  return join(folder, "store.db");
};

/** As a killed daemon leaves it: with its log. */
function copyStore(from: string, to: string): void {
  for (const suffix of ["", "-wal"]) copyFileSync(from + suffix, to + suffix);
  copyFileSync(join(dirname(from), "store.id"), join(dirname(to), "store.id"));
}

/** Names of the files below the folder of `file` in which the text stands. */
const filesWith = (file: string, text: string): string[] =>
  readdirSync(dirname(file)).filter((name) => readFileSync(join(dirname(file), name)).includes(text));

/** Changes rows with everything around them right: only what is encrypted can tell. */
function forge(file: string, change: (rows: { revision: number; path: string; json: string }[]) => void): void {
  const database = new DatabaseSync(file);
  const all = "SELECT revision, path, json FROM versions ORDER BY revision";
  const rows = database.prepare(all).all() as { revision: number; path: string; json: string }[];
  change(rows);
  let digest = 0;
  const update = database.prepare("UPDATE versions SET path = ?, json = ?, checksum = ? WHERE revision = ?");
  for (const { revision, path, json } of rows) {
    const checksum = versionChecksum([revision, path, json]);
    update.run(path, json, checksum, revision);
    digest ^= checksum;
  }
  forgeMeta(database, digest);
  database.close();
}

function forgeMeta(database: InstanceType<typeof DatabaseSync>, digest: number): void {
  const meta = database.prepare("SELECT * FROM meta").get() as Record<string, number | string>;
  const { id, revision, compacted, count } = meta as { id: string; revision: number; compacted: number; count: number };
  const checksum = metaChecksum({ id, revision, compacted, count, digest });
  database.prepare("UPDATE meta SET digest = ?, checksum = ?").run(digest, checksum);
}

describe("an encrypted SqliteStore", () => {
  // What Windows adds to the contract, it adds to the SqliteStore below, which keeps it there.
  if (process.platform !== "win32") storeContract(async (limits) => (await openEncrypted(newFile(), limits)).store);

  it("has nothing of its records in any file, while it is open, after a deletion, a restart and in a backup", async () => {
    const file = newFile();
    const { store } = await openEncrypted(file);
    await store.create(pathOf("a"), object("a", CANARY));
    await store.update(pathOf("a"), object("a", `${CANARY}-2`), 1);
    const backup = join(dirname(file), "backup.db");
    await store.backup(backup);
    await store.delete(pathOf("a"), 2);
    assert.deepEqual(filesWith(file, CANARY), []);
    await store.close();
    assert.deepEqual(filesWith(file, CANARY), []);
    const { store: again } = await openEncrypted(file);
    assert.deepEqual([again.health, again.revision], [{ ok: true }, 3]);
    await again.close();
    rmSync(join(dirname(file), "store.id"));
    copyFileSync(backup, file);
    const { store: restored } = await openEncrypted(file);
    assert.equal(specOf(restored.get(pathOf("a"))), `${CANARY}-2`);
    await restored.close();
  });

  it("encrypts at the next start what an earlier version wrote in the clear, and leaves nothing of it in the file", async () => {
    const file = newFile();
    const before = await openSqlite(file, { history: { count: 5, ageMs: 0 } });
    for (let n = 0; n < 30; n++)
      await before.create(`core/secrets/default/s${n}`, object(`s${n}`, `${CANARY}.${n}`.repeat(200)));
    for (let n = 0; n < 20; n++) await before.delete(`core/secrets/default/s${n}`, n + 1);
    await before.create(pathOf("other"), object("other", "of no concern"));
    await before.close();
    const database = new DatabaseSync(file);
    database.exec("PRAGMA user_version = 1"); // as that version left it
    database.close();
    assert.deepEqual(filesWith(file, CANARY), ["store.db"]);
    const { store } = await openEncrypted(file, { prefixes: ["core/secrets/"] });
    assert.deepEqual(store.health, { ok: true });
    assert.equal(specOf(store.get("core/secrets/default/s25")), `${CANARY}.25`.repeat(200));
    assert.deepEqual(filesWith(file, CANARY), []);
    assert.deepEqual(filesWith(file, "of no concern").includes("store.db"), true, "only what is below the prefix");
    await store.close();
    assert.deepEqual(filesWith(file, CANARY), []);
    const { store: again } = await openEncrypted(file, { prefixes: ["core/secrets/"] });
    assert.equal(again.list("core/secrets/").items.length, 10);
    await again.close();
  });

  it("does so too when that version was killed: nothing is left in the log either", async () => {
    const origin = newFile();
    const before = await openSqlite(origin);
    for (let n = 0; n < 30; n++) await before.create(pathOf(`s${n}`), object(`s${n}`, `${CANARY}.${n}`));
    const between = newFile();
    copyStore(origin, between);
    await before.close();
    const database = new DatabaseSync(between);
    database.exec("PRAGMA user_version = 1"); // in the log, with the rest
    const file = newFile();
    copyStore(between, file);
    database.close();
    assert.ok(filesWith(file, CANARY).includes("store.db-wal"));
    const { store } = await openEncrypted(file);
    assert.deepEqual([store.health, store.list("").items.length], [{ ok: true }, 30]);
    assert.deepEqual(filesWith(file, CANARY), []);
    await store.close();
  });

  it("keeps its keys to its user, and takes away the rights of others", {
    skip: process.platform === "win32",
  }, async () => {
    const file = newFile();
    const { store } = await openEncrypted(file);
    await store.close();
    assert.equal(statSync(keyFileBeside(file)).mode & 0o777, 0o600);
    const { chmodSync } = await import("node:fs");
    chmodSync(keyFileBeside(file), 0o644);
    await (await openEncrypted(file)).store.close();
    assert.equal(statSync(keyFileBeside(file)).mode & 0o777, 0o600);
  });

  describe("is degraded, never reset, and as it was when the keys are back", () => {
    const cases: [what: string, harm: (keys: string) => void, said: RegExp][] = [
      [
        "when its keys are gone",
        (keys) => rmSync(keys),
        /core\/secrets\/default\/a at revision 1 is encrypted with key [0-9a-f]{16}, which is missing: there is no .*secrets\.key/,
      ],
      [
        "when its keys are another store's",
        (keys) => copyFileSync(otherKeys, keys),
        /a at revision 1 is encrypted with key [0-9a-f]{16}, which .*secrets\.key does not have/,
      ],
      [
        "when a bit of its keys flipped",
        (keys) =>
          writeFileSync(
            keys,
            readFileSync(keys, "utf8").replace(/"key": "(.)/, (_, first) => `"key": "${first === "A" ? "B" : "A"}`),
          ),
        /secrets\.key is damaged: key [0-9a-f]{16} is not what it was/,
      ],
      [
        "when its keys were emptied",
        (keys) => writeFileSync(keys, ""),
        /secrets\.key is damaged: it is no list of keys/,
      ],
      [
        "when its keys were made for another protection",
        (keys) => writeFileSync(keys, readFileSync(keys, "utf8").replace('"none"', '"DPAPI"')),
        /secrets\.key is protected by DPAPI/,
      ],
    ];
    let otherKeys = "";
    for (const [what, harm, said] of cases) {
      it(what, async () => {
        const other = newFile();
        await (await openEncrypted(other)).store.close();
        otherKeys = keyFileBeside(other);
        const file = newFile();
        const keys = keyFileBeside(file);
        const { store } = await openEncrypted(file, { prefixes: ["core/secrets/"] });
        await store.create("core/secrets/default/a", object("a", CANARY));
        await store.create(pathOf("b"), object("b", "seen"));
        await store.close();
        const kept = readFileSync(keys);
        harm(keys);
        const harmed = existsSync(keys) ? readFileSync(keys) : undefined;
        const { store: degraded } = await openEncrypted(file, { prefixes: ["core/secrets/"] });
        assert.match(JSON.stringify(degraded.health), /"StoreUnreadable"/);
        assert.match(degraded.health.ok ? "" : degraded.health.message, said);
        assert.match(
          degraded.health.ok ? "" : degraded.health.message,
          /The way back: stop the daemon.*store\.id and the keys away.*are stopped, and their folders/,
        );
        assert.equal(degraded.get("core/secrets/default/a"), undefined);
        assert.equal(specOf(degraded.get(pathOf("b"))), "seen");
        await assert.rejects(degraded.create(pathOf("c"), object("c")), { reason: "ServiceUnavailable" });
        await degraded.close();
        assert.deepEqual(existsSync(keys) ? readFileSync(keys) : undefined, harmed, "no key was made in its place");
        writeFileSync(keys, kept);
        const { store: back } = await openEncrypted(file, { prefixes: ["core/secrets/"] });
        assert.deepEqual([back.health, specOf(back.get("core/secrets/default/a"))], [{ ok: true }, CANARY]);
        await back.close();
      });
    }
  });

  it("names the object whose record has a flipped bit, was exchanged with another, or is of an earlier revision", async () => {
    const cases: [what: string, change: Parameters<typeof forge>[1], said: RegExp][] = [
      [
        "a flipped bit",
        ([a]) => {
          const at = a!.json.length - 10;
          a!.json = `${a!.json.slice(0, at)}${a!.json[at] === "A" ? "B" : "A"}${a!.json.slice(at + 1)}`;
        },
        /processes\/default\/a at revision 1 does not decrypt: it was changed/,
      ],
      [
        "cut short",
        ([a]) => (a!.json = a!.json.slice(0, a!.json.lastIndexOf(":") + 9)),
        /a at revision 1 does not decrypt/,
      ],
      ["another uid", ([a]) => (a!.json = a!.json.replace(":uid-a:", ":uid-b:")), /a at revision 1 does not decrypt/],
      ["no record at all", ([a]) => (a!.json = "wctl:enc:aesgcm:v9:x"), /a at revision 1 is neither JSON nor/],
      [
        "two exchanged",
        (rows) => {
          const [a, b] = [rows[0]!.json, rows[1]!.json];
          rows[0]!.json = b;
          rows[1]!.json = a;
        },
        /a at revision 1 does not decrypt.*; .*b at revision 2 does not decrypt/,
      ],
      [
        "an old value in the new one's place",
        (rows) => (rows[2]!.json = rows[0]!.json),
        /a at revision 3 does not decrypt/,
      ],
      [
        "two paths exchanged",
        (rows) => ([rows[1]!.path, rows[2]!.path] = [rows[2]!.path, rows[1]!.path]),
        /a at revision 2 does not decrypt/,
      ],
    ];
    for (const [what, change, said] of cases) {
      const file = newFile();
      const { store } = await openEncrypted(file);
      const { metadata } = await store.create(pathOf("a"), object("a", CANARY));
      await store.create(pathOf("b"), object("b", `${CANARY}b`));
      await store.update(pathOf("a"), object("a", "newer"), revisionOf({ metadata }));
      await store.close();
      forge(file, change);
      const { store: degraded } = await openEncrypted(file);
      assert.match(degraded.health.ok ? "ok" : degraded.health.message, said, what);
      await degraded.close();
    }
  });
});
