import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { DataDirInUse, DataDirLock } from "../../../cmd/wctld/data-dir/data-dir-lock.ts";
import { OriginFile } from "../../../cmd/wctld/data-dir/origin.ts";
import { dataDirs } from "../../../cmd/wctld/data-dirs.ts";

const named = ["data-id", "run-key", "containment.json", "dynamic-users.json", "admin.kubeconfig", "pki/ca.key"];
const kept = [
  "store.db",
  "secrets.key",
  "node-name",
  join("instances", "a", "logs", "1.out"),
  join("instances", "a", "work", "state"),
];
const records = ["instances/a/run-1.jsonl", "instances/a/run-12.jsonl", "instances/b/run-1.jsonl"];

describe("renewing a copied data directory", { skip: process.platform === "win32" && "needs rights there" }, () => {
  const root = mkdtempSync(join(tmpdir(), "wctl-renew-"));
  after(() => rmSync(root, { recursive: true, force: true }));
  let count = 0;
  const copied = (): string => {
    const [original, copy] = [join(root, `original-${++count}`), join(root, `copy-${count}`)];
    for (const folder of ["pki", "instances/a/logs", "instances/a/work", "instances/b"]) {
      mkdirSync(join(original, folder), { recursive: true, mode: 0o700 });
    }
    for (const file of [...named, ...kept, ...records]) writeFileSync(join(original, file), "x");
    new OriginFile(original).write();
    cpSync(original, copy, { recursive: true });
    return copy;
  };

  it("forgets the runs and all names of the original, and keeps what is declared, logs and working directories", async () => {
    const copy = copied();
    assert.equal(await dataDirs.renew(copy), copy);
    for (const file of [...named, ...records]) assert.equal(existsSync(join(copy, file)), false, file);
    for (const file of kept) assert.equal(existsSync(join(copy, file)), true, file);
    assert.equal(new OriginFile(copy).whyCopied(), undefined);
  });

  it("that was cut off at any step is a copy still, and can be done again", async () => {
    for (const file of [...records, ...named]) {
      const copy = copied();
      for (const gone of [...records, ...named]) {
        if (gone === file) break;
        rmSync(join(copy, gone));
      }
      assert.notEqual(new OriginFile(copy).whyCopied(), undefined);
      await dataDirs.renew(copy);
      assert.equal(new OriginFile(copy).whyCopied(), undefined);
    }
  });

  it("is refused while its own daemon runs", async () => {
    const copy = copied();
    const lock = new DataDirLock(copy);
    await assert.rejects(dataDirs.renew(copy), DataDirInUse);
    await assert.rejects(dataDirs.takeOver(copy), DataDirInUse);
    lock.release();
    for (const file of records) assert.equal(existsSync(join(copy, file)), true, file);
  });
});
