import { isObject, type JsonObject } from "../../lib/json-object.ts";
import { type Component, reachable } from "./components/components.ts";
import { componentsOf, type Operation } from "./operations.ts";
import { type Parameter, pretty } from "./parameters.ts";

/** What is used of an OpenAPI 2.0 document; `v2-protobuf.ts` writes the same in another form. */
export interface V2Document {
  swagger: "2.0";
  info: { title: string; version: string };
  paths: Readonly<Record<string, V2Path>>;
  definitions: Readonly<Record<string, V2Schema>>;
}

/** Its operations by method. */
export type V2Path = { parameters: V2Parameter[] } & Readonly<Record<string, V2Operation | V2Parameter[]>>;

export interface V2Operation {
  operationId: string;
  description: string;
  tags: string[];
  consumes: readonly string[];
  produces: readonly string[];
  parameters: V2Parameter[];
  responses: Readonly<Record<string, { description: string; schema: V2Schema }>>;
  "x-kubernetes-action": string;
  "x-kubernetes-group-version-kind": object;
}

export interface V2Parameter {
  name: string;
  in: "query" | "path" | "body";
  description?: string;
  required?: boolean;
  type?: string;
  uniqueItems?: boolean;
  schema?: V2Schema;
}

export type V2Schema = Readonly<JsonObject>;

/** One document of everything that is served, for clients that do not know version 3. */
export function v2Document(
  operations: readonly Operation[],
  components: ReadonlyMap<string, Component>,
  info: V2Document["info"],
): V2Document {
  const paths = [...Map.groupBy(operations, ({ path }) => path)].sort(([a], [b]) => (a < b ? -1 : 1));
  const names = reachable(components, componentsOf(operations));
  return {
    swagger: "2.0",
    info,
    paths: Object.fromEntries(paths.map(([path, own]) => [path, pathItem(own)])),
    definitions: Object.fromEntries(names.map((name) => [name, v2Schema(components.get(name) ?? {})])),
  };
}

function pathItem(operations: readonly Operation[]): V2Path {
  const [{ pathParameters } = { pathParameters: [] }] = operations;
  return {
    ...Object.fromEntries(operations.map((one) => [one.method, operation(one)])),
    parameters: [...pathParameters, pretty].map(parameter),
  };
}

const parameter = ({ name, in: place, type, description }: Parameter): V2Parameter => ({
  name,
  in: place,
  description,
  ...(place === "path" ? { required: true } : {}),
  type,
  uniqueItems: true,
});

function operation({ id, description, action, kind, parameters, body, answers, tag }: Operation): V2Operation {
  const inBody: V2Parameter[] = body
    ? [{ name: "body", in: "body", required: body.isRequired, schema: v2Schema({ $ref: body.component }) }]
    : [];
  return {
    operationId: id,
    description,
    tags: [tag],
    consumes: body?.mediaTypes ?? ["*/*"],
    produces: ["application/json", "application/yaml"],
    parameters: [...inBody, ...parameters.map(parameter)],
    responses: Object.fromEntries(
      Object.entries(answers).map(([code, answer]) => [
        code,
        {
          description: answer.description,
          schema: answer.component ? v2Schema({ $ref: answer.component }) : { type: "string" },
        },
      ]),
    ),
    "x-kubernetes-action": action,
    "x-kubernetes-group-version-kind": kind,
  };
}

/** Without what version 2 does not have, and without defaults, as the real server leaves them out there. */
function v2Schema(schema: Component): V2Schema {
  const { $ref, properties, items, additionalProperties, nullable: _, default: _value, ...rest } = schema;
  return {
    ...rest,
    ...(typeof $ref === "string" ? { $ref: `#/definitions/${$ref}` } : {}),
    ...(isObject(properties) ? { properties: eachSchema(properties) } : {}),
    ...(isObject(items) ? { items: v2Schema(items) } : {}),
    ...(isObject(additionalProperties) ? { additionalProperties: v2Schema(additionalProperties) } : {}),
  };
}

const eachSchema = (properties: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, v2Schema(field as Component)]));
