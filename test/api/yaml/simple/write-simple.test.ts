import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { simpleText } from "../../../../api/yaml/simple/write-simple.ts";
import { libraryText } from "../../../../api/yaml/to-yaml.ts";
import { Dice } from "../../../fuzz/dice.ts";
import { made } from "./made-up-values.ts";

const values = Number(process.env.DOCUMENTS ?? (process.platform === "win32" ? 200 : 3000));
const seed = Number(process.env.SEED ?? 12);

describe(`YAML that we write ourselves (SEED=${seed})`, () => {
  it(`is what the library writes, of ${values} values`, (t) => {
    let sure = 0;
    for (let n = 0; n < values; n++) {
      const value = made(new Dice(seed, n));
      const text = simpleText(value);
      if (text === undefined) continue;
      sure++;
      assert.equal(text, libraryText(value), `number ${n}: ${JSON.stringify(value)}`);
    }
    t.diagnostic(`${sure} of ${values} were simple`);
    assert.ok(sure > values / 10, `only ${sure} of ${values} were simple: nothing was compared`);
  });

  it("has Objects as they are: times, numbers in quotes, hashes, texts of several lines", () => {
    const value = {
      kind: "ConfigMap",
      apiVersion: "v1",
      metadata: { name: "a", uid: "1e0f7a2c-0000-4000-8000-000000000000", creationTimestamp: "2026-01-02T03:04:05Z" },
      data: {
        port: "8080",
        "a.ini": "[a]\n\n  b = 1\n# c\n",
        on: "yes",
        note: 'say "hi"',
        both: `it's "x"`,
        empty: "",
      },
      list: [{ a: 1, b: [] }, [1, [2.5, {}]], null, "- x", "a: b", "#", "127.0.0.1:80", "1.2.3", "x\ny"],
    };
    assert.equal(simpleText(value), libraryText(value));
  });

  it("has no text whose style is not plain to see, and nothing that is no JSON", () => {
    for (const text of ["\u0007", "\n", "a \nb", "a\n\n", "---", "\ud83d", "a\u0085"]) {
      assert.equal(simpleText({ text }), undefined, JSON.stringify(text));
    }
    for (const value of [-0, 1n, Number.NaN, new Date(0), new Map(), () => {}]) {
      assert.equal(simpleText({ value }), undefined);
    }
    assert.equal(simpleText("a"), undefined);
  });
});
