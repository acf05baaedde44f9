import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseEnvFile } from "../../../runtime/runs/env-file-text.ts";
import { fileVariables } from "../../../runtime/runs/env-files.ts";

const parsed = (text: string): Record<string, string> => Object.fromEntries(parseEnvFile(text));

/** What is written, and the variables by the grammar of systemd.exec(5). */
const table: [text: string, variables: Record<string, string>][] = [
  ["A=1\nB=two words\n", { A: "1", B: "two words" }],
  ["  A = 1  \r\nB=\r\n", { A: "1", B: "" }],
  ["# A=1\n; B=2\n  #C=3\nD=4 # no comment\n", { D: "4 # no comment" }],
  ["# a comment ends with its line \\\nA=1", { A: "1" }],
  ["no assignment\n=nothing\nA=1", { A: "1" }],
  ["1A=x\nA-B=x\nexport C=x\n_D=x", { _D: "x" }],
  ["A='single \"quotes\" \\n $X'\nB=\"double 'quotes'\"", { A: 'single "quotes" \\n $X', B: "double 'quotes'" }],
  ['A="a\\"b\\\\c\\`d\\$e\\nf"', { A: 'a"b\\c`d$e\\nf' }],
  ["A=\"over\ntwo lines\"\nB='and\nthree'", { A: "over\ntwo lines", B: "and\nthree" }],
  ['A=joined \\\n  lines\nB="joined \\\nlines"', { A: "joined   lines", B: "joined lines" }],
  ["A=a\\ b\\\\c\\n", { A: "a b\\cn" }],
  ["A='one' 'two' three\nB=\"  kept  \"", { A: "onetwothree", B: "  kept  " }],
  ["A=1\nA=2", { A: "2" }],
  ["A=$HOME $(x) `y` %z", { A: "$HOME $(x) `y` %z" }],
  ['A="never closed', { A: "never closed" }],
  ["A=ü€", { A: "ü€" }],
  ["", {}],
];

describe("a file of variables", () => {
  for (const [text, variables] of table) it(JSON.stringify(text), () => assert.deepEqual(parsed(text), variables));

  const read = (files: Record<string, string | Buffer>) => (path: string) => {
    const content = files[path];
    return content === undefined ? undefined : Buffer.from(content);
  };

  it("may be missing when it is optional; a later one wins", () => {
    const files = [{ path: "/a" }, { path: "/b" }, { path: "/c", optional: true }];
    assert.deepEqual(fileVariables(files, read({ "/a": "X=1\nY=1", "/b": "Y=2" })), { X: "1", Y: "2" });
    assert.throws(() => fileVariables([{ path: "/c" }], read({})), {
      reason: "InvalidArgument",
      message: "envFile[0] (/c) does not exist",
    });
    assert.deepEqual(
      fileVariables(undefined, () => assert.fail()),
      {},
    );
  });

  it("is bounded, text, and told of by its name alone", () => {
    const told = (content: string | Buffer): void => void fileVariables([{ path: "/a" }], read({ "/a": content }));
    assert.throws(() => told("A=".padEnd(1024 * 1024 + 1, "x")), /envFile\[0\] \(\/a\) is longer than 1048576 bytes/);
    for (const bad of [Buffer.from([0x41, 0x3d, 0xff]), "A=secret\0"])
      assert.throws(() => told(bad), { message: "envFile[0] (/a) is not UTF-8 text" });
    const refusing = (): never => {
      throw new Error("web may not read it");
    };
    assert.throws(() => fileVariables([{ path: "/a" }], refusing), {
      reason: "AccessDenied",
      message: "envFile[0] (/a) can't be read: web may not read it",
    });
  });
});
