import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { FileAuditLog } from "../../../apiserver/audit/file-audit-log.ts";

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "wctl-audit-")), "audit");
});
afterEach(() => rm(join(folder, ".."), { recursive: true }));

const open = (limits: { maxBytes?: number; maxFiles?: number } = {}) =>
  new FileAuditLog({ folder, name: "audit", maxBytes: 1_000_000, maxFiles: 3, ...limits });
const lines = async (name = "audit.log"): Promise<string[]> =>
  (await readFile(join(folder, name), "utf8")).split("\n").slice(0, -1);

describe("the audit log", () => {
  it("has every event that it acknowledged, in order, one a line", async () => {
    const log = open();
    await Promise.all(Array.from({ length: 500 }, (_, n) => log.record({ n })));
    assert.deepEqual(
      (await lines()).map((line) => JSON.parse(line).n),
      Array.from({ length: 500 }, (_, n) => n),
    );
    await log.close();
    const next = open();
    await next.record({ n: "later" });
    assert.equal((await lines()).length, 501);
    await next.close();
  });

  it("turns to another file, and forgets the oldest", async () => {
    const log = open({ maxBytes: 100 });
    for (let n = 0; n < 40; n++) await log.record({ n, text: "x".repeat(30) });
    await log.close();
    assert.deepEqual((await readdir(folder)).sort(), ["audit.log", "audit.log.1", "audit.log.2"]);
    const kept = [...(await lines("audit.log.2")), ...(await lines("audit.log.1")), ...(await lines())];
    const numbers = kept.map((line) => JSON.parse(line).n);
    assert.deepEqual(
      numbers,
      Array.from({ length: numbers.length }, (_, at) => 40 - numbers.length + at),
      "no gap",
    );
  });

  it("begins a new line after half of one, as a killed daemon may leave", async () => {
    await mkdir(folder);
    await appendFile(join(folder, "audit.log"), '{"n":1}\n{"n":');
    const log = open();
    await log.record({ n: 2 });
    await log.close();
    assert.deepEqual(await lines(), ['{"n":1}', '{"n":', '{"n":2}']);
  });

  it("grows on while an older file can't be moved, refuses nothing for that, and turns when it can", async () => {
    const inTheWay = join(folder, "audit.log.2");
    await mkdir(inTheWay, { recursive: true });
    const log = open({ maxBytes: 100 });
    for (let n = 0; n < 20; n++) await log.record({ n });
    assert.deepEqual((await readdir(folder)).sort(), ["audit.log", "audit.log.2"]);
    assert.equal((await lines()).length, 20);
    await rm(inTheWay, { recursive: true });
    for (let n = 20; n < 23; n++) await log.record({ n });
    await log.close();
    assert.equal((await lines("audit.log.1")).length + (await lines()).length, 23);
    assert.ok((await lines()).length < 4);
  });

  it("refuses when the disk is full, and goes on when there is room", {
    skip: !existsSync("/dev/full") && "there is no /dev/full",
  }, async () => {
    await mkdir(folder);
    await symlink("/dev/full", join(folder, "audit.log"));
    const log = open();
    await assert.rejects(log.record({ n: 1 }), { code: "ENOSPC" });
    await assert.rejects(log.record({ n: 2 }), { code: "ENOSPC" });
    await log.owe({ n: 3 });
    await log.close();
    await rm(join(folder, "audit.log"));
    const next = open();
    await next.record({ n: 4 });
    await next.close();
    assert.deepEqual(await lines(), ['{"n":4}']);
  });

  it("writes what it owes, of changes that had begun, before anything else", async () => {
    await mkdir(folder);
    const blocked = join(folder, "audit.log");
    await mkdir(blocked);
    const log = open();
    await log.owe({ n: 1 });
    await assert.rejects(log.record({ n: 2 }), { code: "EISDIR" });
    await log.owe({ n: 3 });
    await rm(blocked, { recursive: true });
    await log.record({ n: 4 });
    await log.synced();
    assert.deepEqual(await lines(), ['{"n":1}', '{"n":3}', '{"n":4}']);
    await rm(blocked);
    await log.close();
  });

  it("writes what it owes when it is closed, if there is room by then", async () => {
    await mkdir(join(folder, "audit.log"), { recursive: true });
    const log = open();
    await log.owe({ n: 1 });
    await rm(join(folder, "audit.log"), { recursive: true });
    await log.close();
    assert.deepEqual(await lines(), ['{"n":1}']);
  });
});
