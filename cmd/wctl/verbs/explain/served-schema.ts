import type { HttpClient } from "../../../../api/http/http-client.ts";
import type { ReadableSchema } from "../../../../api/schema-fields.ts";
import { apiVersionOf, type Resource } from "../../../../api/scheme.ts";
import { isObject, type JsonObject } from "../../../../lib/json-object.ts";

export type ServedKind = Pick<Resource, "group" | "version" | "kind">;

type Components = Readonly<Record<string, JsonObject>>;

/** What the OpenAPI 3 document of the server says of a kind. Undefined when it has none, or does not know the kind. */
export async function servedSchema(
  client: HttpClient,
  kind: ServedKind,
  signal: AbortSignal,
): Promise<ReadableSchema | undefined> {
  const index = JSON.parse(await client.raw("GET", "/openapi/v3", { signal })) as {
    paths?: Record<string, { serverRelativeURL: string }>;
  };
  const url = index.paths?.[`${kind.group ? "apis" : "api"}/${apiVersionOf(kind)}`]?.serverRelativeURL;
  if (!url?.startsWith("/")) return undefined;
  const document = JSON.parse(await client.raw("GET", url, { signal })) as { components?: { schemas?: Components } };
  const components = document.components?.schemas ?? {};
  const found = Object.values(components).find((schema) => isOf(schema, kind));
  return found && readable({ title: kind.kind, ...found }, components, []);
}

function isOf(schema: JsonObject, { group, version, kind }: ServedKind): boolean {
  const named = schema["x-kubernetes-group-version-kind"];
  return (
    Array.isArray(named) && named.some((one) => one.group === group && one.version === version && one.kind === kind)
  );
}

/** With its references followed, each when it is looked at. `above`: what was followed already; a kind that holds itself is shown once. */
function readable(schema: JsonObject, components: Components, above: readonly string[]): ReadableSchema {
  const name = referenceIn(schema);
  if (name !== undefined) {
    const { $ref: _, allOf: _wrapped, ...beside } = schema;
    const target = above.includes(name) ? { properties: {} } : components[name];
    return readable({ ...target, title: name.split(".").at(-1), ...beside }, components, [...above, name]);
  }
  const { properties, items, additionalProperties, ...rest } = schema;
  const either = rest["x-kubernetes-int-or-string"] === true || rest.format === "int-or-string";
  const made: ReadableSchema = { ...rest, ...(either ? { type: ["integer", "string"] } : {}) };
  const below = (one: unknown): ReadableSchema => readable(one as JsonObject, components, above);
  if (isObject(items)) later(made, "items", () => below(items));
  if (isObject(additionalProperties)) later(made, "additionalProperties", () => below(additionalProperties));
  if (isObject(properties))
    later(made, "properties", () =>
      Object.fromEntries(Object.entries(properties).map(([field, one]) => [field, below(one)])),
    );
  return made;
}

/** The name of the component, bare or wrapped because something is said beside it. */
function referenceIn({ $ref, allOf }: JsonObject): string | undefined {
  const wrapped: unknown = Array.isArray(allOf) ? allOf[0]?.$ref : undefined;
  const found = $ref ?? wrapped;
  return typeof found === "string" ? found.replace("#/components/schemas/", "") : undefined;
}

/** Worked out at the first look. */
function later<K extends keyof ReadableSchema>(schema: ReadableSchema, key: K, make: () => ReadableSchema[K]): void {
  let made: { value: ReadableSchema[K] } | undefined;
  Object.defineProperty(schema, key, {
    enumerable: true,
    get: () => {
      made ??= { value: make() };
      return made.value;
    },
  });
}
