import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { semverRangeProblem } from "../../../api/git/semver-range.ts";

describe("a range of versions", () => {
  it("is what npm takes for one", () => {
    const good = [
      "1",
      "1.x",
      "*",
      "v1.2.3",
      "^1.4",
      "~1.2.3",
      ">=1.2.0 <2.0.0",
      "> 1",
      "1.2 - 2.3.4",
      "1 || 2.x || >=3",
      "=1.0.0-rc.1",
      "1.0.0+b1",
    ];
    for (const range of good) assert.equal(semverRangeProblem(range), undefined, range);
  });

  it("is nothing else", () => {
    const bad = [
      "",
      " ",
      "main",
      "1.2.3.4",
      ">=",
      "1 ||",
      "|| 1",
      "1,2",
      ">==1",
      "01.2",
      "--upload-pack=x",
      "1\n2",
      "1;2",
      "1.2 -2",
      "$(id)",
    ];
    for (const range of bad) assert.ok(semverRangeProblem(range), JSON.stringify(range));
  });

  it("that is long is judged at once", () => {
    for (const part of ["1 ", "1-", "^", "1.", "|| ", ">= ", " "])
      assert.equal(typeof semverRangeProblem(`${part.repeat(60_000)}!`), "string");
  });
});
