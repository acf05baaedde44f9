import { isObject, type JsonObject } from "../../lib/json-object.ts";
import { type Component, reachable } from "./components/components.ts";
import { componentsOf, type Operation } from "./operations.ts";
import { type Parameter, pretty } from "./parameters.ts";

/** The OpenAPI 3.0 document of some operations, as the real server makes one for each group version. */
export function v3Document(
  operations: readonly Operation[],
  components: ReadonlyMap<string, Component>,
  info: { title: string; version: string },
): JsonObject {
  const names = reachable(components, componentsOf(operations));
  return {
    openapi: "3.0.0",
    info,
    paths: Object.fromEntries(
      [...Map.groupBy(operations, ({ path }) => path)].sort(byName).map(([path, own]) => [path, pathItem(own)]),
    ),
    components: {
      schemas: Object.fromEntries(names.map((name) => [name, v3Schema(components.get(name) ?? {})])),
      securitySchemes: {
        BearerToken: {
          type: "apiKey",
          name: "authorization",
          in: "header",
          description: "Bearer Token authentication",
        },
      },
    },
  };
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);

function pathItem(operations: readonly Operation[]): JsonObject {
  const [{ pathParameters } = { pathParameters: [] }] = operations;
  return {
    parameters: [...pathParameters, pretty].map(parameter),
    ...Object.fromEntries(operations.map((one) => [one.method, operation(one)])),
  };
}

const parameter = ({ name, in: place, type, description }: Parameter): JsonObject => ({
  name,
  in: place,
  description,
  ...(place === "path" ? { required: true } : {}),
  schema: { type, uniqueItems: true },
});

function operation({ id, description, action, kind, parameters, body, answers, tag }: Operation): JsonObject {
  return {
    tags: [tag],
    description,
    operationId: id,
    ...(parameters.length > 0 ? { parameters: parameters.map(parameter) } : {}),
    ...(body ? { requestBody: { ...content(body.component, body.mediaTypes), required: body.isRequired } } : {}),
    responses: Object.fromEntries(
      Object.entries(answers).map(([code, answer]) => [code, { description: answer.description, ...answered(answer) }]),
    ),
    "x-kubernetes-action": action,
    "x-kubernetes-group-version-kind": kind,
  };
}

const content = (component: string, mediaTypes: readonly string[]): JsonObject => ({
  content: Object.fromEntries(mediaTypes.map((type) => [type, { schema: v3Schema({ $ref: component }) }])),
});

const answered = ({ component }: { component?: string }): JsonObject =>
  component
    ? content(component, ["application/json", "application/yaml"])
    : { content: { "text/plain": { schema: { type: "string" } } } };

/** What stands beside a reference would be ignored in OpenAPI 3.0, so that then it is wrapped. */
function v3Schema(schema: Component): JsonObject {
  const { $ref, properties, items, additionalProperties, ...rest } = schema;
  if (typeof $ref === "string") {
    const reference = { $ref: `#/components/schemas/${$ref}` };
    return Object.keys(rest).length === 0 ? reference : { allOf: [reference], ...rest };
  }
  return {
    ...rest,
    ...(isObject(properties) ? { properties: eachSchema(properties) } : {}),
    ...(isObject(items) ? { items: v3Schema(items) } : {}),
    ...(isObject(additionalProperties) ? { additionalProperties: v3Schema(additionalProperties) } : {}),
  };
}

const eachSchema = (properties: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, v3Schema(field as Component)]));
