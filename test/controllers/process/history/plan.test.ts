import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type HistoryStep, toPrune, toRecord } from "../../../../controllers/process/history/plan.ts";
import { type Entry, recordName } from "../../../../controllers/process/history/record.ts";
import { repeats } from "../../../repeats.ts";

/** `a:1 b:2` */
const history = (text: string): Entry[] =>
  text
    .split(" ")
    .filter(Boolean)
    .map((word) => ({ name: word.split(":")[0]!, number: Number(word.split(":")[1]) }));
const editions = (names: string) =>
  names
    .split(" ")
    .filter(Boolean)
    .map((revision) => ({ revision, template: { command: `/bin/${revision}` } }));
const said = (steps: readonly HistoryStep[]): string =>
  steps
    .map((step) =>
      step.do === "prune"
        ? `prune ${step.name}`
        : `${step.do} ${"name" in step ? step.name : step.revision}:${step.number}`,
    )
    .join(", ");

const recording: [title: string, history: string, rolledOut: string, steps: string][] = [
  ["the first template", "", "a", "record a:1"],
  ["the newest once more", "a:1 b:2", "b", ""],
  ["a new one", "a:1 b:2", "c", "record c:3"],
  ["an old one that comes back", "a:1 b:2", "a", "renumber a:3"],
  ["one that was pruned and comes back", "b:2 c:3", "a", "record a:4"],
  ["two at once, in their order", "a:4", "b c", "record b:5, record c:6"],
  ["what was not written down before what comes back", "a:1 c:2", "b a", "record b:3, renumber a:4"],
  ["the newest and then a new one", "a:1", "a b", "record b:2"],
  ["back and forth", "a:1 b:2", "a b", "renumber a:3, renumber b:4"],
];

describe("a record of an earlier version", () => {
  const content = { key: "k", digests: {}, kept: { "configmaps/conf": "conf-0f" } };
  const [edition] = editions("b");
  const before = history("a:1 b:2").map((entry) => ({ ...entry, keepsNothing: true, changeCause: "why" }));

  it("makes room for one that says where content is kept, under its number and with its cause, once", () => {
    const steps = toRecord(before, [{ ...edition!, content }]);
    assert.equal(said(steps), "prune b, record b:2");
    assert.equal(steps.at(-1)?.do === "record" && (steps.at(-1) as { changeCause?: string }).changeCause, "why");
    const after = [before[0]!, { ...before[1]!, keepsNothing: false }];
    assert.equal(said(toRecord(after, [{ ...edition!, content }])), "");
  });

  it("stays as long as nothing is kept", () => assert.equal(said(toRecord(before, editions("b"))), ""));
});

describe("the change cause of a record", () => {
  const template = { command: "/bin/a" };
  const known: Entry[] = [
    { name: "a", number: 1, changeCause: "first" },
    { name: "b", number: 2, changeCause: "second" },
  ];
  const recorded = (revision: string, changeCause?: string) => toRecord(known, [{ revision, template, changeCause }]);

  it("stays when nobody gives another", () => {
    assert.deepEqual(recorded("b"), []);
    assert.deepEqual(recorded("a"), [{ do: "renumber", name: "a", number: 3, changeCause: "first" }]);
  });

  it("of the newest follows the Process, under the same number", () => {
    assert.deepEqual(recorded("b", "second"), []);
    assert.deepEqual(recorded("b", "better"), [{ do: "renumber", name: "b", number: 2, changeCause: "better" }]);
  });
});

const pruning: [title: string, history: string, used: string, limit: number, steps: string][] = [
  ["as many as the limit", "a:1 b:2 c:3", "c", 2, ""],
  ["one too many: the oldest by number, not by place", "c:3 b:1 a:2", "c", 1, "prune b"],
  ["0 keeps none but what is used", "a:1 b:2 c:3", "c", 0, "prune a, prune b"],
  ["what replicas are made of stays, however old, and is not counted", "a:1 b:2 c:3 d:4", "d a", 1, "prune b"],
  ["nothing to keep", "", "", 0, ""],
];

describe("the plan of a history", () => {
  for (const [title, before, rolledOut, steps] of recording) {
    it(`records: ${title}`, () => assert.equal(said(toRecord(history(before), editions(rolledOut))), steps));
  }
  for (const [title, before, used, limit, steps] of pruning) {
    it(`prunes: ${title}`, () =>
      assert.equal(said(toPrune(history(before), used.split(" ").filter(Boolean), limit)), steps));
  }

  it("finds the record of a revision whose name is too long for an Object", () => {
    const long = "w".repeat(260);
    assert.ok(recordName(long).length <= 253);
    assert.equal(said(toRecord([{ name: recordName(long), number: 1 }], editions(long))), "");
    assert.equal(said(toPrune([{ name: recordName(long), number: 1 }], [long], 0)), "");
  });

  it("after any rollouts: the newest is what was rolled out last, numbers are unique, no more is kept than asked for", () => {
    const names = fc.constantFrom("a", "b", "c", "d", "e");
    const rollout = fc.record({
      rolledOut: fc.array(names, { minLength: 1, maxLength: 3 }),
      running: fc.array(names, { maxLength: 2 }),
      limit: fc.integer({ min: 0, max: 4 }),
    });
    fc.assert(
      fc.property(fc.array(rollout, { minLength: 1, maxLength: 12 }), (rollouts) => {
        let entries: Entry[] = [];
        let highest = 0;
        for (const { rolledOut, running, limit } of rollouts) {
          entries = carriedOut(entries, toRecord(entries, editions(rolledOut.join(" "))));
          const last = rolledOut.at(-1)!;
          const newest = entries.toSorted((x, y) => y.number - x.number)[0]!;
          assert.equal(newest.name, last);
          assert.equal(new Set(entries.map(({ number }) => number)).size, entries.length);
          assert.equal(new Set(entries.map(({ name }) => name)).size, entries.length);
          assert.ok(newest.number >= highest, "numbers never fall");
          highest = newest.number;
          assert.deepEqual(toRecord(entries, editions(last)), [], "once is enough");

          const used = new Set<string>([last, ...running]);
          const kept = carriedOut(entries, toPrune(entries, used, limit));
          const gone = entries.filter((entry) => !kept.includes(entry));
          const spare = kept.filter(({ name }) => !used.has(name));
          assert.ok(spare.length <= limit);
          assert.ok(gone.length === 0 || spare.length === limit, "not more than needed");
          assert.ok(gone.every(({ name, number }) => !used.has(name) && spare.every((one) => one.number > number)));
          entries = kept;
        }
      }),
      { numRuns: repeats(700) },
    );
  });
});

function carriedOut(entries: readonly Entry[], steps: readonly HistoryStep[]): Entry[] {
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  for (const step of steps) {
    if (step.do === "prune") assert.ok(byName.delete(step.name));
    else {
      const name = step.do === "record" ? step.revision : step.name;
      assert.equal(byName.has(name), step.do === "renumber");
      byName.set(name, { name, number: step.number });
    }
  }
  return [...byName.values()];
}
