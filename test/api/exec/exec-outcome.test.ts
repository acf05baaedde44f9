import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { endedWith, outcomeOf } from "../../../api/exec/exec-outcome.ts";

describe("the outcome of a command", () => {
  it("arrives as it was", () => {
    assert.deepEqual(endedWith(outcomeOf({ code: 0 })), { code: 0 });
    assert.deepEqual(endedWith(outcomeOf({ code: 7 })), { code: 7, message: "command terminated with exit code 7" });
  });

  const coded = (message: unknown) => ({ status: "Failure", details: { causes: [{ reason: "ExitCode", message }] } });
  const claims: [what: string, claim: object][] = [
    ["nothing", {}],
    ["an exit code that is a word", coded("seven")],
    ["an exit code below nought", coded("-1")],
    ["an exit code of hundreds of digits", coded("9".repeat(300))],
    ["an exit code that is no text", coded({})],
    ["causes that are none", { details: { causes: [null, 7] } }],
    ["no list of causes", { details: { causes: "ExitCode" } }],
    ["details that are none", { details: "ExitCode" }],
  ];
  for (const [what, claim] of claims) {
    it(`is not known from ${what}`, () =>
      assert.throws(() => endedWith(claim), { name: "StatusError", message: "unknown error" }));
  }
});
