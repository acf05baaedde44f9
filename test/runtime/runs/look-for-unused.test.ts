import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import type { HomeNote } from "../../../runtime/homes/homes.ts";
import { HomeFiles } from "../../../runtime/runs/home-files.ts";
import { type Look, lookForUnused } from "../../../runtime/runs/look-for-unused.ts";

/** It counts the notes that are read. */
class Counted extends HomeFiles {
  read = 0;

  override note(...args: Parameters<HomeFiles["note"]>): HomeNote | undefined {
    this.read++;
    return super.note(...args);
  }
}

const home = (number: number, instance?: string): HomeNote => ({
  owner: `p${number}`,
  index: 0,
  namespace: "default",
  process: "web",
  revision: 1,
  createdAt: "",
  ...(instance !== undefined && { instance }),
});

describe("the look for homes that nobody uses", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "wctl-look-"));
  after(() => rmSync(dataDir, { recursive: true }));
  const files = new Counted(dataDir);
  let last: Look["inUse"] = new Map();
  const look = async (): Promise<[unused: string[], read: number]> => {
    files.read = 0;
    const { unused, inUse } = await lookForUnused(files, last);
    last = inUse;
    return [unused.map(({ owner }) => owner), files.read];
  };

  it("reads what it does not know, and what has changed", async () => {
    for (let number = 0; number < 100; number++) {
      files.create(home(number));
      files.write(home(number, "used"));
    }
    assert.deepEqual(await look(), [[], 100]);
    assert.deepEqual(await look(), [[], 0]);
    files.write(home(7));
    files.write(home(8, "used again"));
    assert.deepEqual(await look(), [["p7"], 2]);
    assert.deepEqual(await look(), [["p7"], 1], "what nobody uses is read each time: it is judged each time");
    files.write(home(7, "used"));
    assert.deepEqual(await look(), [[], 1]);
  });

  it("knows nothing more of homes that are gone", async () => {
    rmSync(files.ownerFolder("p9"), { recursive: true });
    await look();
    assert.deepEqual([last.size, last.has(files.folder(home(9)))], [99, false]);
  });

  it("lets other work go on", async () => {
    const order: string[] = [];
    setImmediate(() => order.push("other work"));
    await look();
    assert.deepEqual(order, ["other work"]);
  });
});
