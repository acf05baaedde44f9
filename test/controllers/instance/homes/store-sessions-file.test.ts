import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, describe, it } from "node:test";
import { StoreSessions } from "../../../../controllers/instance/homes/store-sessions.ts";
import { beginSession } from "../../../../controllers/instance/homes/store-sessions-file.ts";

describe("the sessions of a store", () => {
  const folder = mkdtempSync(join(tmpdir(), "wctl-sessions-"));
  const file = join(folder, "store-sessions.json");
  beforeEach(() => rmSync(file, { force: true }));
  after(() => rmSync(folder, { recursive: true }));

  const begin = (revision: number) => beginSession(file, revision);
  const noted = ({ current }: StoreSessions, revision: number) => ({ store: current, revision });

  it("know what was noted in them, over restarts", () => {
    const home = noted(begin(0), 10);
    assert.equal(begin(15).knows(home, 20), true);
    assert.equal(begin(20).knows(home, 20), true);
  });

  it("know what is noted in the present one, before the store shows it", () => {
    const now = begin(5);
    assert.equal(now.knows(noted(now, 9), 8), true);
  });

  it("do not know what was noted before the store was put back, however far it is written since", () => {
    const first = begin(0);
    const [kept, undone] = [noted(first, 50), noted(first, 100)];
    const restored = begin(50);
    assert.deepEqual([restored.knows(kept, 1000), restored.knows(undone, 1000)], [true, false]);
    assert.deepEqual([begin(1000).knows(kept, 2000), begin(2000).knows(undone, 3000)], [true, false]);
  });

  it("do not know homes of another store, nor of a data directory that was restored", () => {
    const home = noted(begin(0), 10);
    rmSync(file);
    assert.equal(begin(5_000).knows(home, 9_000), false);
    assert.equal(new StoreSessions(undefined, 5_000).knows(home, 9_000), false);
  });

  it("begin anew where the file is damaged, and then know nothing of before", () => {
    const home = noted(begin(0), 10);
    for (const damage of [
      "",
      "{",
      "[]",
      '{"id":"x","first":1,"from":["1"]}',
      readFileSync(file, "utf8").slice(0, -5),
    ]) {
      writeFileSync(file, damage);
      assert.equal(begin(20).knows(home, 30), false, damage);
    }
  });

  it("do not know what names a session that was never there", () => {
    const { current } = begin(0);
    const id = current.slice(0, current.indexOf("/"));
    for (const store of [id, `${id}/`, `${id}/x`, `${id}/7`, "/1", ""]) {
      assert.equal(begin(10).knows({ store, revision: 1 }, 20), false, store);
    }
  });

  it("count by the revision alone what a version without sessions has noted", () => {
    assert.equal(begin(20).knows({ revision: 15 }, 20), true);
    assert.equal(begin(20).knows({ revision: 25 }, 20), false);
  });

  it("are not remembered for ever, and what is older counts by its revision", () => {
    const home = noted(begin(0), 10);
    let last = begin(20);
    for (let start = 0; start < 150; start++) last = begin(20 + start);
    assert.equal(last.knows(home, 500), true);
    assert.equal(JSON.parse(readFileSync(file, "utf8")).from.length, 100);
    assert.equal(last.current.endsWith("/152"), true);
  });
});
