import assert from "node:assert/strict";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type BackupFileName, writeBackup } from "../../../../api/backup/backup.ts";
import { seal } from "../../../../api/backup/sealed-backup.ts";
import { keyFileText } from "../../../../apiserver/encryption/key-file.ts";
import { noProtection } from "../../../../apiserver/encryption/key-protection.ts";
import { newSecretKey } from "../../../../apiserver/encryption/secret-key.ts";
import { restoreBackup } from "../../../../cmd/wctld/backup/restore-backup.ts";
import { prepareDataDir } from "../../../../cmd/wctld/data-dir/data-dir.ts";
import { DataDirLock } from "../../../../cmd/wctld/data-dir/data-dir-lock.ts";
import { OriginFile } from "../../../../cmd/wctld/data-dir/origin.ts";
import { pathTrust, posixJudge } from "../../../../lib/path-trust.ts";
import { createSqliteFile } from "../../../../store/sqlite/create-file.ts";
import { metaChecksum, versionChecksum } from "../../../../store/sqlite/format.ts";
import { DatabaseSync } from "../../../../store/sqlite/node-sqlite.ts";

const isRoot = process.getuid?.() === 0;

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
    writeFileSync(file, await writeBackup({ createdAt: "2026-01-31T00:00:00Z", wctlVersion: "0.1.0", files: all }), {
      mode: 0o600,
    });
    return file;
  };
  const place = (): string => join(root, `data-${++count}`);
  const restore = (
    file: string,
    dataDir: string,
    how: { takeOver?: boolean; force?: boolean; passphrase?: Buffer } = {},
    openDataDir = async (named: string): Promise<string> => prepareDataDir(named),
  ) =>
    restoreBackup(
      file,
      { dataDir, takeOver: false, force: false, passphrase: undefined, ...how },
      {
        openDataDir,
        originOf: async (folder) => new OriginFile(folder, "here"),
        protection: noProtection,
        trust: pathTrust(posixJudge({ uid: process.getuid!(), gid: process.getgid!() })),
        now: new Date(0),
      },
    );
  const refuses = async (
    file: string,
    dataDir: string,
    why: RegExp,
    how: Parameters<typeof restore>[2] = {},
  ): Promise<void> => {
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
    assert.equal(new OriginFile(dataDir, "here").whyCopied(), undefined);
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

  it("opens nothing in the directory of somebody else, which it shall move aside", { skip: !isRoot }, async () => {
    const [dataDir, precious] = [place(), join(root, `precious-${++count}`)];
    writeFileSync(precious, "precious");
    mkdirSync(dataDir);
    for (const name of ["daemon.json", "daemon.lock", "daemon.lock-journal"])
      symlinkSync(precious, join(dataDir, name));
    chownSync(dataDir, 12_345, 12_345);
    await refuses(await written(), dataDir, /belongs to another user/, { force: true });
    assert.equal(readFileSync(precious, "utf8"), "precious");
  });

  /** Does `act` once all is ready but for the name. */
  const meanwhile = (act: (staging: string) => void) => async (named: string) => {
    const made = prepareDataDir(named);
    if (named.includes(".restore-")) act(named);
    return made;
  };

  it("moves nothing aside that came meanwhile, neither what another restore made nor a daemon that has started", async () => {
    const [file, dataDir] = [await written(), place()];
    const another = meanwhile(() => {
      mkdirSync(dataDir);
      writeFileSync(join(dataDir, "precious"), "1");
    });
    await assert.rejects(restore(file, dataDir, {}, another), /is not empty/);
    assert.deepEqual(readdirSync(dataDir), ["precious"]);
    let lock: DataDirLock | undefined;
    const daemon = meanwhile(() => {
      lock = new DataDirLock(dataDir);
    });
    await assert.rejects(restore(file, dataDir, { force: true }, daemon), /is in use by the daemon/);
    assert.equal(existsSync(join(dataDir, "precious")), true);
    lock?.release();
  });

  it("that was killed at any step leaves the place as it was, and is done by the next one", async () => {
    const [file, dataDir] = [await written(), place()];
    mkdirSync(`${dataDir}.restore-0123456789ab`);
    writeFileSync(join(`${dataDir}.restore-0123456789ab`, "store.db"), "half");
    await restore(file, dataDir);
    assert.equal(new OriginFile(dataDir, "here").whyCopied(), undefined);
    rmSync(`${dataDir}.restore-0123456789ab`, { recursive: true });
  });

  it("takes the ports of the programs along only when it takes over: beside the old daemon they are in use", async () => {
    const ports = Buffer.from('{"owner":"a","index":0,"name":"http","port":20000}\n');
    const [file, beside, instead] = [await written([["ports.jsonl", ports]]), place(), place()];
    await restore(file, beside);
    assert.equal(existsSync(join(beside, "ports.jsonl")), false);
    await restore(file, instead, { takeOver: true });
    assert.deepEqual(readFileSync(join(instead, "ports.jsonl")), ports);
  });

  it("takes over nothing that has no id, or one that leads out of its folder", async () => {
    const without = new Map(files);
    without.delete("data-id");
    const file = join(root, "without.backup");
    const document = { createdAt: "2026-01-31T00:00:00Z", wctlVersion: "0.1.0", files: without };
    writeFileSync(file, await writeBackup(document), { mode: 0o600 });
    await refuses(file, place(), /cannot be taken over: data-id is missing/, { takeOver: true });
    for (const id of ["../../evil", "", "0123456789abcdef/..", "x".repeat(500)]) {
      await refuses(await written([["data-id", Buffer.from(id)]]), place(), /data-id/, { takeOver: true });
    }
  });

  it("reads one with a passphrase by it alone", async () => {
    const file = await written();
    const passphrase = Buffer.from("correct horse");
    writeFileSync(file, await seal(readFileSync(file, "utf8"), passphrase, 2 ** 10));
    await refuses(file, place(), new RegExp(`${file} cannot be restored: it has a passphrase`));
    await refuses(file, place(), /the passphrase is another one/, { passphrase: Buffer.from("x") });
    await refuses(await written(), place(), /it has no passphrase/, { passphrase });
    const dataDir = place();
    await restore(file, dataDir, { passphrase });
    assert.deepEqual(readFileSync(join(dataDir, "node-name"), "utf8"), "here\n");
  });

  it("never runs what a store was made to run when it is read", async () => {
    const hostile = [
      "DROP TABLE meta; CREATE VIEW meta AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT * FROM n",
      "CREATE TRIGGER t AFTER INSERT ON versions BEGIN DELETE FROM versions; END",
    ];
    for (const change of hostile) {
      const file = join(root, "hostile.db");
      rmSync(file, { force: true });
      storeAsBackedUp(file, change);
      await refuses(await written([["store.db", readFileSync(file)]]), place(), /StoreDamaged/);
    }
  });

  it("refuses a store whose checksums are right and whose content no daemon wrote", async () => {
    const file = join(root, "foreign.db");
    storeAsBackedUp(file);
    const database = new DatabaseSync(file);
    const version: [number, string, string] = [1, "wctl.dev/processes/default/web\x1b[2J", "[]"];
    const checksum = versionChecksum(version);
    database.prepare("INSERT INTO versions VALUES (?, ?, ?, ?)").run(...version, checksum);
    const { id } = database.prepare("SELECT id FROM meta").get() as { id: string };
    const meta = { id, revision: 1, compacted: 0, count: 1, digest: checksum };
    database
      .prepare("UPDATE meta SET revision = 1, count = 1, digest = ?, checksum = ?")
      .run(checksum, metaChecksum(meta));
    database.close();
    const why =
      /backup cannot be restored: its store has what no daemon writes: wctl\.dev\/processes\/default\/web\\x1b\[2J$/;
    await refuses(await written([["store.db", readFileSync(file)]]), place(), why);
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
