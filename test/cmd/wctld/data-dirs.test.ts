import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { DataDirInUse, DataDirLock } from "../../../cmd/wctld/data-dir/data-dir-lock.ts";
import { linuxMachine } from "../../../cmd/wctld/data-dir/machine.ts";
import { OriginFile } from "../../../cmd/wctld/data-dir/origin.ts";
import { dataDirs } from "../../../cmd/wctld/data-dirs.ts";

const named = [
  "data-id",
  "run-key",
  "containment.json",
  "dynamic-users.json",
  "ports.jsonl",
  "admin.kubeconfig",
  "pki/ca.key",
];
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
  const machine = linuxMachine();
  let count = 0;
  const copied = (): string => {
    const [original, copy] = [join(root, `original-${++count}`), join(root, `copy-${count}`)];
    for (const folder of ["pki", "instances/a/logs", "instances/a/work", "instances/b"]) {
      mkdirSync(join(original, folder), { recursive: true, mode: 0o700 });
    }
    for (const file of [...named, ...kept, ...records]) writeFileSync(join(original, file), "x");
    new OriginFile(original, machine).write();
    cpSync(original, copy, { recursive: true });
    return copy;
  };

  it("forgets the runs and all names of the original, and keeps what is declared, logs and working directories", async () => {
    const copy = copied();
    assert.equal(await dataDirs.renew(copy, { force: false }), copy);
    for (const file of [...named, ...records]) assert.equal(existsSync(join(copy, file)), false, file);
    for (const file of kept) assert.equal(existsSync(join(copy, file)), true, file);
    assert.equal(new OriginFile(copy, machine).whyCopied(), undefined);
  });

  it("that was cut off at any step is a copy still, and can be done again", async () => {
    for (const file of [...records, ...named]) {
      const copy = copied();
      for (const gone of [...records, ...named]) {
        if (gone === file) break;
        rmSync(join(copy, gone));
      }
      assert.notEqual(new OriginFile(copy, machine).whyCopied(), undefined);
      await dataDirs.renew(copy, { force: false });
      assert.equal(new OriginFile(copy, machine).whyCopied(), undefined);
    }
  });

  it("is refused for an original, whose processes would run twice, unless it is told that none does", async () => {
    const copy = copied();
    await dataDirs.renew(copy, { force: false });
    for (const file of [...records, "data-id"]) writeFileSync(join(copy, file), "x");
    await assert.rejects(dataDirs.renew(copy, { force: false }), /is no copy: its own processes .* use --force/);
    for (const file of [...records, "data-id"]) assert.equal(existsSync(join(copy, file)), true, file);
    await dataDirs.renew(copy, { force: true });
    assert.equal(existsSync(join(copy, "data-id")), false);
  });

  it("is done once when it is asked for twice at once", async () => {
    const copy = copied();
    const both = await Promise.allSettled([1, 2].map(() => dataDirs.renew(copy, { force: false })));
    assert.deepEqual(both.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    assert.equal(new OriginFile(copy, machine).whyCopied(), undefined);
  });

  it("is refused while its own daemon runs", async () => {
    const copy = copied();
    const lock = new DataDirLock(copy);
    await assert.rejects(dataDirs.renew(copy, { force: false }), DataDirInUse);
    await assert.rejects(dataDirs.takeOver(copy), DataDirInUse);
    lock.release();
    for (const file of records) assert.equal(existsSync(join(copy, file)), true, file);
  });
});
