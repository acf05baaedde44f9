import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  chooseNumber,
  FIRST,
  type Given,
  LAST,
  parseGiven,
} from "../../../../runtime/posix/accounts/dynamic-numbers.ts";

const none: Given = { last: LAST, owners: {} };
const free = (): boolean => false;
const all = Object.fromEntries(Array.from({ length: LAST - FIRST + 1 }, (_, index) => [`o${index}`, FIRST + index]));

describe("the number of a dynamic account", () => {
  const cases: [what: string, Given, inUse: (number: number) => boolean, number | "exhausted"][] = [
    ["is the first one", none, free, FIRST],
    ["is the next one", { last: FIRST, owners: { a: FIRST } }, free, FIRST + 1],
    ["is nobody else's on this machine", none, (number) => number < FIRST + 3, FIRST + 3],
    ["is not one just given back: they go round", { last: FIRST + 5, owners: {} }, free, FIRST + 6],
    ["begins again after the last", { last: LAST, owners: { a: FIRST } }, free, FIRST + 1],
    [
      "is that of the oldest owner of whom nothing is seen, when all are given",
      { last: LAST, owners: all },
      free,
      FIRST,
    ],
    ["is not that of one of whom something is seen", { last: LAST, owners: all }, (n) => n < FIRST + 2, FIRST + 2],
    ["is none when all are in use", { last: LAST, owners: all }, () => true, "exhausted"],
  ];
  for (const [what, given, inUse, expected] of cases) {
    it(what, () => {
      const choice = chooseNumber(given, "new", inUse);
      assert.equal(choice === "exhausted" ? choice : choice.number, expected);
    });
  }

  it("is never two owners', whatever comes and goes", () => {
    const step = fc.record({ owner: fc.nat(40), inUse: fc.uniqueArray(fc.integer({ min: FIRST, max: FIRST + 20 })) });
    const run = (steps: { owner: number; inUse: number[] }[]): void => {
      let given = none;
      for (const { owner, inUse } of steps) {
        if (given.owners[`o${owner}`] !== undefined) continue;
        const choice = chooseNumber(given, `o${owner}`, (number) => inUse.includes(number));
        assert.notEqual(choice, "exhausted");
        if (choice !== "exhausted") given = parseGiven(JSON.stringify(choice.given));
      }
    };
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), run));
  });

  it("is read back from a file only when that is whole", () => {
    const damaged = [
      "",
      "{}",
      '{"last": 1, "owners": {}}',
      `{"last": ${FIRST}, "owners": {"a": 0}}`,
      `{"last": ${FIRST}, "owners": {"a": ${FIRST}, "b": ${FIRST}}}`,
      `{"last": ${FIRST}, "owners": null}`,
      `{"last": ${FIRST}, "owners": {"a": "${FIRST}"}}`,
    ];
    for (const text of damaged) assert.throws(() => parseGiven(text), Error, text);
  });
});
