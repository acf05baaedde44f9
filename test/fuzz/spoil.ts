import { gzipSync } from "node:zlib";
import type { JsonObject } from "../../lib/json-object.ts";
import type { Dice } from "./dice.ts";
import { wildNumbers, wildTexts, wildValues } from "./wild.ts";

/** A place in a value: what holds it, and under which name. */
type Place = readonly [holder: JsonObject, name: string];

function placesIn(value: unknown, found: Place[] = []): Place[] {
  if (typeof value !== "object" || value === null) return found;
  for (const [name, member] of Object.entries(value)) {
    found.push([value as JsonObject, name]);
    placesIn(member, found);
  }
  return found;
}

/** The value with one thing wrong in it. */
export function spoilt(value: JsonObject, dice: Dice): JsonObject {
  const copy = structuredClone(value);
  const places = placesIn(copy);
  if (places.length === 0) return { fz: dice.pick(wildValues) };
  const [holder, name] = dice.pick(places);
  const put = (made: unknown): void => void Object.assign(holder, { [name]: made });
  dice.weighted<unknown>(
    [3, () => put(dice.pick(wildTexts))],
    [3, () => put(dice.pick(wildValues))],
    [1, () => delete holder[name]],
    [1, () => put(deep(dice.pick([5, 60, 70, 500])))],
    [1, () => Array.isArray(holder) || Object.assign(holder, { [dice.pick(wildTexts)]: dice.pick(wildValues) })],
    [0.3, () => put(Array.from({ length: 2000 }, (_, n) => `fz-${n}`))],
    [0.3, () => put(Object.fromEntries(Array.from({ length: 2000 }, (_, n) => [`fz-${n}`, "x"])))],
    [0.2, () => put("x".repeat(300_000))],
  );
  return copy;
}

function deep(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? { fz: value } : [value];
  return value;
}

/** Many copies, and long waits, of what the spoiler made up are not asked for: what it says is as wrong or as right as before. */
export function tamed(value: unknown): unknown {
  for (const [holder, name] of placesIn(value)) {
    const said = holder[name];
    if (/replicas$/i.test(name) && typeof said === "number" && said > 2 && said <= 10_000) holder[name] = 2;
    // As a JSON patch says it.
    if (name === "value" && /replicas$/i.test(String(holder.path)) && typeof said === "number") holder[name] = 1;
  }
  return value;
}

/** A body's text with something in it that no value can say. */
export function spoiltText(text: string, dice: Dice): Buffer {
  const at = dice.below(text.length + 1);
  const bytes = Buffer.from(text);
  return dice.weighted<Buffer>(
    [2, () => bytes.subarray(0, dice.below(bytes.length + 1))],
    [
      1,
      () =>
        Buffer.concat([
          bytes.subarray(0, at),
          Buffer.from([dice.pick([0xff, 0x00, 0xc0, 0x80, 0xed])]),
          bytes.subarray(at),
        ]),
    ],
    [1, () => Buffer.from(text.replace("{", `{"kind":"Process","kind":"Secret",`))],
    [1, () => Buffer.from(text.replace("{", `{"__proto__":{"fz":true},`))],
    [2, () => Buffer.from(text.replace(/:\d+/, `:${dice.pick(wildNumbers).replaceAll("$", "")}`))],
    [1, () => Buffer.from(text.replace("{", `{"fz":${dice.pick(wildNumbers)},`))],
    [1, () => Buffer.from(`\ufeff${text}`)],
    [1, () => Buffer.from(`${text}${text}`)],
    [1, () => Buffer.from(text.replace('"', '"\\ud800'))],
    [1, () => Buffer.from(`${"[".repeat(50_000)}`)],
    [1, () => gzipSync(bytes)],
    [1, () => Buffer.alloc(0)],
    [0.1, () => Buffer.concat([bytes, Buffer.alloc(3 * 1024 * 1024 - bytes.length + dice.pick([0, 1]), 0x20)])],
  );
}

/** YAML that is no JSON: what only YAML can say. */
export function wildYaml(value: JsonObject, dice: Dice): string {
  const json = JSON.stringify(value);
  return dice.pick([
    `--- ${json}\n...\n`,
    `${json}\n---\n${json}\n`,
    `# fz\n${json}\n`,
    `fz: &a [x,x]\nmore: [*a,*a,*a]\n`,
    `!!js/function ${json}`,
    `<<: ${json}\nfz: 1`,
    Object.entries(value)
      .map(([name, member]) => `${name}: ${JSON.stringify(member)}`)
      .join("\n"),
    `? ${json}\n: 1\n`,
    `"a": 0x10\n"b": 0o7\n"c": .inf\n"d": yes\n`,
    "\t- x",
  ]);
}
