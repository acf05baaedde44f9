import type { JsonObject } from "../../../lib/json-object.ts";
import { any, byName, each, either, flag, one, record } from "./protobuf-record.ts";
import { bytesOf, double, type Field, flag as flagField, message, nested, whole } from "./protobuf-writer.ts";

/**
 * A document of version 3 as a message `openapi.v3.Document` (google/gnostic, `openapiv3/OpenAPIv3.proto`), as the real server offers it beside JSON. The
 * numbers are those of that file.
 */
export const v3Protobuf = (document: JsonObject): Buffer => bytesOf(documentOf(document));

const documentOf = record({
  openapi: one(1),
  info: one(2, record({ title: one(1), version: one(6) })),
  paths: one(4, byName(1, pathItem)),
  components: one(
    5,
    record({
      schemas: one(1, byName(1, schema)),
      securitySchemes: one(
        7,
        byName(1, either(1, record({ type: one(1), description: one(2), name: one(3), in: one(4) }))),
      ),
    }),
  ),
});

const contentOf = byName(1, record({ schema: one(1, schema) }));

const parametersAt = (field: number) =>
  each(
    field,
    either(1, record({ name: one(1), in: one(2), description: one(3), required: flag(4), schema: one(10, schema) })),
  );

const operationOf = record(
  {
    tags: each(1),
    description: one(3),
    operationId: one(5),
    parameters: parametersAt(6),
    requestBody: one(7, either(1, record({ content: one(2, contentOf), required: flag(3) }))),
    responses: one(8, byName(2, either(1, record({ description: one(1), content: one(3, contentOf) })))),
  },
  13,
);

const pathItemOf = record({
  get: one(4, operationOf),
  put: one(5, operationOf),
  post: one(6, operationOf),
  delete: one(7, operationOf),
  patch: one(10, operationOf),
  parameters: parametersAt(13),
});

const schemaOf = record(
  {
    nullable: flag(1),
    maximum: (value: number) => double(11, value),
    minimum: (value: number) => double(13, value),
    maxLength: (value: number) => whole(15, value),
    minLength: (value: number) => whole(16, value),
    pattern: one(17),
    maxItems: (value: number) => whole(18, value),
    minItems: (value: number) => whole(19, value),
    uniqueItems: flag(20),
    required: each(23),
    enum: each(24, any),
    type: one(25),
    allOf: each(26, schema),
    items: one(30, either(1, schema)),
    properties: one(31, byName(1, schema)),
    additionalProperties: one(32, either(1, schema)),
    default: one(33, scalar),
    description: one(34),
    format: one(35),
  },
  36,
);

// Tables of messages that hold each other name them before they are there.
function pathItem(value: object): Field {
  return pathItemOf(value);
}

function schema(value: JsonObject): Field {
  return typeof value.$ref === "string" ? nested(2, nested(1, value.$ref)) : nested(1, schemaOf(value));
}

/** Of a default that is a list or an object the format can only say that there is one. */
function scalar(value: unknown): Field {
  if (typeof value === "number") return double(1, value);
  if (typeof value === "boolean") return flagField(2, value);
  return typeof value === "string" ? nested(3, value) : message();
}
