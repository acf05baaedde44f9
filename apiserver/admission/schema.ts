import { schemas } from "../../api/schemas.generated.ts";
import { hasSubresource, type Resource } from "../../api/scheme.ts";

/** What is used of a structural JSON Schema (draft 7 with Kubernetes' extensions). */
export interface Schema {
  type?: string | readonly string[];
  const?: unknown;
  enum?: readonly unknown[];
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  format?: "date-time" | "byte";
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  properties?: Readonly<Record<string, Schema>>;
  additionalProperties?: Schema;
  items?: Schema;
  required?: readonly string[];
  default?: unknown;
  "x-kubernetes-list-type"?: "atomic" | "set" | "map";
  "x-kubernetes-list-map-keys"?: readonly string[];
  "x-kubernetes-map-type"?: "atomic" | "granular";
  "x-kubernetes-preserve-unknown-fields"?: boolean;
  /** How a strategic merge patch changes it: `merge`, `replace`. */
  "x-kubernetes-patch-strategy"?: string;
  "x-kubernetes-patch-merge-key"?: string;
}

/** The schema of a kind, and in three parts: metadata is the same for all, and status is written on its own. */
export interface KindSchema {
  whole: Schema;
  metadata: Schema;
  /** Everything but apiVersion, kind, metadata, and the status of kinds with a status subresource. */
  body: Schema;
  status: Schema | undefined;
}

/** What `schemas/` says of a kind; a kind that it does not know has an empty body. */
export function schemaOf(resource: Pick<Resource, "kind" | "subresources">): KindSchema {
  const schema = (schemas as unknown as Record<string, Schema>)[resource.kind] ?? {};
  return split(schema, hasSubresource(resource, "status"));
}

function split(schema: Schema, hasStatus: boolean): KindSchema {
  const elsewhere = ["apiVersion", "kind", "metadata", ...(hasStatus ? ["status"] : [])];
  const properties = Object.entries(schema.properties ?? {});
  return {
    whole: { type: "object", properties: { ...schema.properties, ...objectProperties } },
    metadata: sharedMetadata,
    body: {
      type: "object",
      properties: Object.fromEntries(properties.filter(([name]) => !elsewhere.includes(name))),
      required: (schema.required ?? []).filter((name) => !elsewhere.includes(name)),
    },
    status: hasStatus ? schema.properties?.status : undefined,
  };
}

const text: Schema = { type: "string" };

/** One schema for all kinds, so that what is cached about it is computed once. */
const sharedMetadata = schemas.Process.properties.metadata as unknown as Schema;

/** What an Object of every kind has. */
const objectProperties = { apiVersion: text, kind: text, metadata: sharedMetadata };

/** What is known of fields and items that the schema does not name: admission judges them. */
const anything: Schema = {};

export const fieldSchema = ({ properties, additionalProperties }: Schema, name: string): Schema =>
  (properties && Object.hasOwn(properties, name) ? properties[name] : additionalProperties) ?? anything;

export const itemSchema = ({ items }: Schema): Schema => items ?? anything;

export const allowsNull = (schema: Schema): boolean => Array.isArray(schema.type) && schema.type.includes("null");
