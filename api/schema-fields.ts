/** The part of a JSON Schema, with its references resolved, that people read. */
export interface ReadableSchema {
  title?: string;
  type?: string | readonly string[];
  description?: string;
  default?: unknown;
  const?: unknown;
  enum?: readonly unknown[];
  required?: readonly string[];
  properties?: Readonly<Record<string, ReadableSchema>>;
  additionalProperties?: ReadableSchema | boolean;
  items?: ReadableSchema;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  maxLength?: number;
}

/** One field of an object, as `wctl explain` and docs/kinds tell of it. */
export interface SchemaField {
  name: string;
  /** `string`, `[]EnvVar`, `map[string]string`, `integer or string`, `Object`. */
  type: string;
  isRequired: boolean;
  /** As one would write it in a manifest. Absent when there is none, or when it is only the defaults of the fields below. */
  default?: string;
  /** `Always, OnFailure, Never`; `1 to 65535`; `at most 32 items`. Absent when the type says it all. */
  allowed?: string;
  description: string;
  /** The object that this field holds, or that its list or map holds: the one with the fields below. */
  object?: ReadableSchema;
}

/** In the order of the schema, which is the order in which they are best read. */
export function fieldsOf(schema: ReadableSchema): SchemaField[] {
  return Object.entries(schema.properties ?? {}).map(([name, field]) => {
    const object = objectIn(field);
    const allowed = allowedIn(field);
    const shown = defaultOf(field);
    return {
      name,
      type: typeOf(field),
      isRequired: schema.required?.includes(name) ?? false,
      ...(shown === undefined ? {} : { default: shown }),
      ...(allowed === undefined ? {} : { allowed }),
      description: field.description ?? "",
      ...(object ? { object } : {}),
    };
  });
}

/** What a path names: `spec.stop.preStop`, also through lists and maps. Undefined when a part of it is not there. */
export function schemaAt(root: ReadableSchema, path: readonly string[]): ReadableSchema | undefined {
  let found: ReadableSchema | undefined = root;
  for (const part of path) found = (found && objectIn(found))?.properties?.[part];
  return found;
}

/** The object with the fields, through lists and maps. Undefined for what has none. */
export function objectIn(schema: ReadableSchema): ReadableSchema | undefined {
  if (schema.properties) return schema;
  if (schema.items) return objectIn(schema.items);
  return typeof schema.additionalProperties === "object" ? objectIn(schema.additionalProperties) : undefined;
}

export function typeOf(schema: ReadableSchema): string {
  if (schema.items) return `[]${typeOf(schema.items)}`;
  if (typeof schema.additionalProperties === "object") return `map[string]${typeOf(schema.additionalProperties)}`;
  if (schema.properties) return schema.title ?? "Object";
  const types = [schema.type ?? "Object"].flat().filter((type) => type !== "null");
  if (types.includes("object")) return "Object";
  // Every integer is a number too.
  return types.filter((type) => type !== "integer" || !types.includes("number")).join(" or ");
}

function defaultOf({ default: value }: ReadableSchema): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "string") return value;
  const isObject = typeof value === "object" && !Array.isArray(value);
  return isObject ? undefined : JSON.stringify(value);
}

function allowedIn(schema: ReadableSchema): string | undefined {
  if (schema.const !== undefined) return String(schema.const);
  if (schema.enum) return schema.enum.join(", ");
  const { items } = schema;
  const each = items && !items.properties ? allowedIn(items) : undefined;
  const parts = [
    each === undefined ? undefined : items?.enum ? each : `each ${each}`,
    rangeOf(schema.minimum, schema.maximum),
    rangeOf(schema.minItems, schema.maxItems, " items"),
    schema.maxLength === undefined ? undefined : `at most ${schema.maxLength} characters`,
  ].filter((part) => part !== undefined);
  return parts.length > 0 ? parts.join("; ") : undefined;
}

function rangeOf(least: number | undefined, most: number | undefined, what = ""): string | undefined {
  if (least !== undefined && most !== undefined) return `${least} to ${most}${what}`;
  if (least !== undefined) return `at least ${least}${least === 1 && what ? " item" : what}`;
  return most === undefined ? undefined : `at most ${most}${what}`;
}
