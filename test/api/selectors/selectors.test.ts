import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { StatusError } from "../../../api/errors.ts";
import { escapeFieldValue, parseFieldSelector, parseLabelSelector } from "../../../api/selectors/selectors.ts";
import { repeats } from "../../repeats.ts";

const badRequestOnly = (parse: () => unknown): void => {
  try {
    parse();
  } catch (error) {
    assert.ok(error instanceof StatusError && error.reason === "BadRequest", String(error));
  }
};

describe("parseLabelSelector", () => {
  const labels = { app: "web", tier: "front", empty: "", rank: "7", "wctl.dev/process": "web" };
  const cases: [selector: string, matches: boolean][] = [
    ["", true],
    ["app=web", true],
    ["app==web", true],
    ["app = web , tier!=back", true],
    ["app!=web", false],
    ["missing!=web", true],
    ["app in (api, web)", true],
    ["app notin (api,web)", false],
    ["missing notin (api)", true],
    ["missing in (api)", false],
    ["app", true],
    ["!app", false],
    ["!missing", true],
    ["empty=", true],
    ["empty in (,x)", true],
    ["empty in (x,)", true],
    ["rank>6,rank<8", true],
    ["rank>7", false],
    ["app>1", false],
    ["wctl.dev/process=web", true],
    ["app in (in,notin,web)", true],
    ["in=in", false],
    ["toString", false],
    ["constructor!=x", true],
  ];
  for (const [selector, matches] of cases) {
    it(`${JSON.stringify(selector)} ${matches ? "matches" : "does not match"}`, () => {
      assert.equal(parseLabelSelector(selector).matches(labels), matches);
    });
  }

  const errors: [selector: string, message: RegExp][] = [
    ["a=b=c", /found '=', expected: ',' or 'end of string'/],
    ["a,", /found '', expected: identifier after ','/],
    [",a", /found ',', expected: !, identifier, or 'end of string'/],
    ["a in", /found '', expected: '\('/],
    ["a in (b", /found '', expected: ',' or '\)'/],
    ["a in ()", /values set can't be empty/],
    ["a b", /found 'b', expected: in, notin, =, ==, !=, gt, lt/],
    ["!a=b", /found '=', expected: ',' or 'end of string'/],
    ["a/b/c=d", /Invalid value: "a\/b\/c": a qualified name must consist of/],
    ["UP/x=d", /prefix part a lowercase RFC 1123 subdomain/],
    ["a=-b", /value of "a": Invalid value: "-b": a valid label must be an empty string or consist of/],
    ["a>b", /must be an integer/],
    [`a=${"x".repeat(64)}`, /no more than 63 characters/],
    ["x".repeat(20_000), /too long: 20000 characters/],
  ];
  for (const [selector, message] of errors) {
    it(`refuses ${JSON.stringify(selector.slice(0, 20))}`, () => {
      assert.throws(() => parseLabelSelector(selector), { reason: "BadRequest", message });
    });
  }

  it("agrees with a naive model, also after printing and parsing again", () => {
    const word = fc.constantFrom<string>("a", "b", "c", "in", "notin", "x1");
    const some = fc.uniqueArray(word, { minLength: 1, maxLength: 3 });
    type Model = { text: string; test: (labels: Record<string, string>) => boolean };
    const one: fc.Arbitrary<Model> = fc.oneof(
      fc.tuple(word, word).map(([k, v]): Model => ({ text: `${k}=${v}`, test: (l) => l[k] === v })),
      fc.tuple(word, word).map(([k, v]): Model => ({ text: `${k} != ${v}`, test: (l) => l[k] !== v })),
      word.map((k): Model => ({ text: k, test: (l) => l[k] !== undefined })),
      word.map((k): Model => ({ text: `! ${k}`, test: (l) => l[k] === undefined })),
      fc.tuple(word, some).map(
        ([k, vs]): Model => ({
          text: `${k} in (${vs.join(" ,")})`,
          test: (l) => l[k] !== undefined && vs.includes(l[k]),
        }),
      ),
      fc.tuple(word, some).map(
        ([k, vs]): Model => ({
          text: `${k} notin (${vs.join(",")})`,
          test: (l) => l[k] === undefined || !vs.includes(l[k]),
        }),
      ),
    );
    fc.assert(
      fc.property(fc.array(one, { maxLength: 4 }), fc.dictionary(word, word), (models, labels) => {
        const selector = parseLabelSelector(models.map((model) => model.text).join(","));
        const expected = models.every((model) => model.test(labels));
        assert.equal(selector.matches(labels), expected);
        assert.equal(parseLabelSelector(selector.toString()).matches(labels), expected);
        assert.equal(parseLabelSelector(selector.toString()).toString(), selector.toString());
      }),
      { numRuns: repeats(1000) },
    );
  });

  it("throws nothing but BadRequest", () => {
    const noise = fc.string({ unit: fc.constantFrom(..."ab=!(),<> \t\\in/.-é\0"), maxLength: 40 });
    fc.assert(
      fc.property(fc.oneof(noise, fc.string()), (text) => badRequestOnly(() => parseLabelSelector(text))),
      { numRuns: repeats(2000) },
    );
  });
});

describe("parseFieldSelector", () => {
  it("reads terms, both spellings of equality, and escapes in values", () => {
    assert.deepEqual(parseFieldSelector("metadata.name=web,status.phase!=Running,,type==a\\,b\\=c\\\\,x="), [
      { field: "metadata.name", op: "=", value: "web" },
      { field: "status.phase", op: "!=", value: "Running" },
      { field: "type", op: "=", value: "a,b=c\\" },
      { field: "x", op: "=", value: "" },
    ]);
    assert.deepEqual(parseFieldSelector(""), []);
  });

  const errors: [string, RegExp][] = [
    ["name", /invalid selector: 'name'; can't understand 'name'/],
    ["a=b=c", /unescaped character in value: =/],
    ["a=b\\n", /invalid escape sequence: \\n/],
    ["a=b\\", /invalid escape sequence: \\$/],
    [`a=${"b".repeat(20_000)}`, /too long/],
  ];
  for (const [selector, message] of errors) {
    it(`refuses ${selector.slice(0, 20)}`, () => {
      assert.throws(() => parseFieldSelector(selector), { reason: "BadRequest", message });
    });
  }

  it("reads back every value that was escaped", () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1 }), (values) => {
        const text = values.map((value) => `f=${escapeFieldValue(value)}`).join(",");
        assert.deepEqual(
          parseFieldSelector(text).map((one) => one.value),
          values,
        );
      }),
    );
  });

  it("throws nothing but BadRequest", () => {
    const noise = fc.string({ unit: fc.constantFrom(..."ab=!,\\."), maxLength: 30 });
    fc.assert(
      fc.property(noise, (text) => badRequestOnly(() => parseFieldSelector(text))),
      { numRuns: repeats(1000) },
    );
  });
});
