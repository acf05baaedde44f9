import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import type { Stored } from "../../../api/object.ts";
import { ageColumn, type Column } from "../../../apiserver/printing/column.ts";
import { columnTable } from "../../../apiserver/printing/column-table.ts";
import type { TableConvertor } from "../../../apiserver/printing/table.ts";
import { FakeClock } from "../../lib/fake-clock.ts";

const now = "2026-01-01T00:00:00Z";
const text = { type: "string", description: "" } as const;

const object = (name: string, phase = ""): Stored =>
  ({ metadata: { name, creationTimestamp: now }, status: { phase } }) as unknown as Stored;

let clock: FakeClock;
let related: Stored[];
/** How often the names of what is related were worked out. */
let worked: number;
let table: TableConvertor;

beforeEach(() => {
  clock = new FakeClock(now);
  related = [];
  worked = 0;
  const names = (_: Stored, others: readonly Stored[]): string => {
    worked++;
    return others.map(({ metadata }) => metadata.name).join();
  };
  const columns: Column[] = [
    { ...text, name: "Phase", path: ".status.phase" },
    ageColumn,
    { ...text, name: "Others", cell: names },
    { ...text, name: "Second", cellNow: (_, at) => at.getUTCSeconds() },
  ];
  table = columnTable(columns, clock, () => related);
});

const row = (one: Stored): unknown[] => JSON.parse(`[${table.begin()(one)}]`);

describe("a table of columns", () => {
  it("makes a row once, and its times each time", () => {
    const one = Object.freeze(object("a", "Running"));
    assert.deepEqual(row(one), ["Running", "0s", "", 0]);
    clock.advance(7_000);
    assert.deepEqual(row(one), ["Running", "7s", "", 7]);
    assert.equal(worked, 1);
  });

  it("shows one moment in all rows of a Table", () => {
    const begun = table.begin();
    clock.advance(7_000);
    assert.equal(begun(Object.freeze(object("a", "Running"))), '"Running","0s","",0');
  });

  it("makes it anew when something related comes, changes or goes", () => {
    const one = Object.freeze(object("a"));
    assert.equal(row(one)[2], "");
    for (const others of [[object("x")], [object("y")], [object("y"), object("z")], []]) {
      related = others;
      assert.equal(row(one)[2], others.map(({ metadata }) => metadata.name).join());
    }
    assert.equal(worked, 5);
    related = [];
    row(one);
    assert.equal(worked, 5, "nothing is nothing, whichever list says so");
  });

  it("trusts no Object that can change", () => {
    const one = object("a", "Pending");
    assert.equal(row(one)[0], "Pending");
    (one as unknown as { status: { phase: string } }).status.phase = "Running";
    assert.equal(row(one)[0], "Running");
  });
});
