import { isObject, type JsonObject } from "../../lib/json-object.ts";

export interface KindName {
  group: string;
  version: string;
  kind: string;
}

/** One method of one path, as the server's OpenAPI documents have it. */
export interface Operation {
  /** `/api/v1/namespaces/{namespace}/pods/{name}`. */
  path: string;
  /** In capitals. */
  method: string;
  /** Kubernetes' `x-kubernetes-action`: `list`, `deletecollection` and so on. */
  action: string;
  kind: KindName;
  query: readonly { name: string; type: string }[];
  body: { mediaTypes: readonly string[]; schema: JsonObject } | undefined;
  /** By code; undefined where the answer is a text. */
  answers: ReadonlyMap<number, JsonObject | undefined>;
  /** Finds what a schema of this operation refers to. */
  components: Components;
}

/** The schemas of one document. */
export class Components {
  readonly #schemas: JsonObject;

  constructor(schemas: JsonObject) {
    this.#schemas = schemas;
  }

  named(name: string): JsonObject | undefined {
    return this.#schemas[name] as JsonObject | undefined;
  }

  /** The schema itself: references are followed, and what stands beside one is kept. */
  resolve(schema: JsonObject): JsonObject {
    if (typeof schema.$ref === "string") return this.resolve(this.#referredTo(schema.$ref));
    if (!Array.isArray(schema.allOf)) return schema;
    const { allOf, ...beside } = schema;
    return Object.assign({}, ...allOf.map((part) => this.resolve(part as JsonObject)), beside);
  }

  #referredTo(ref: string): JsonObject {
    const found = this.named(ref.replace("#/components/schemas/", ""));
    if (!found) throw new Error(`the document refers to ${ref} and does not have it`);
    return found;
  }
}

/** Everything that the server says it can be asked, from `/openapi/v3` on. `get` resolves with the JSON at a path. */
export async function readPublished(get: (path: string) => Promise<JsonObject>): Promise<Operation[]> {
  const { paths } = await get("/openapi/v3");
  const urls = Object.values(paths as JsonObject).map((entry) => (entry as JsonObject).serverRelativeURL as string);
  const documents = await Promise.all(urls.map(get));
  return documents.flatMap(operationsIn);
}

function operationsIn(document: JsonObject): Operation[] {
  const components = new Components((document.components as JsonObject).schemas as JsonObject);
  return Object.entries(document.paths as JsonObject).flatMap(([path, item]) =>
    Object.entries(item as JsonObject)
      .filter(([method]) => method !== "parameters")
      .map(([method, operation]) => operationOf(path, method, operation as JsonObject, components)),
  );
}

function operationOf(path: string, method: string, operation: JsonObject, components: Components): Operation {
  const parameters = (operation.parameters ?? []) as { name: string; schema: { type: string } }[];
  const body = isObject(operation.requestBody) ? (operation.requestBody.content as JsonObject) : undefined;
  return {
    path,
    method: method.toUpperCase(),
    action: operation["x-kubernetes-action"] as string,
    kind: operation["x-kubernetes-group-version-kind"] as unknown as KindName,
    query: parameters.map(({ name, schema }) => ({ name, type: schema.type })),
    body: body && { mediaTypes: Object.keys(body), schema: schemaIn(body) ?? {} },
    answers: new Map(
      Object.entries(operation.responses as JsonObject).map(([code, answer]) => [
        Number(code),
        schemaIn((answer as JsonObject).content as JsonObject),
      ]),
    ),
    components,
  };
}

/** Of JSON, or of whatever comes first. Undefined where the content is a text. */
function schemaIn(content: JsonObject): JsonObject | undefined {
  if (content["text/plain"]) return undefined;
  return (Object.values(content)[0] as JsonObject).schema as JsonObject;
}
