import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { rollbackTarget } from "../../../../../cmd/wctl/verbs/git-source/rollback-target.ts";

const [A, B, C] = ["aaaaaaa1", "aaaaaaa2", "c0ffee00"].map((start) => start.padEnd(40, "0")) as [
  string,
  string,
  string,
];
const entry = (commit: string, name = "main") => ({ revision: `${name}@sha1:${commit}`, appliedAt: "" });
/** C is applied, after B, after A. */
const status = { lastAppliedRevision: `main@sha1:${C}`, history: [entry(C), entry(C, "v2"), entry(B), entry(A)] };

describe("the commit that a source goes back to", () => {
  it("is the one before, or what the digits name", () => {
    const cases: [to: string | undefined, commit: string][] = [
      [undefined, B],
      ["c0ffee0", C],
      ["C0FFEE0", C],
      ["main@sha1:c0ffee0", C],
      [`sha1:${A}`, A],
      ["aaaaaaa2", B],
      ["f".repeat(40), "f".repeat(40)],
    ];
    for (const [to, commit] of cases) assert.deepEqual(rollbackTarget(status, to), { commit }, String(to));
    const toggled = { lastAppliedRevision: `main@sha1:${A}`, history: [entry(A), entry(C), entry(A)] };
    assert.deepEqual(rollbackTarget(toggled, undefined), { commit: C }, "once more leads back");
  });

  it("must be told, in words for people", () => {
    const told = (to: string | undefined, of: object = status) => {
      const found = rollbackTarget(of, to);
      return "problem" in found ? found.problem : found.commit;
    };
    assert.match(told(undefined, {}), /nothing before what is applied/);
    assert.match(told(undefined, { ...status, history: [entry(C)] }), /nothing before what is applied/);
    for (const bad of ["c0ffee", "main", "", "f".repeat(41), "--upload-pack=x"])
      assert.match(told(bad), /is no commit: 7 to 40 hexadecimal digits/, bad);
    assert.match(told("aaaaaaa"), /several commits/);
    assert.match(told("abcdef0"), /no commit in its history begins with abcdef0: .* needs all 40 digits/);
  });
});
