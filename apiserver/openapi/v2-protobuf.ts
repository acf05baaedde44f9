import { isObject, type JsonObject } from "../../lib/json-object.ts";
import { bytesOf, double, type Field, flag, message, nested, whole } from "./protobuf-writer.ts";
import type { V2Document, V2Operation, V2Parameter, V2Path, V2Schema } from "./v2.ts";

/**
 * The same document as a message `openapi.v2.Document` (google/gnostic, `openapiv2/OpenAPIv2.proto`), the only form in which kubectl takes
 * version 2. The numbers are those of that file.
 */
export const v2Protobuf = ({ swagger, info, paths, definitions }: V2Document): Buffer =>
  bytesOf(
    message(
      nested(1, swagger),
      nested(2, message(nested(1, info.title), nested(2, info.version))),
      nested(8, message(...Object.entries(paths).map(([path, item]) => named(2, path, pathItem(item))))),
      nested(9, schemasByName(definitions)),
    ),
  );

/** Maps are lists of names and values. */
const named = (field: number, name: string, value: Field): Field =>
  nested(field, message(nested(1, name), nested(2, value)));

/** The text in YAML; JSON is YAML. */
const any = (value: unknown): Field => message(nested(2, JSON.stringify(value)));

const extensions = (field: number, of: object): Field[] =>
  Object.entries(of)
    .filter(([name]) => name.startsWith("x-"))
    .map(([name, value]) => named(field, name, any(value)));

const schemasByName = (schemas: Readonly<Record<string, V2Schema>>): Field =>
  message(...Object.entries(schemas).map(([name, value]) => named(1, name, schema(value))));

const methods = [
  ["get", 2],
  ["put", 3],
  ["post", 4],
  ["delete", 5],
  ["patch", 8],
] as const;

function pathItem(path: V2Path): Field {
  return message(
    ...methods.map(([method, field]) => {
      const one = path[method] as V2Operation | undefined;
      return one && nested(field, operation(one));
    }),
    ...path.parameters.map((one) => nested(9, parameter(one))),
  );
}

const operation = (one: V2Operation): Field =>
  message(
    ...one.tags.map((tag) => nested(1, tag)),
    nested(3, one.description),
    nested(5, one.operationId),
    ...one.produces.map((type) => nested(6, type)),
    ...one.consumes.map((type) => nested(7, type)),
    ...one.parameters.map((each) => nested(8, parameter(each))),
    nested(
      9,
      message(
        ...Object.entries(one.responses).map(([code, { description, schema: answer }]) =>
          named(1, code, nested(1, message(nested(1, description), nested(2, nested(1, schema(answer)))))),
        ),
      ),
    ),
    ...extensions(13, one),
  );

function parameter(one: V2Parameter): Field {
  if (one.schema) {
    const body = message(
      nested(2, one.name),
      nested(3, one.in),
      flag(4, one.required === true),
      nested(5, schema(one.schema)),
    );
    return message(nested(1, nested(1, body)));
  }
  const type = one.in === "path" ? { oneof: 4, type: 5 } : { oneof: 3, type: 6 };
  const fields = message(
    flag(1, one.required === true),
    nested(2, one.in),
    one.description === undefined ? undefined : nested(3, one.description),
    nested(4, one.name),
    one.type === undefined ? undefined : nested(type.type, one.type),
    flag(20, one.uniqueItems === true),
  );
  return message(nested(1, nested(2, nested(type.oneof, fields))));
}

/** Keywords whose value is a text, a number with fraction, a whole number. */
const texts = { $ref: 1, format: 2, description: 4, pattern: 13 } as const;
const doubles = { maximum: 7, minimum: 9 } as const;
const wholes = { maxLength: 11, minLength: 12, maxItems: 14, minItems: 15 } as const;

function schema(one: V2Schema): Field {
  const { required, type, items, properties, additionalProperties } = one;
  return message(
    ...written(one, texts, (field, value) => nested(field, value as string)),
    ...written(one, doubles, (field, value) => double(field, value as number)),
    ...written(one, wholes, (field, value) => whole(field, value as number)),
    ...listOf(required).map((name) => nested(19, name as string)),
    ...listOf(one.enum).map((value) => nested(20, any(value))),
    isObject(additionalProperties) ? nested(21, nested(1, schema(additionalProperties))) : undefined,
    typeof type === "string" ? nested(22, nested(1, type)) : undefined,
    isObject(items) ? nested(23, nested(1, schema(items))) : undefined,
    isObject(properties) ? nested(25, schemasByName(properties as Record<string, JsonObject>)) : undefined,
    ...extensions(31, one),
  );
}

const written = (
  of: V2Schema,
  fields: Readonly<Record<string, number>>,
  write: (field: number, value: unknown) => Field,
): Field[] =>
  Object.entries(fields).flatMap(([keyword, field]) => (of[keyword] === undefined ? [] : [write(field, of[keyword])]));

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
