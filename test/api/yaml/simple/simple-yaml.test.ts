import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { simpleYaml } from "../../../../api/yaml/simple/simple-yaml.ts";
import { mustAgree } from "./agreement.ts";

const project = join(import.meta.dirname, "../../../..");

/** A thing that YAML has, and a text with it that our reader reads. */
const simple: Record<string, string> = {
  "maps in lists in maps": "a:\n- b: 1\n  c:\n    - d\n    - e: 2\n- f\nb:\n  - - 1\n    - 2\n  -\n    c: 3\n",
  "scalars of every type":
    "a: [1, -2, 1.50, 1e3, 0x1F, 0o17, .5, +1, true, False, null, ~, Yes, 2001-01-01, 1.2.3, 12:30]\nb:\nc: ~\n",
  "plain scalars with marks in them": "a: http://x:80/?q=[1]#top\nb: x, y {z}\nc: -v\nd: a# b\ne: it's\nf: é😀\n",
  "single quotes": "a: 'it''s'\nb: ''''\n'c d': ' # '\n",
  "double quotes": '"a": "\\u00e9 \\"\\\\\\/ \\n\\t\\x41"\nb: ""\nc: "8080"\n',
  comments: "# a\n\na: 1 # b\nf:\n# g\n- h\n  # i\n- - j\n# k\n# c\nb: # d\n  c: 'x'   # e\n# f\n",
  "block scalars":
    "a: |\n  b\n\n    c: d\n  \t x\n  # e\nf: |-\n  g\n\nh: |+ # i\n   j\n\n\nk: >\n l\n m\n\n n\n   o\n p\n- q: 1\n".slice(
      0,
      -7,
    ),
  "plain scalars on several lines": "a: b c\n  d\n\n\n   - e\n\nb:\n  f\n  g\n",
  "quotes on several lines": "a: 'b  \n  it''s\n\n  c '\nb:\n- \"d \\\"\n  e\\n \n\n\n   \\ f\"\n- ''\n",
  JSON: '{"a": [1, {"b": "c"}],\n "d": {"e":null,\n"f": [\n]},"g":\n true\n}\n',
  "several documents": "---\n# one\na: 1\n---\n---  # two\nb: 2\n---\n- c\n",
  "line ends of Windows": "a: 1\r\nb: |\r\n  c\r\n  d\r\ne: [1,\r\n  2]\r\n---\r\nf: 'g'\r\n",
  "keys that look like numbers": "1: a\n1.0: b\ntrue: c\n",
};

/** What is left to the library, and a text with it. */
const notSimple: Record<string, string> = {
  anchors: "a: &b c\n",
  aliases: "a: *b\n",
  tags: "a: !!str 1\n",
  "merge keys": "<<: {a: 1}\n",
  directives: "%YAML 1.2\n---\na: 1\n",
  "ends of documents": "a: 1\n...\n",
  "complex keys": "? a\n: b\n",
  "keys that are null": "~: a\n",
  "keys that reach a prototype": "__proto__: {}\n",
  "keys that are written twice": "a: 1\n'a': 2\n",
  "tabs between words": "a:\tb\n",
  "tabs as indentation": "a:\n\tb: 1\n",
  "a wrong indentation": "a:\n    b: 1\n  c: 2\n",
  "keys on several lines": "a: b\n  c: d\n",
  "quotes that are not closed": 'a: "b\n  c\n',
  "quotes that go on too far to the left": "a: 'b\nc'\n",
  "line ends that are escaped": 'a: "b\\\n  c"\n',
  "scalars behind a comment, in a line of their own": "a:\n# b\n c\nd: e\n",
  "comments inside of a scalar": "a: b\n  # c\n  d\n",
  "an indentation indicator": "a: |2\n   b\n",
  "a second colon": "a: b: c\n",
  "characters with no meaning yet": "a: @b\n",
  "empty items": "a:\n  -\n  - b\n",
  infinity: "a: .inf\n",
  "numbers that cannot be kept": "a: 9007199254740993\n",
  "escapes that few know": 'a: "\\N"\n',
  "NUL by an escape": 'a: "\\u0000"\n',
  "half a character": 'a: "\\ud83d"\n',
  "a scalar for a document": "a\n",
  "line ends of a Macintosh": "a: 1\rb: 2\n",
  "what nests deep": `a: ${"[".repeat(33)}${"]".repeat(33)}\n`,
  "more than the library reads": "- a\n".repeat(30_000),
  "more empty lines than the library reads": `a: |\n b\n${"\n".repeat(300_000)}`,
};

describe("simple YAML", () => {
  for (const [what, text] of Object.entries(simple)) {
    it(`has ${what}`, () => assert.ok(mustAgree(text)));
  }

  for (const [what, text] of Object.entries(notSimple)) {
    it(`has no ${what}`, () => assert.equal(simpleYaml(text), undefined));
  }

  it("is what the manifests of this project are written in", () => {
    const files = globSync("manifests/**/*.yaml", { cwd: project });
    assert.ok(files.length > 20);
    const others = files.filter((file) => !mustAgree(readFileSync(join(project, file), "utf8")));
    assert.deepEqual(others, []);
  });

  it("can hold a variable only where the library puts it in", () => {
    const variables = new Map([["X", { value: "v", isSecret: false }]]);
    assert.ok(simpleYaml("a: $X {X}\n", { variables }));
    for (const text of [`a: \${X}\n`, 'a: "\\x24{X}"\n', 'a: "$\\u007bX}"\n']) {
      assert.equal(simpleYaml(text, { variables }), undefined);
    }
  });
});
