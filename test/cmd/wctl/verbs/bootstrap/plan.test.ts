import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type GitUrl, parseGitUrl } from "../../../../../api/git/git-url.ts";
import type { GitSource, GitSourceSpec } from "../../../../../api/types.generated.ts";
import { differenceOf, folderOf, type Plan } from "../../../../../cmd/wctl/verbs/bootstrap/plan.ts";

describe("the folder of a host", () => {
  const folders: [path: string, folder: string][] = [
    [".", ""],
    ["./hosts//pc1/", "hosts/pc1"],
    [`hosts/\${node.name}/x`, "hosts/pc1/x"],
  ];
  for (const [path, folder] of folders) {
    it(`${path} is ${JSON.stringify(folder)}`, () => assert.equal(folderOf(path, "pc1"), folder));
  }
  for (const path of ["/hosts", "a/../b", "a\\b", `a/\${SITE}`, "a\nb"]) {
    it(`${JSON.stringify(path)} is none`, () => {
      assert.throws(() => folderOf(path, "pc1"), /--path must be a folder inside the repository/);
    });
  }
});

describe("a GitSource that is there", () => {
  const url = parseGitUrl("https://git.example.com/x.git") as GitUrl;
  const plan = { url, path: "hosts/pc1", branch: undefined } as Plan;
  const spec = { url: url.text, path: "./hosts/pc1/" };
  const cases: [spec: GitSourceSpec, plan: Plan, difference: string | undefined][] = [
    [spec, plan, undefined],
    [{ ...spec, ref: { branch: "main" } }, plan, undefined],
    [{ ...spec, ref: { branch: "main" } }, { ...plan, branch: "next" }, 'the branch "main"'],
    [{ ...spec, ref: { tag: "v1" } }, plan, 'the tag "v1"'],
    [{ ...spec, path: "hosts" }, plan, 'the folder "hosts"'],
    [{ url: url.text }, { ...plan, path: "." }, undefined],
    [{ ...spec, url: "https://git.example.com/y.git" }, plan, "the repository https://git.example.com/y.git"],
  ];
  for (const [there, wanted, difference] of cases) {
    it(`is ${difference ? `another one: ${difference}` : `the same: ${JSON.stringify(there)}`}`, () => {
      assert.equal(differenceOf({ spec: there } as GitSource, wanted), difference);
    });
  }
});
