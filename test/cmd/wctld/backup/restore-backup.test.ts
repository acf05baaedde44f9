import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type BackupFileName, writeBackup } from "../../../../api/backup/backup.ts";
import { keyFileText, noProtection } from "../../../../apiserver/encryption/key-file.ts";
import { newSecretKey } from "../../../../apiserver/encryption/secret-key.ts";
import { restoreBackup } from "../../../../cmd/wctld/backup/restore-backup.ts";
import { prepareDataDir } from "../../../../cmd/wctld/data-dir/data-dir.ts";
import { DataDirLock } from "../../../../cmd/wctld/data-dir/data-dir-lock.ts";
import { OriginFile } from "../../../../cmd/wctld/data-dir/origin.ts";
import { pathTrust, posixJudge } from "../../../../lib/path-trust.ts";
import { createSqliteFile } from "../../../../store/sqlite/create-file.ts";
import { DatabaseSync } from "../../../../store/sqlite/node-sqlite.ts";

describe("restoring a backup", { skip: process.platform === "win32" && "users have no numbers there" }, () => {
  const root = mkdtempSync(join(tmpdir(), "wctl-restore-"));
  let files: Map<BackupFileName, Buffer>;
  let count = 0;
  before(() => {
    storeAsBackedUp(join(root, "store.db"));
    files = new Map<BackupFileName, Buffer>([
      ["store.db", readFileSync(join(root, "store.db"))],
      ["secrets.key", Buffer.from(keyFileText([newSecretKey(new Date())], noProtection))],
      ["node-name", Buffer.from("here\n")],
      ["data-id", Buffer.from("0123456789abcdef\n")],
      ["run-key", Buffer.from(`${"ab".repeat(32)}\n`)],
      ["pki/ca.key", Buffer.from("a key")],
      ["admin.kubeconfig", Buffer.from("{}")],
    ]);
  });
  after(() => rmSync(root, { recursive: true, force: true }));

  const written = async (changes: [BackupFileName, Buffer][] = []): Promise<string> => {
    const file = join(root, `${++count}.backup`);
    const all = new Map([...files, ...changes]);
    writeFileSync(file, await writeBackup({ createdAt: "now", wctlVersion: "0.1.0", files: all }), { mode: 0o600 });
    return file;
  };
  const place = (): string => join(root, `data-${++count}`);
  const restore = (file: string, dataDir: string, how: { takeOver?: boolean; force?: boolean } = {}) =>
    restoreBackup(
      file,
      { dataDir, takeOver: false, force: false, ...how },
      {
        openDataDir: async (named) => prepareDataDir(named),
        protection: noProtection,
        trust: pathTrust(posixJudge({ uid: process.getuid!(), gid: process.getgid!() })),
        now: new Date(0),
      },
    );
  const refuses = async (file: string, dataDir: string, why: RegExp, how = {}): Promise<void> => {
    await assert.rejects(restore(file, dataDir, how), why);
    assert.deepEqual(
      readdirSync(root).filter((name) => name.includes(".restore-")),
      [],
      "nothing half is left",
    );
  };

  it("makes an original that is a new daemon: nothing of the old one's names is there", async () => {
    const dataDir = place();
    await restore(await written(), dataDir);
    assert.deepEqual(readdirSync(dataDir).sort(), ["node-name", "origin.json", "secrets.key", "store.db"]);
    assert.equal(new OriginFile(dataDir).whyCopied(), undefined);
    assert.equal(statSync(dataDir).mode & 0o777, 0o700);
    for (const name of readdirSync(dataDir)) assert.equal(statSync(join(dataDir, name)).mode & 0o777, 0o600, name);
  });

  it("takes over when it is told, into a folder that is empty", async () => {
    const dataDir = place();
    mkdirSync(dataDir);
    await restore(await written(), dataDir, { takeOver: true });
    for (const [name, bytes] of files) {
      if (name !== "secrets.key") assert.deepEqual(readFileSync(join(dataDir, name)), bytes, name);
    }
  });

  it("leaves a folder alone that is not empty, or with force moves it aside whole", async () => {
    const dataDir = place();
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, "precious"), "1");
    await refuses(await written(), dataDir, /is not empty; choose another --data-dir, or --force/);
    const { aside } = await restore(await written(), dataDir, { force: true });
    assert.equal(aside, `${dataDir}.before-1970-01-01T00-00-00-000Z`);
    assert.equal(readFileSync(join(aside, "precious"), "utf8"), "1");
    assert.equal(existsSync(join(dataDir, "precious")), false);
  });

  it("never replaces the directory of a daemon that runs", async () => {
    const dataDir = place();
    mkdirSync(dataDir);
    const lock = new DataDirLock(dataDir);
    await refuses(await written(), dataDir, /is in use by the daemon with pid/, { force: true });
    lock.release();
  });

  it("refuses a file that others can write, that is too large, or that is none", async () => {
    const file = await written();
    chmodSync(file, 0o666);
    await refuses(file, place(), /is not read, because/);
    await refuses(root, place(), /EISDIR|is not a file/);
    await refuses(join(root, "missing"), place(), /missing/);
  });

  it("refuses what is damaged, newer or not ours inside, naming the backup", async () => {
    const newer = join(root, "newer.db");
    storeAsBackedUp(newer, "PRAGMA user_version = 99");
    await refuses(await written([["store.db", readFileSync(newer)]]), place(), /StoreTooNew/);
    await refuses(await written([["store.db", Buffer.from("x".repeat(8192))]]), place(), /StoreDamaged/);
    const cut = files.get("store.db")!.subarray(0, 4096);
    await refuses(await written([["store.db", cut]]), place(), /StoreDamaged/);
    await refuses(await written([["secrets.key", Buffer.from("{}")]]), place(), /secrets\.key is damaged/);
    const file = await written();
    writeFileSync(file, readFileSync(file).subarray(0, 500));
    await refuses(file, place(), new RegExp(`${file} cannot be restored: it is damaged, cut off`));
  });
});

/** In one file, without a write-ahead log. */
function storeAsBackedUp(file: string, change = ""): void {
  createSqliteFile(file);
  const database = new DatabaseSync(file);
  database.exec(`PRAGMA journal_mode = DELETE; ${change}`);
  database.close();
}
