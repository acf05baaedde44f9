import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { expandSourcePath, sourcePathProblem } from "../../../api/git/source-path.ts";

/** As people write it: `#{NAME}` here, so that no check takes it for a template. */
const $ = (text: string): string => text.replaceAll("#{", "${");

describe("the path of a GitSource as it is written", () => {
  it("may have the node and variables, where there are any", () => {
    const paths = [".", "hosts/#{node.name}", "#{A}", "a/#{A_1}-x/#{B:-b/c}", "#{A:-}", "a..b", "#{A:-x:-y}"];
    for (const path of paths) assert.equal(sourcePathProblem($(path), true), undefined, path);
  });

  const refused: [path: string, hasVariables: boolean, why: RegExp][] = [
    ["#{A}", false, /^names the variable A, and there is no spec\.substitute/],
    ["#{node.name}/#{A:-b}", false, /^names the variable A/],
    ["#{node.other}", true, /^knows .* no other/],
    ["#{node.name:-x}", true, /no other/],
    ["#{1A}", true, /no other/],
    ["#{}", true, /no other/],
    ["#{A", true, /no other/],
    ["#{A:=b}", true, /no other/],
    ["#{A:-#{B}}", true, /no other/],
    ["$#{A}", true, /no other/],
    ["/etc", true, /^must be a folder inside/],
    ["#{A:-/etc}", true, /^must be a folder inside/],
    ["a\\b", true, /forward slashes/],
    ["a\nb", true, /forward slashes/],
    ["a/../b", true, /^must not lead upwards/],
    ["#{A:-../b}", true, /^must not lead upwards/],
    [".#{A:-.}/b", true, /^must not lead upwards/],
  ];
  for (const [path, hasVariables, why] of refused)
    it(`refuses ${JSON.stringify(path)}`, () => assert.match(sourcePathProblem($(path), hasVariables) ?? "", why));
});

describe("the path of a GitSource on a host", () => {
  const variables = (values: Record<string, string>, isSecret = false) =>
    new Map(Object.entries(values).map(([name, value]) => [name, { value, isSecret }]));
  const said = (path: string, values?: Record<string, string>, isSecret?: boolean): string => {
    const expanded = expandSourcePath($(path), "pc1", values && variables(values, isSecret));
    return "folder" in expanded ? expanded.folder : `! ${expanded.problem}`;
  };

  const good: [path: string, values: Record<string, string> | undefined, folder: string][] = [
    [".", undefined, "."],
    ["hosts/#{node.name}", undefined, "hosts/pc1"],
    ["#{A}/#{node.name}", { A: "eu/bern" }, "eu/bern/pc1"],
    ["a-#{A:-x}", {}, "a-x"],
    ["a-#{A:-x}", { A: "" }, "a-x"],
    ["a-#{A:-x}", { A: "y" }, "a-y"],
    ["#{A:-.}", {}, "."],
    ["#{A}", { A: "$&" }, "$&"],
    ["#{A}", { A: $("#{B}"), B: "b" }, $("#{B}")],
  ];
  for (const [path, values, folder] of good)
    it(`is ${JSON.stringify(folder)} for ${JSON.stringify(path)}`, () => assert.equal(said(path, values), folder));

  it("has no variable that is not defined, or empty", () => {
    assert.equal(said("#{A}"), $("! the variable A is not defined: define it, or write #{A:-text}"));
    assert.equal(said("#{A}", { A: "" }), $("! the variable A is empty: define it, or write #{A:-text}"));
  });

  it("is led nowhere else by a value: not out, not to the root, not to the folder above", () => {
    for (const A of ["..", "../x", "x/..", "x/../y", ".", "/etc", "x/", "x//y", "/"])
      assert.match(said("sites/#{A}", { A }), /^! the variable A must be the name of a folder/, A);
    for (const A of ["x\\y", "C:\\x", "x\u0000", "x\ny", "\u007f"])
      assert.match(said("sites/#{A}", { A }), /^! it stands for "sites\/.*", and must be a folder inside/, A);
    assert.equal(said("a/.#{A}.", { A: "b" }), "a/.b.");
    assert.match(said("a/.#{A:-}.", {}), /^! it stands for "a\/\.\.", and must not lead upwards/);
    assert.match(said("#{A}", { A: "x".repeat(1025) }), /^! it stands for "x{199}…", and must be no more than 1024/);
  });

  it("never shows what comes from a Secret, also where its value is of no use", () => {
    for (const A of ["hunter2", "../hunter2", "hunter2\\", ""])
      for (const path of ["a/#{A}", "a/#{A:-hunter2}"])
        assert.match(said(path, { A }, true), /^! the variable A comes from a Secret(?!.*hunter2)/, path);
  });
});
