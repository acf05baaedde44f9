import type { JsonObject } from "../../../lib/json-object.ts";
import type { V2Document, V2Parameter } from "../v2.ts";
import { any, byName, each, either, flag, one, record } from "./protobuf-record.ts";
import { bytesOf, double, type Field, nested, whole } from "./protobuf-writer.ts";

/**
 * The same document as a message `openapi.v2.Document` (google/gnostic, `openapiv2/OpenAPIv2.proto`), the only form in which kubectl takes
 * version 2. The numbers are those of that file.
 */
export const v2Protobuf = (document: V2Document): Buffer => bytesOf(documentOf(document));

const documentOf = record({
  swagger: one(1),
  info: one(2, record({ title: one(1), version: one(2) })),
  paths: one(8, byName(2, pathItem)),
  definitions: one(9, byName(1, schema)),
});

const operationOf = record(
  {
    tags: each(1),
    description: one(3),
    operationId: one(5),
    produces: each(6),
    consumes: each(7),
    parameters: each(8, parameter),
    responses: one(9, byName(1, response)),
  },
  13,
);

const pathItemOf = record({
  get: one(2, operationOf),
  put: one(3, operationOf),
  post: one(4, operationOf),
  delete: one(5, operationOf),
  patch: one(8, operationOf),
  parameters: each(9, parameter),
});

const responseOf = record({ description: one(1), schema: one(2, either(1, schema)) });

const inBody = record({ name: one(2), in: one(3), required: flag(4), schema: one(5, schema) });
const inPath = record({
  required: flag(1),
  in: one(2),
  description: one(3),
  name: one(4),
  type: one(5),
  uniqueItems: flag(20),
});
const inQuery = record({
  required: flag(1),
  in: one(2),
  description: one(3),
  name: one(4),
  type: one(6),
  uniqueItems: flag(20),
});

const schemaOf = record(
  {
    $ref: one(1),
    format: one(2),
    description: one(4),
    maximum: (value: number) => double(7, value),
    minimum: (value: number) => double(9, value),
    maxLength: (value: number) => whole(11, value),
    minLength: (value: number) => whole(12, value),
    pattern: one(13),
    maxItems: (value: number) => whole(14, value),
    minItems: (value: number) => whole(15, value),
    required: each(19),
    enum: each(20, any),
    additionalProperties: one(21, either(1, schema)),
    type: one(22, either(1)),
    items: one(23, either(1, schema)),
    properties: one(25, byName(1, schema)),
  },
  31,
);

// Tables of messages that hold each other name them before they are there.
function pathItem(value: object): Field {
  return pathItemOf(value);
}

function response(value: object): Field {
  return nested(1, responseOf(value));
}

function schema(value: JsonObject): Field {
  return schemaOf(value);
}

function parameter(value: V2Parameter): Field {
  if (value.schema) return nested(1, nested(1, inBody(value)));
  return nested(1, nested(2, value.in === "path" ? nested(4, inPath(value)) : nested(3, inQuery(value))));
}
