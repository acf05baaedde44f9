import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { StatusError } from "../../../api/errors.ts";
import { ManifestError } from "../../../api/manifest-error.ts";
import { parseManifests } from "../../../api/manifests/parse-manifests.ts";
import { explainServerErrors, explainWarning } from "../../../api/manifests/server-errors.ts";
import { readYaml } from "../../../api/yaml/read-yaml.ts";
import { toYaml } from "../../../api/yaml/to-yaml.ts";
import { repeats } from "../../repeats.ts";

const web = `apiVersion: wctl.dev/v1
kind: Process
metadata:
  name: web
  labels: {app.kubernetes.io/name: web}
spec:
  command: /bin/web
  replica: 2
  env:
    - {name: PORT, value: "8080"}
    - name: HOST
      value: localhost
`;

describe("parseManifests", () => {
  it("reads every document, skips empty ones, flattens Lists, and knows lines", () => {
    const text = `---\n# nothing\n---\n${web}---\napiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n- apiVersion: v1\n  kind: Secret\n  metadata:\n    name: b\n`;
    const manifests = parseManifests(text, "all.yaml");
    assert.deepEqual(
      manifests.map(({ object, file, document, line }) => [object.kind, object.metadata.name, file, document, line]),
      [
        ["Process", "web", "all.yaml", 2, 4],
        ["ConfigMap", "a", "all.yaml", 3, 20],
        ["Secret", "b", "all.yaml", 3, 21],
      ],
    );
    const [process, , secret] = manifests;
    assert.deepEqual(process?.lineOf("spec.env[1].value"), { line: 15, column: 7 });
    assert.deepEqual(process?.lineOf("metadata.labels.app.kubernetes.io/name"), { line: 8, column: 12 });
    assert.deepEqual(process?.lineOf("metadata.labels[app.kubernetes.io/name]"), { line: 8, column: 12 });
    assert.deepEqual(secret?.lineOf(".metadata.name"), { line: 24, column: 5 });
    assert.equal(process?.lineOf("spec.args[0]"), undefined);
    assert.equal(process?.lineOf("spec.env[7]"), undefined);
  });

  it("reads JSON with tabs, CRLF, a byte order mark, bytes, and a file without documents", () => {
    const name = (text: string | Uint8Array): string | undefined => parseManifests(text, "f")[0]?.object.metadata.name;
    assert.equal(name('{\r\n\t"apiVersion":"v1",\r\n\t"kind":"Namespace",\r\n\t"metadata":{"name":"a"}\r\n}'), "a");
    assert.equal(name(`\ufeff${web.replaceAll("\n", "\r\n")}`), "web");
    assert.equal(name(Buffer.from(`\ufeff${web}`)), "web");
    assert.deepEqual(parseManifests("", "f"), []);
    assert.deepEqual(parseManifests("# only a comment\n---\n...\n", "f"), []);
  });

  it("reads UTF-16 with a byte order mark, as Windows PowerShell's > writes it, in both orders", () => {
    const little = Buffer.from(`\ufeff${web.replaceAll("\n", "\r\n")}# ü €\r\n`, "utf16le");
    const [process] = parseManifests(little, "f");
    assert.equal(process?.object.metadata.name, "web");
    assert.deepEqual(process?.lineOf("spec.env[1].value"), { line: 12, column: 7 });
    assert.equal(parseManifests(Buffer.from(little).swap16(), "f")[0]?.object.metadata.name, "web");
    assert.throws(
      () => parseManifests(little.subarray(0, 101), "f"),
      /^ManifestError: f:1:1: the file is not valid UTF-16LE: save it as UTF-8/,
    );
  });

  it("reads scalars as YAML 1.2 says", () => {
    const [document] = readYaml("{a: yes, b: 014, c: 0o14, d: 0x1F, e: 1.0, f: ~, g: -0, h: on, 1: x, true: y}", "f");
    assert.deepEqual(document?.value, {
      a: "yes",
      b: 14,
      c: 12,
      d: 31,
      e: 1,
      f: null,
      g: 0,
      h: "on",
      1: "x",
      true: "y",
    });
  });

  it("expands an alias into a value of its own", () => {
    const [document] = readYaml("a: &x {k: [1]}\nb: *x\n", "f");
    assert.ok(document);
    const { a, b } = document.value as Record<"a" | "b", { k: number[] }>;
    assert.deepEqual(a, b);
    assert.notEqual(a.k, b.k);
    assert.deepEqual(document.lineOf("b.k[0]"), { line: 1, column: 12 });
  });

  const head = "apiVersion: v1\nkind: ConfigMap\n";
  const bomb = [..."bcdefgh"].map((name, n) => `${name}: &${name} [${Array(10).fill(`*${"abcdefgh"[n]}`)}]`).join("\n");
  const refused: [what: string, text: string | Uint8Array, message: RegExp][] = [
    ["tabs", "a:\n\tb: 1\n", /^f:2:1: a tab is used for indentation: YAML allows spaces only$/],
    ["a duplicate key", "a: 1\nb:\n  c: 1\n  c: 2\n", /^f:4:3: duplicate key "c": remove one of the two$/],
    [
      "a duplicate key in the second document",
      "a: 1\n---\na: 1\na: 2\n",
      /^f:4:1: duplicate key "a".* \(document 2\)$/,
    ],
    ["__proto__", "a: {__proto__: {x: 1}}", /^f:1:5: the key "__proto__" is not allowed/],
    ["constructor", "constructor: 1", /the key "constructor" is not allowed/],
    ["prototype, quoted", '"prototype": 1', /the key "prototype" is not allowed/],
    ["a merge key", "a: &a {x: 1}\nb:\n  <<: *a\n", /^f:3:3: merge keys/],
    ["65 levels", "[".repeat(65) + "]".repeat(65), /nested deeper than 64/],
    ["65 levels of blocks", "- ".repeat(65), /nested deeper than 64/],
    ["a million brackets", "[".repeat(1_000_000), /nested deeper than 64/],
    [
      "65 levels by aliases",
      `a: &a ${"[".repeat(40)}${"]".repeat(40)}\nb: ${"[".repeat(30)}*a${"]".repeat(30)}`,
      /nested deeper/,
    ],
    ["a bomb of aliases", `a: &a [x]\n${bomb}`, /more than 1000 aliases/],
    [
      "a large value 900 times",
      `a: &a ${"x".repeat(100_000)}\nb: [${"*a,".repeat(900)}]`,
      /aliases make this file too large/,
    ],
    [
      "a large value 30 times in each of many documents",
      `a: &a ${"x".repeat(10_000)}\nb: [${"*a,".repeat(30)}]\n---\n`.repeat(20),
      /aliases make this file too large/,
    ],
    ["an alias inside itself", "a: &a [*a]", /an alias cannot stand inside/],
    ["an alias of nothing", "a: *b", /^f:1:4: there is no anchor/],
    ["a custom tag", "a: !env HOME", /unknown tag/],
    ["a tag of YAML 1.1", "a: !!binary aGk=", /unknown tag/],
    ["a tagged map", "a: !!set {x}", /unknown tag/],
    ["YAML 1.1", "%YAML 1.1\n---\na: yes\n", /only YAML 1.2 is read/],
    ["a big integer", "a: 9007199254740993", /^f:1:4: the number is too large.*put it in quotes/],
    ["infinity", "a: .inf", /infinity and not-a-number/],
    ["NUL", "a: \0", /^f:1:4: a NUL character: is this file binary, or UTF-16 without a byte order mark/],
    ["NUL by escape", 'a: "\\0"', /a NUL character cannot be stored/],
    ["an escape character", "a: \u001b[31m", /the control character U\+001B/],
    ["a byte order mark inside", "a: 1\n\ufeff---\nb: 1", /^f:2:1: a byte order mark inside/],
    ["half of a surrogate pair", 'a: "\\ud800"', /half of a surrogate pair/],
    ["bytes that are not UTF-8", Uint8Array.of(0x61, 0xff), /not valid UTF-8/],
    ["more than 3 MiB", "#".repeat(3 * 1024 * 1024 + 1), /has 3145729 bytes, at most 3145728 are read/],
    ["more words than a person writes", "- a\n".repeat(500_000), /more than 300000 words and marks: split it/],
    ["a million empty lines", "\n".repeat(1_000_000), /more than 300000 words and marks/],
    ["too many documents", "---\n".repeat(10_002), /more than 10000 documents/],
    ["a map as key", "? [a]\n: b", /a key must be a plain string/],
    ["an open quote", `${head}metadata: {name: "x`, /a character is missing here/],
    ["two colons", "a: b: c", /a second colon/],
    ["a Windows path in double quotes", 'a: "C:\\dir"', /not an escape sequence of YAML.*single quotes/],
    ["a scalar document", "hello", /an Object is a map with apiVersion, kind and metadata/],
    ["a list document", "- a", /an Object is a map/],
    ["no apiVersion", "kind: X\nmetadata: {name: a}", /^f:1:1: apiVersion must be a string/],
    ["a number as apiVersion", "apiVersion: 1\nkind: X", /^f:1:1: apiVersion must be a string/],
    ["a list as kind", "apiVersion: v1\nkind: [X]", /^f:2:1: kind must be a string/],
    ["no metadata", head, /metadata must be a map/],
    ["a number as name", `${head}metadata:\n  name: 8080`, /^f:4:3: metadata.name must be a string.*quotes/],
    ["no name", `${head}metadata:\n  labels: {}`, /^f:3:1: metadata.name must be a string/],
    ["only generateName", `${head}metadata: {generateName: a-}`, /metadata.name must be a string/],
    [
      "a number as namespace",
      `${head}metadata: {name: a, namespace: 1}`,
      /^f:3:21: metadata.namespace must be a string/,
    ],
    [
      "a broken item of a List",
      `apiVersion: v1\nkind: List\nitems:\n- kind: X\n`,
      /^f:4:3: apiVersion must be a string/,
    ],
  ];
  for (const [what, text, message] of refused) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => parseManifests(text, "f"),
        (error) => {
          assert.ok(error instanceof ManifestError, String(error));
          assert.match(error.message, message);
          assert.ok(error.line >= 1 && error.column >= 1 && error.document >= 1);
          return true;
        },
      );
    });
  }

  it("allows generateName when asked to", () => {
    const text = `${head}metadata: {generateName: a-}`;
    assert.equal(parseManifests(text, "f", { allowGenerateName: true })[0]?.object.metadata.generateName, "a-");
  });

  it("with a listener reads what can be read, and tells what is wrong with each of the others", () => {
    const items = "- kind: X\n- {apiVersion: v1, kind: Secret, metadata: {name: ok}}\n- {apiVersion: v1, kind: X}\n";
    const text = `a: {\n---\n${web}---\nkind: X\n---\napiVersion: v1\nkind: List\nitems:\n${items}`;
    const faults: string[] = [];
    const read = parseManifests(text, "f", { onFault: ({ message }) => faults.push(message) });
    assert.deepEqual(
      read.map(({ object, document }) => [object.metadata.name, document]),
      [
        ["web", 2],
        ["ok", 4],
      ],
    );
    assert.deepEqual(faults, [
      "f:2:1: wrong indentation: members of one map or list begin in the same column, and below their parent",
      "f:16:1: apiVersion must be a string that is not empty (document 3)",
      "f:21:3: apiVersion must be a string that is not empty (document 4)",
      "f:23:3: metadata must be a map with at least a name (document 4)",
    ]);
    assert.throws(() => parseManifests(`a: \0`, "f", { onFault: () => {} }), /NUL/, "not a word of it can be read");
  });

  it("never quotes values", () => {
    for (const text of [
      "password: hunter2: x",
      'a: "hunter2',
      "a: *hunter2",
      "hunter2\nhunter2: *hunter3 x",
      "a: 'x' hunter2",
    ]) {
      assert.throws(
        () => readYaml(text, "f"),
        (error: Error) => error instanceof ManifestError && !error.message.includes("hunter2"),
      );
    }
  });

  it("throws nothing but ManifestError on mutated manifests, and leaves prototypes alone", () => {
    const pieces = [
      "\ufeff",
      "\r\n",
      "\t",
      "&a ",
      "*a",
      "---\n",
      "...\n",
      "? ",
      ": ",
      "- ",
      "<<: ",
      "!!str ",
      "!x ",
      "{",
      "}",
      "[",
      "]",
      ",",
      '"',
      "'",
      "|\n",
      ">-\n",
      "#",
      "%YAML 1.1\n",
      "\0",
      "__proto__: ",
      "constructor",
      "@",
      "`",
      "\\",
      "  ",
      "\n",
      "~",
      "0x",
      "é",
      "\ud800",
    ];
    const mutation = fc.record({ at: fc.nat(web.length * 2), remove: fc.nat(6), insert: fc.constantFrom(...pieces) });
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 6 }), fc.boolean(), (mutations, twice) => {
        let text = twice ? `${web}---\n${web}` : web;
        for (const { at, remove, insert } of mutations) text = text.slice(0, at) + insert + text.slice(at + remove);
        try {
          for (const { object, line } of parseManifests(text, "f")) {
            assert.equal(typeof object.metadata.name, "string");
            assert.ok(line >= 1);
          }
        } catch (error) {
          assert.ok(error instanceof ManifestError, String(error));
        }
      }),
      { numRuns: repeats(800) },
    );
    assert.deepEqual(Object.keys(Object.prototype), []);
    assert.equal(({} as { x?: unknown }).x, undefined);
  });

  it("reads what it wrote, and what JSON.stringify wrote", () => {
    const leaf = fc.oneof(
      fc.integer(),
      fc.double({ min: -1e9, max: 1e9, noNaN: true }),
      fc.string({ unit: fc.constantFrom(..."ab \n:#-'\"{}[]&*!|>%@`,?\\é01~", "yes", "null", "0o7", "1e3") }),
      fc.boolean(),
      fc.constant(null),
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: "small" },
        leaf,
        fc.array(tie("tree")),
        fc.dictionary(fc.string({ unit: "grapheme-ascii" }), tie("tree"), { noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        const wrapped = { value };
        const text = JSON.stringify(wrapped);
        if (/"(?:__proto__|constructor|prototype)":/.test(text)) return;
        assert.deepEqual(readYaml(text, "f")[0]?.value, JSON.parse(text));
        assert.deepEqual(readYaml(toYaml(wrapped), "f")[0]?.value, JSON.parse(text));
      }),
      { numRuns: repeats(400) },
    );
  });
});

describe("explainServerErrors", () => {
  const [manifest] = parseManifests(web, "web.yaml");
  assert.ok(manifest);

  it("places causes, unknown fields and missing fields in the file", () => {
    const invalid = new StatusError("Invalid", 'Process.wctl.dev "web" is invalid: …', {
      details: {
        causes: [
          { reason: "FieldValueInvalid", field: "spec.env[0].value", message: "Invalid value: 8080: must be a string" },
          { reason: "FieldValueRequired", field: "spec.runAs.account", message: "Required value" },
        ],
      },
    });
    assert.equal(
      explainServerErrors(manifest, invalid),
      "web.yaml:6: spec.runAs.account: Required value\nweb.yaml:10: spec.env[0].value: Invalid value: 8080: must be a string",
    );
    const strict = new StatusError(
      "BadRequest",
      'strict decoding error: unknown field "spec.replica", unknown field "spec.env[1].nome"',
    );
    assert.equal(
      explainServerErrors(manifest, strict),
      "web.yaml:8: spec.replica: unknown field\nweb.yaml:11: spec.env[1].nome: unknown field",
    );
    const typed = "failed to create typed patch object (default/web; wctl.dev/v1, Kind=Process): ";
    const applied = new StatusError("BadRequest", `${typed}.spec.replica: field not declared in schema`);
    assert.equal(explainServerErrors(manifest, applied), "web.yaml:8: spec.replica: unknown field");
    const several = `errors:\n  .spec.replica: field not declared in schema\n  .spec.env[name="A"].nome: expected string`;
    assert.equal(
      explainServerErrors(manifest, new StatusError("BadRequest", typed + several)),
      'web.yaml:8: spec.replica: unknown field\nweb.yaml:9: spec.env[name="A"].nome: expected string',
    );
    assert.equal(explainServerErrors(manifest, new StatusError("Forbidden", "no")), "web.yaml:1: no");
    assert.equal(explainWarning(manifest, 'unknown field "spec.replica"'), "web.yaml:8: spec.replica: unknown field");
    assert.equal(explainWarning(manifest, "spec.command: a shell line"), "web.yaml:7: spec.command: a shell line");
    assert.equal(explainWarning(manifest, "something else: x"), "web.yaml:1: something else: x");
  });
});
