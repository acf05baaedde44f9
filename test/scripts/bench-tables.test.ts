import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Figures, withTables } from "../../scripts/bench/tables.ts";

const page = `before
<!-- table: peers -->
old
<!-- end of table: peers -->
between
<!-- table: reach -->
old
<!-- end of table: reach -->
after
`;
const run = { at: "2026-01-02T03:04:05Z", machine: { cpus: 2, cpu: "Fast" }, system: "Linux 6.1.2-a-b", node: "v22" };
const peers = (of: Record<string, number>): Figures => ({
  ...run,
  rows: [{ what: "crash", n: 10, unit: "ms", of }],
  versions: { runit: "2.1" },
  skipped: { systemd: "no root" },
});
const reach: Figures = {
  ...run,
  results: [
    { what: "get", n: 1, unit: "ms", wctl: 41.2345, floor: 40, ratio: 1.0309, target: "<= 1.1 x floor", isMet: true },
  ],
};

describe("the tables of docs/performance.md", () => {
  it("have a column for each supervisor, and a dash for what one can't do", () => {
    const made = withTables(page, [peers({ wctl: 3.1432, runit: 1234.5 }), peers({ wctl: 5, systemd: 4 })]);
    assert.ok(
      made.includes("|  | n | wctl | runit | systemd | wctl / systemd |\n| --- | --- | --- | --- | --- | --- |\n"),
    );
    assert.ok(made.includes("| crash, ms | 10 | 3.14 | 1235 | - | - |\n| crash, ms | 10 | 5 | - | 4 | 1.25 |\n"));
    assert.match(
      made,
      /2026-01-02, 2 processors \(Fast\), Linux 6\.1, Node v22; runit 2\.1\.\nNot measured: systemd: no root\./,
    );
  });

  it("say of each figure what was wanted, and whether it was met", () => {
    assert.match(withTables(page, [reach]), /\| get, ms \| 1 \| 41\.2 \| 40 \| 1\.03 \| <= 1\.1 x floor \| met \|/);
  });

  it("leave everything else alone, also a table of which there are no figures, and are the same the second time", () => {
    const once = withTables(page, [reach]);
    assert.match(once, /^before\n<!-- table: peers -->\nold\n<!-- end of table: peers -->\nbetween\n/);
    assert.match(once, /<!-- end of table: reach -->\nafter\n$/);
    assert.equal(withTables(once, [reach]), once);
  });

  it("need their place in the page", () => {
    assert.throws(() => withTables("nothing", [reach]), /no place for the table: <!-- table: reach -->/);
  });
});
