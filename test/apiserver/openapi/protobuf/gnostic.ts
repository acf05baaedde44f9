import assert from "node:assert/strict";
import type { JsonObject } from "../../../../lib/json-object.ts";
import { fieldsIn } from "./protobuf-reader.ts";

/**
 * Reads OpenAPI documents in google/gnostic's protobuf form back into their JSON. The numbers are those of `OpenAPIv2.proto` and `OpenAPIv3.proto`; a field that
 * is not here is an error.
 */
type Value = number | Buffer;
type Read = (value: Value) => unknown;
type Rule = (values: readonly Value[], into: JsonObject) => void;

const bytesOf = (value: Value): Buffer => {
  assert.ok(Buffer.isBuffer(value));
  return value;
};
const text: Read = (value) => bytesOf(value).toString("utf8");
const number: Read = (value) => value;
const flag: Read = (value) => value === 1;
const any: Read = (value) => JSON.parse(String(fieldsIn(bytesOf(value)).get(2)?.[0]));

const one =
  (name: string, read: Read = text): Rule =>
  (values, into) => {
    assert.equal(values.length, 1, name);
    into[name] = read(values[0] as Value);
  };
const many =
  (name: string, read: Read = text): Rule =>
  (values, into) => {
    into[name] = values.map(read);
  };
const entryOf = (value: Value, read: Read): [string, unknown] => {
  const fields = fieldsIn(bytesOf(value));
  return [String(fields.get(1)?.[0]), read(fields.get(2)?.[0] ?? Buffer.alloc(0))];
};
const extensions: Rule = (values, into) =>
  Object.assign(into, Object.fromEntries(values.map((value) => entryOf(value, any))));
const byName =
  (field: number, read: Read): Read =>
  (value) =>
    Object.fromEntries((fieldsIn(bytesOf(value)).get(field) ?? []).map((each) => entryOf(each, read)));
const message =
  (rules: () => Readonly<Record<number, Rule>>): Read =>
  (value) => {
    const into: JsonObject = {};
    const known = rules();
    for (const [field, values] of fieldsIn(bytesOf(value))) {
      const rule = known[field];
      assert.ok(rule, `field ${field}`);
      rule(values, into);
    }
    return into;
  };
/** One of several: which number it has says what it is. */
const either =
  (reads: () => Readonly<Record<number, Read>>): Read =>
  (value) => {
    const [[field, [inner]] = [0, []]] = fieldsIn(bytesOf(value));
    const read = reads()[field];
    assert.ok(read && inner !== undefined, `alternative ${field}`);
    return read(inner);
  };

const v2Schema: Read = message(() => ({
  1: one("$ref"),
  2: one("format"),
  4: one("description"),
  7: one("maximum", number),
  9: one("minimum", number),
  11: one("maxLength", number),
  12: one("minLength", number),
  13: one("pattern"),
  14: one("maxItems", number),
  15: one("minItems", number),
  19: many("required"),
  20: many("enum", any),
  21: one(
    "additionalProperties",
    either(() => ({ 1: v2Schema })),
  ),
  22: one(
    "type",
    either(() => ({ 1: text })),
  ),
  23: one(
    "items",
    either(() => ({ 1: v2Schema })),
  ),
  25: one("properties", byName(1, v2Schema)),
  31: extensions,
}));

const v2Field = (type: number): Read =>
  message(() => ({
    1: one("required", flag),
    2: one("in"),
    3: one("description"),
    4: one("name"),
    [type]: one("type"),
    20: one("uniqueItems", flag),
  }));

const v2Parameter: Read = either(() => ({
  1: either(() => ({
    1: message(() => ({ 2: one("name"), 3: one("in"), 4: one("required", flag), 5: one("schema", v2Schema) })),
    2: either(() => ({ 3: v2Field(6), 4: v2Field(5) })),
  })),
}));

const v2Operation: Read = message(() => ({
  1: many("tags"),
  3: one("description"),
  5: one("operationId"),
  6: many("produces"),
  7: many("consumes"),
  8: many("parameters", v2Parameter),
  9: one(
    "responses",
    byName(
      1,
      either(() => ({
        1: message(() => ({
          1: one("description"),
          2: one(
            "schema",
            either(() => ({ 1: v2Schema })),
          ),
        })),
      })),
    ),
  ),
  13: extensions,
}));

export const readV2 = message(() => ({
  1: one("swagger"),
  2: one(
    "info",
    message(() => ({ 1: one("title"), 2: one("version") })),
  ),
  8: one(
    "paths",
    byName(
      2,
      message(() => ({
        2: one("get", v2Operation),
        3: one("put", v2Operation),
        4: one("post", v2Operation),
        5: one("delete", v2Operation),
        8: one("patch", v2Operation),
        9: many("parameters", v2Parameter),
      })),
    ),
  ),
  9: one("definitions", byName(1, v2Schema)),
}));

const reference: Read = message(() => ({ 1: one("$ref") }));

const v3Schema: Read = either(() => ({
  1: message(() => ({
    1: one("nullable", flag),
    11: one("maximum", number),
    13: one("minimum", number),
    15: one("maxLength", number),
    16: one("minLength", number),
    17: one("pattern"),
    18: one("maxItems", number),
    19: one("minItems", number),
    20: one("uniqueItems", flag),
    23: many("required"),
    24: many("enum", any),
    25: one("type"),
    26: many("allOf", v3Schema),
    30: one(
      "items",
      either(() => ({ 1: v3Schema })),
    ),
    31: one("properties", byName(1, v3Schema)),
    32: one(
      "additionalProperties",
      either(() => ({ 1: v3Schema })),
    ),
    33: one("default", (value) =>
      bytesOf(value).length === 0 ? "no scalar" : either(() => ({ 1: number, 2: flag, 3: text }))(value),
    ),
    34: one("description"),
    35: one("format"),
    36: extensions,
  })),
  2: reference,
}));

const v3Content = byName(
  1,
  message(() => ({ 1: one("schema", v3Schema) })),
);

const v3Parameter: Read = either(() => ({
  1: message(() => ({
    1: one("name"),
    2: one("in"),
    3: one("description"),
    4: one("required", flag),
    10: one("schema", v3Schema),
  })),
}));

const v3Operation: Read = message(() => ({
  1: many("tags"),
  3: one("description"),
  5: one("operationId"),
  6: many("parameters", v3Parameter),
  7: one(
    "requestBody",
    either(() => ({ 1: message(() => ({ 2: one("content", v3Content), 3: one("required", flag) })) })),
  ),
  8: one(
    "responses",
    byName(
      2,
      either(() => ({ 1: message(() => ({ 1: one("description"), 3: one("content", v3Content) })) })),
    ),
  ),
  13: extensions,
}));

const v3Scheme = either(() => ({
  1: message(() => ({ 1: one("type"), 2: one("description"), 3: one("name"), 4: one("in") })),
}));

/** What is no scalar has no value as a default: it reads as `no scalar`. */
export const readV3 = message(() => ({
  1: one("openapi"),
  2: one(
    "info",
    message(() => ({ 1: one("title"), 6: one("version") })),
  ),
  4: one(
    "paths",
    byName(
      1,
      message(() => ({
        4: one("get", v3Operation),
        5: one("put", v3Operation),
        6: one("post", v3Operation),
        7: one("delete", v3Operation),
        10: one("patch", v3Operation),
        13: many("parameters", v3Parameter),
      })),
    ),
  ),
  5: one(
    "components",
    message(() => ({ 1: one("schemas", byName(1, v3Schema)), 7: one("securitySchemes", byName(1, v3Scheme)) })),
  ),
}));
