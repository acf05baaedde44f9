import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StatusError } from "../../api/errors.ts";
import { parseJson } from "../../api/json/parse-json.ts";
import { JsonPathError } from "../../api/jsonpath/json-path-error.ts";
import { parseJsonPath, parseJsonPathTemplate } from "../../api/jsonpath/jsonpath.ts";
import { parseFieldSelector, parseLabelSelector } from "../../api/selectors/selectors.ts";
import { simpleYaml } from "../../api/yaml/simple/simple-yaml.ts";
import { parseDuration } from "../../lib/duration.ts";
import { parseQuantity } from "../../lib/quantity.ts";

/** Calls of the string methods that our scanners step with; `slice` and `indexOf` count what they look at. */
function stepsOf(run: () => unknown): number {
  let steps = 0;
  const original = { ...pick("charAt", "charCodeAt", "startsWith", "slice", "indexOf") };
  const count = (name: keyof typeof original, cost: (result: unknown, from: number) => number): void => {
    const method = original[name] as (...parameters: unknown[]) => unknown;
    Object.defineProperty(String.prototype, name, {
      configurable: true,
      writable: true,
      value(this: string, ...parameters: unknown[]) {
        const result = method.apply(this, parameters);
        steps += cost(result, Number(parameters[1] ?? 0));
        return result;
      },
    });
  };
  count("charAt", () => 1);
  count("charCodeAt", () => 1);
  count("startsWith", () => 1);
  count("slice", (result) => 1 + (result as string).length);
  count("indexOf", (result, from) => 1 + Math.max(0, (result as number) - from));
  try {
    run();
  } catch (error) {
    const known = error instanceof StatusError || error instanceof JsonPathError || error instanceof RangeError;
    if (!known) throw error;
  } finally {
    for (const [name, value] of Object.entries(original)) {
      Object.defineProperty(String.prototype, name, { configurable: true, writable: true, value });
    }
  }
  return steps;
}

const pick = <K extends keyof string>(...names: K[]): Pick<string, K> =>
  Object.fromEntries(names.map((name) => [name, String.prototype[name]])) as unknown as Pick<string, K>;

const attacks = [
  "a",
  "a,",
  "a=b,",
  "(",
  "a in (",
  ",,",
  "\\",
  "\\,",
  '"',
  '\\"',
  "'",
  "[",
  "[[",
  "]",
  "{",
  "{}",
  "{[",
  "[?(@",
  "[?(@.a==",
  "[0,",
  ".a",
  "..",
  "$",
  " ",
  "\n",
  ":",
  "a:",
  "- ",
  "a: b\n",
  "  ",
  "1",
  "1h",
  "-",
  "µ",
  "é",
  "\u0000",
  "/",
  "!",
  "{range .a}",
  "{end}",
];

const parsers: Record<string, (text: string) => unknown> = {
  parseLabelSelector,
  parseFieldSelector,
  parseJson,
  parseJsonPath,
  parseJsonPathTemplate,
  simpleYaml: (text) => simpleYaml(text)?.[0]?.locate("a"),
  parseDuration,
  parseQuantity,
};

describe("work on hostile text grows no faster than the text", () => {
  for (const [name, parse] of Object.entries(parsers)) {
    it(name, () => {
      for (const attack of attacks) {
        for (const prefix of ["", "{", "{.a", '"', "[", "a in ("]) {
          const text = prefix + attack.repeat(Math.ceil(16_000 / attack.length));
          const steps = stepsOf(() => parse(text));
          assert.ok(steps <= 40 * text.length + 1000, `${JSON.stringify(prefix + attack)}: ${steps} steps`);
        }
      }
    });
  }
});
