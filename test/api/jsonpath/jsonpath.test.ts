import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { JsonPathError } from "../../../api/jsonpath/json-path-error.ts";
import { parseJsonPath, parseJsonPathTemplate } from "../../../api/jsonpath/jsonpath.ts";
import { repeats } from "../../repeats.ts";

// The data and most rows are those of kubectl's documentation.
const list = {
  kind: "List",
  items: [
    {
      kind: "None",
      metadata: { name: "127.0.0.1", labels: { "kubernetes.io/hostname": "127.0.0.1" } },
      status: { capacity: { cpu: "4" }, addresses: [{ type: "LegacyHostIP", address: "127.0.0.1" }] },
    },
    {
      kind: "None",
      metadata: { name: "127.0.0.2" },
      status: {
        capacity: { cpu: "8" },
        addresses: [
          { type: "LegacyHostIP", address: "127.0.0.2" },
          { type: "another", address: "127.0.0.3" },
        ],
        replicas: 3,
        ready: true,
        nothing: null,
      },
    },
  ],
  users: [
    { name: "myself", user: {} },
    { name: "e2e", user: { username: "admin", password: "secret" } },
  ],
};

describe("parseJsonPathTemplate", () => {
  const table: [template: string, text: string][] = [
    ["text", "text"],
    ["{.kind}", "List"],
    ["{['kind']}", "List"],
    ["kind is {.kind}", "kind is List"],
    ["{.items[*].metadata.name}", "127.0.0.1 127.0.0.2"],
    ["{.items[*]['metadata.name', 'status.capacity']}", '127.0.0.1 {"cpu":"4"} 127.0.0.2 {"cpu":"8"}'],
    ["{..name}", "127.0.0.1 127.0.0.2 myself e2e"],
    ['{.users[?(@.name=="e2e")].user.password}', "secret"],
    [
      "{range .items[*]}[{.metadata.name}, {.status.capacity}] {end}",
      '[127.0.0.1, {"cpu":"4"}] [127.0.0.2, {"cpu":"8"}] ',
    ],
    ['{range .items[*]}{.metadata.name}{"\\t"}{.status.replicas}{"\\n"}{end}', "127.0.0.1\t\n127.0.0.2\t3\n"],
    ["{.items[*].metadata.labels.kubernetes\\.io/hostname}", "127.0.0.1"],
    ["{.items[*].metadata.labels['kubernetes\\.io/hostname']}", "127.0.0.1"],
    ["{.items[0].kind}", "None"],
    ["{.items[-1].metadata.name}", "127.0.0.2"],
    ["{.items[0:1].metadata.name}", "127.0.0.1"],
    ["{.items[:2].metadata.name}", "127.0.0.1 127.0.0.2"],
    ["{.items[1:].metadata.name}", "127.0.0.2"],
    ["{.items[::2].metadata.name}", "127.0.0.1"],
    ["{.items[0,1].metadata.name}", "127.0.0.1 127.0.0.2"],
    ["{.items[?(@.status.replicas)].metadata.name}", "127.0.0.2"],
    ["{.items[?(@.status.replicas>2)].metadata.name}", "127.0.0.2"],
    ["{.items[?(@.status.replicas<=2)].metadata.name}", ""],
    ["{.items[?(@.status.ready==true)].metadata.name}", "127.0.0.2"],
    ["{.items[?(@.status.capacity.cpu!='4')].metadata.name}", "127.0.0.2"],
    ["{.items[?(@.status.addresses[0].address=='127.0.0.1')].metadata.name}", "127.0.0.1"],
    ["{.items[*].status.addresses[?(@.type=='another')].address}", "127.0.0.3"],
    ["{range .items[*]}{range .status.addresses[*]}{.address} {end};{end}", "127.0.0.1 ;127.0.0.2 127.0.0.3 ;"],
    ["{$.kind} {@.kind}", "List List"],
    ["{.items[1].status.ready} {.items[1].status.nothing}|{.missing.field}", "true |"],
    ["{.users[*].user}", '{} {"username":"admin","password":"secret"}'],
    ["{ .kind }", "List"],
    ["{'a b'}{true}{12}", "a btrue12"],
    ["{.constructor}{.toString}{.__proto__}", ""],
    ["", ""],
  ];
  for (const [template, text] of table) {
    it(template, () => assert.equal(parseJsonPathTemplate(template).text(list), text));
  }

  it("prints a value itself, and gives all values", () => {
    assert.equal(parseJsonPathTemplate("{.}").text("x"), "x");
    assert.equal(parseJsonPathTemplate("{@}").text([1]), "[1]");
    assert.deepEqual(parseJsonPathTemplate("{.items[*].status.replicas} and {.kind}").values(list), [3, "List"]);
  });

  const refused: [template: string, message: RegExp][] = [
    ["{.kind", /unclosed action/],
    ["{range .items[*]}", /unclosed range/],
    ["{end}", /not in range, nothing to end/],
    ["{.items[}", /unterminated array/],
    ["{.items[x]}", /invalid array index x/],
    ["{.items[]}", /invalid array index/],
    ["{.items[?(@.a==]}", /unterminated filter/],
    ["{.items[?(==1)]}", /a filter compares two values/],
    ["{hello}", /unrecognized identifier hello/],
    ["{.a|b}", /unrecognized character in action: "\|"/],
    ["{'a}", /unterminated quoted string/],
    [`{.a${"[?(@".repeat(50)}`, /unterminated/],
    [`{range .a}`.repeat(30), /ranges inside each other/],
    ["x".repeat(20_000), /longer than 16384/],
  ];
  for (const [template, message] of refused) {
    it(`refuses ${template.slice(0, 30)}`, () =>
      assert.throws(() => parseJsonPathTemplate(template), { name: "JsonPathError", message }));
  }

  const failing: [template: string, message: RegExp][] = [
    ["{.items[5]}", /array index out of bounds: index 5, length 2/],
    ["{.items[0:5]}", /array index out of bounds: index 4, length 2/],
    ["{.items[1:0]}", /starting index 1 is greater than ending index 0/],
    ["{.items[::0]}", /step must be > 0/],
    ["{.kind[0]}", /is not array or slice/],
    ["{.items[?(@.status.addresses[*].type=='x')]}", /can only compare one element at a time/],
  ];
  for (const [template, message] of failing) {
    it(`cannot answer ${template}`, () => {
      const parsed = parseJsonPathTemplate(template);
      assert.throws(() => parsed.text(list), { name: "JsonPathError", message });
    });
  }
});

describe("parseJsonPath", () => {
  it("takes every relaxed form", () => {
    for (const path of [
      "{.items[*].metadata.name}",
      ".items[*].metadata.name",
      "items[*].metadata.name",
      " {items[*].metadata.name} ",
    ]) {
      assert.deepEqual(parseJsonPath(path)(list), ["127.0.0.1", "127.0.0.2"]);
    }
    assert.deepEqual(parseJsonPath(".")(1), [1]);
    assert.deepEqual(parseJsonPath("[0]")([7]), [7]);
    assert.throws(() => parseJsonPath("{}"), /unexpected path string/);
    assert.throws(() => parseJsonPath("{.a} {.b}"), JsonPathError);
  });

  it("gives nothing for what is not there", () => {
    for (const path of [".items[5]", ".items[-5]", ".kind[0]", ".missing[0].x", ".items[0].status.missing"]) {
      assert.deepEqual(parseJsonPath(path)(list), [], path);
    }
    assert.deepEqual(parseJsonPath(".items[0:9].kind")(list), ["None", "None"]);
  });

  it("stops when the work has no end", () => {
    let deep: unknown = 1;
    for (let level = 0; level < 20_000; level++) deep = { a: deep };
    assert.equal(parseJsonPath("{..a}")(deep).length, 20_000);
    const wide = Array.from({ length: 300 }, () => Array.from({ length: 300 }, () => [1]));
    assert.throws(() => parseJsonPath("{..*..*..*}")(wide), { name: "JsonPathError", message: /too many values/ });
  });

  it("throws nothing but its own error", () => {
    const piece = fc.constantFrom(
      "{",
      "}",
      ".",
      "..",
      "[",
      "]",
      "*",
      "?(",
      ")",
      "@",
      "$",
      "'",
      '"',
      "\\",
      "==",
      "<",
      "!=",
      ",",
      ":",
      "-1",
      "0",
      "9",
      "items",
      "metadata",
      "name",
      "range ",
      "end",
      " ",
      "\n",
      "é",
      "true",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const text = pieces.join("");
        for (const run of [() => parseJsonPathTemplate(text).text(list), () => parseJsonPath(text)(list)]) {
          try {
            run();
          } catch (error) {
            assert.ok(error instanceof JsonPathError, String(error));
          }
        }
      }),
      { numRuns: repeats(6_000) },
    );
  });

  it("finds every field by its escaped name", () => {
    const name = fc.string({ minLength: 1 }).filter((text) => text !== "*");
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), (names) => {
        const value = names.reduceRight<unknown>((inside, key) => Object.fromEntries([[key, inside]]), "found");
        const path = names.map((key) => `.${[...key].map((char) => `\\${char}`).join("")}`).join("");
        assert.deepEqual(parseJsonPath(`{${path}}`)(value), ["found"]);
      }),
    );
  });
});
