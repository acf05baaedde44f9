import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { readBackup } from "../../../../api/backup/backup.ts";
import { KeyFile } from "../../../../apiserver/encryption/key-file.ts";
import { noProtection } from "../../../../apiserver/encryption/key-protection.ts";
import { KeyRing } from "../../../../apiserver/encryption/key-ring.ts";
import { BackupMaker } from "../../../../cmd/wctld/backup/make-backup.ts";
import { systemClock as clock } from "../../../../lib/clock.ts";

describe("making a backup", () => {
  let dataDir: string;
  let ring: KeyRing;
  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), "wctl-make-backup-"));
    mkdirSync(join(dataDir, "pki"));
    writeFileSync(join(dataDir, "pki/ca.key"), "a key");
    writeFileSync(join(dataDir, "node-name"), "here\n");
    // What is protected by the machine is another text than what is in the backup.
    const protection = { ...noProtection, name: "turned", protect: turned, unprotect: turned };
    ring = await KeyRing.open(new KeyFile(join(dataDir, "secrets.key"), protection));
    await ring.ensure(new Date());
  });
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  const maker = (backup: (file: string) => Promise<void>, config?: string) =>
    new BackupMaker({ dataDir, config, store: { backup }, ring, clock });
  const snapshot = async (file: string): Promise<void> => writeFileSync(file, "a store");
  const left = (): string[] => readdirSync(dataDir).filter((name) => name.startsWith("store.backup-"));

  it("has what there is, the configuration from where it lies, and keys that any machine can read", async () => {
    const config = join(dataDir, "elsewhere.yaml");
    writeFileSync(config, "logLevel: info\n");
    const { files } = readBackup(await maker(snapshot, config).make());
    assert.deepEqual([...files.keys()].sort(), ["config.yaml", "node-name", "pki/ca.key", "secrets.key", "store.db"]);
    assert.equal(files.get("store.db")!.toString(), "a store");
    writeFileSync(join(dataDir, "plain.key"), files.get("secrets.key")!);
    const keys = await new KeyFile(join(dataDir, "plain.key"), noProtection).read();
    assert.deepEqual(
      keys?.map(({ id }) => id),
      ring.keys.map(({ id }) => id),
    );
    assert.deepEqual(left(), []);
  });

  it("has the keys from before and after the store was read, when they change meanwhile", async () => {
    const [old] = ring.keys;
    const text = await maker(async (file) => {
      await snapshot(file);
      await ring.add(new Date());
      await ring.retire();
    }).make();
    const { keys } = JSON.parse(readBackup(text).files.get("secrets.key")!.toString());
    assert.deepEqual(
      keys.map(({ id }: { id: string }) => id),
      [ring.primary.id, old!.id],
    );
  });

  it("leaves nothing on a full disk, says why, and works again; what a killed daemon left is removed", async () => {
    writeFileSync(join(dataDir, "store.backup-0123"), "half");
    const full = maker(async (file) => {
      writeFileSync(file, "half");
      throw new Error("no backup was made: database or disk is full");
    });
    await assert.rejects(full.make(), { reason: "ServiceUnavailable", message: /disk is full/ });
    assert.deepEqual(left(), []);
    readBackup(await maker(snapshot).make());
  });

  it("is made one at a time", async () => {
    let open = 0;
    const one = maker(async (file) => {
      assert.equal(++open, 1);
      await snapshot(file);
      open--;
    });
    await Promise.all([one.make(), one.make(), one.make()]);
  });

  it("is refused when the keys cannot be read", async () => {
    writeFileSync(join(dataDir, "secrets.key"), "{}");
    ring = await KeyRing.open(new KeyFile(join(dataDir, "secrets.key"), noProtection));
    await assert.rejects(maker(snapshot).make(), { reason: "ServiceUnavailable", message: /is damaged/ });
    assert.equal(readFileSync(join(dataDir, "secrets.key"), "utf8"), "{}");
  });
});

function turned(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.map((byte) => byte ^ 0xff));
}
