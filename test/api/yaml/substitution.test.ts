import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ManifestError } from "../../../api/manifest-error.ts";
import { objectsIn } from "../../../api/manifests/manifest.ts";
import type { Variables } from "../../../api/variables/expand.ts";
import { readYaml } from "../../../api/yaml/read-yaml.ts";
import { YamlThread } from "../../../api/yaml/yaml-thread.ts";
import { FakeClock } from "../../lib/fake-clock.ts";

const plain = (values: Record<string, string>): Variables =>
  new Map(Object.entries(values).map(([name, value]) => [name, { value, isSecret: false }]));

const read = (text: string, variables: Variables): unknown[] =>
  readYaml(text, "f.yaml", { variables }).map(({ value }) => value);

const refusal = (text: string, variables: Variables): string => {
  try {
    read(text, variables);
  } catch (error) {
    assert.ok(error instanceof ManifestError);
    return error.message;
  }
  return assert.fail("it was read");
};

const secret: Variables = new Map([["TOKEN", { value: "t0p", isSecret: true }]]);

describe("variables in YAML", () => {
  it("give a plain scalar the type of their value, and a quoted one a string", () => {
    const text = `a: \${X}\nb: "\${X}"\nc: '\${X}'\nd: !!str \${X}\ne: |-\n  \${X}\nf: x\${X}\ng: >-\n  \${X}\n`;
    const all = (value: string): unknown[] => Object.values(read(text, plain({ X: value }))[0] as object);
    assert.deepEqual(all("8080"), [8080, "8080", "8080", "8080", "8080", "x8080", "8080"]);
    assert.deepEqual(all("true").slice(0, 2), [true, "true"]);
    assert.deepEqual(all("").slice(0, 2), [null, ""]);
    assert.deepEqual(all("0x1f").slice(0, 2), [31, "0x1f"]);
    assert.deepEqual(all("1.50").slice(0, 2), [1.5, "1.50"]);
    assert.deepEqual(all("yes").slice(0, 2), ["yes", "yes"]);
    assert.deepEqual(all("[1]").slice(0, 2), ["[1]", "[1]"]);
  });

  it("are text when none are given", () => {
    assert.deepEqual(readYaml(`a: \${X}`, "f")[0]?.value, { a: `\${X}` });
  });

  it("stay out of keys, comments, and what is a whole document", () => {
    assert.deepEqual(read(`\${X}: 1 # \${Y}\n---\n\${X}\n`, plain({ X: "" })), [{ "${X}": 1 }, `\${X}`]);
  });

  it("go where an alias goes", () => {
    assert.deepEqual(read(`a: &a\n  - \${X}\nb: *a\n`, plain({ X: "1" })), [{ a: [1], b: [1] }]);
  });

  it("are missed all together, each with its line", () => {
    const text = `a: \${ONE}\n---\nb:\n  - x\${TWO}\n  - \${}\n`;
    assert.equal(
      refusal(text, plain({})),
      `f.yaml:1:4: the variable ONE is not defined: define it, or write \${ONE:-default}; line 4: the variable TWO is not defined: define it, or write \${TWO:-default}; line 5: a \${ begins no \${NAME} or \${NAME:-default}: write $\${ where text is meant`,
    );
    const many = Array.from({ length: 30 }, (_, at) => `k${at}: \${X${at}}\n`).join("");
    assert.match(refusal(many, plain({})), /X20 .*; and 9 more$/);
    const faults: string[] = [];
    const onFault = ({ message }: ManifestError): unknown => faults.push(message);
    readYaml(text, "f.yaml", { onFault, variables: plain({}) });
    assert.deepEqual(
      faults.map((fault) => fault.slice(0, 13)),
      ["f.yaml:1:4: t", "f.yaml:4:5: t", "f.yaml:5:5: a"],
    );
  });

  it("can't hold what no document can", () => {
    assert.match(refusal(`a: \${X}`, plain({ X: "9007199254740993" })), /^f.yaml:1:4: the number is too large/);
    assert.match(refusal(`a: "\${X}"`, plain({ X: "\0" })), /NUL/);
    assert.match(refusal(`a: \${X}`, plain({ X: ".inf" })), /infinity/);
  });

  it("can't make a file larger than any file may be", () => {
    const text = `a:\n${`  - \${X}\${X}\${X}\${X}\n`.repeat(1000)}`;
    assert.match(
      refusal(text, plain({ X: "x".repeat(1000) })),
      /^f.yaml:788:5: variables make this too large: write it out$/,
    );
    const one = `a: "${`\${X}`.repeat(2000)}"\nb: \${X}\n`;
    assert.match(
      refusal(one, plain({ X: "x".repeat(2_000_000) })),
      /^f.yaml:1:4: variables make this too large: write it out; line 2: variables make/,
    );
  });

  it("from a Secret go into values of Secrets only", () => {
    const ok = `apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n  a: x\${TOKEN}\ndata:\n  b: \${TOKEN}\n`;
    assert.deepEqual((read(ok, secret)[0] as { stringData: object }).stringData, { a: "xt0p" });
    const list = `apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n  stringData:\n    a: \${TOKEN}\n`;
    assert.equal(read(list, secret).length, 1);
    const digits: Variables = new Map([["TOKEN", { value: "0123", isSecret: true }]]);
    assert.deepEqual((read(ok, digits)[0] as { data: object }).data, { b: "0123" }, "as a string, without quotes too");
    const elsewhere = [
      ok.replace("kind: Secret", "kind: ConfigMap"),
      ok.replace("apiVersion: v1", "apiVersion: x/v1"),
      ok.replace("name: a", `name: "\${TOKEN}"`),
      ok.replace("stringData", "type"),
      list.replace("kind: Secret", "kind: ConfigMap"),
      list.replace("kind: List", "kind: Map"),
      list.replace("    a: ${", "    a:\n      b: ${"),
      `kind: Secret\nstringData: &x\n  a: \${TOKEN}\n---\na: \${TOKEN}`,
      `${ok.replace("metadata: {name: a}\nstringData:", "stringData: &x")}metadata:\n  annotations: *x\n`,
    ];
    for (const text of elsewhere) {
      const told = refusal(text, secret);
      assert.match(told, /the variable TOKEN comes from a Secret: only data and stringData of a Secret may have it/);
      assert.doesNotMatch(told, /t0p/);
    }
  });

  it("are put in by the thread too, where lines are still known", async () => {
    const thread = new YamlThread(new FakeClock());
    const text = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: \${X}\ndata:\n  pad: ${"x".repeat(9000)}\n`;
    try {
      const [manifest] = objectsIn(await thread.readYaml(Buffer.from(text), "f", plain({ X: "a" })));
      assert.equal(manifest?.object.metadata.name, "a");
      await assert.rejects(thread.readYaml(Buffer.from(text), "f", plain({})), /^ManifestError: f:4:9: the variable X/);
    } finally {
      thread.close();
    }
  });

  it("never change what a document is made of, whatever their values are", () => {
    const text = `m:\n  k: \${X}\n  l: [a, "\${X}", 'b\${X}']\n  \${X}: |\n    \${X}\n    - \${X:-d}\n  n:\n  - \${X} # \${X}\n  - q: >\n      \${X}\n---\nx: 1\n`;
    const shape = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(shape);
      if (typeof value !== "object" || value === null) return "scalar";
      return Object.entries(value).map(([key, member]) => [key, shape(member)]);
    };
    const expected = shape(read(text, plain({ X: "x" })));
    const hostile = fc.constantFrom(
      "\n- a: b",
      "{a: b}",
      "[",
      "*m",
      "&a",
      "!!map",
      "---\n",
      "...",
      ": ",
      "# ",
      "'",
      '"',
      "null",
      "<<",
    );
    const values = fc.array(fc.oneof(hostile, fc.string())).map((parts) => parts.join(""));
    fc.assert(
      fc.property(values, (value) => {
        try {
          const [first] = read(text, plain({ X: value })) as [{ m: { l: string[] } }];
          assert.deepEqual(shape(read(text, plain({ X: value }))), expected);
          assert.deepEqual(first.m.l.slice(1), [value, `b${value}`]);
        } catch (error) {
          // A number or a character that can't be kept.
          if (!(error instanceof ManifestError)) throw error;
        }
      }),
    );
  });
});
