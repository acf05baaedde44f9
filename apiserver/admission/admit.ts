import { invalid } from "../../api/errors.ts";
import type { ObjectMeta } from "../../api/object.ts";
import type { Resource } from "../../api/scheme.ts";
import type { JsonObject } from "../../lib/json-object.ts";
import type { FieldError } from "../validation/field-error.ts";
import { applyDefaults } from "./default.ts";
import { listTypeCauses } from "./list-types.ts";
import { prune, type UnknownField } from "./prune.ts";
import type { KindSchema, Schema } from "./schema.ts";
import type { AdmissionDefaults } from "./template-defaults.ts";
import { judgeUnknownFields } from "./unknown-fields.ts";
import { validateSchema } from "./validate.ts";
import type { WriteContext } from "./write-context.ts";

/** What admission must know of a kind. */
export interface Admissible {
  readonly resource: Resource;
  readonly schema: KindSchema;
  /** Fills in, in place, what the operator's configuration says of absent fields. */
  applyConfiguredDefaults?(fields: JsonObject, defaults: AdmissionDefaults): void;
}

/** A body that fits the schema of its kind: pruned, defaulted, a copy of its own. */
export interface Admitted {
  metadata: ObjectMeta;
  /** The fields beside apiVersion, kind, metadata, and the status of kinds with a status subresource. */
  fields: JsonObject;
  warnings: string[];
}

/**
 * Prune, default, validate against the schema. Throws BadRequest for unknown fields under `Strict`, and Invalid with all the
 * schema's faults. Expects a well-formed body whose apiVersion and kind are right.
 */
export function admitObject(
  kind: Admissible,
  body: JsonObject,
  fieldValidation: WriteContext["fieldValidation"],
  defaults: AdmissionDefaults,
): Admitted {
  const { resource, schema } = kind;
  const unknown: UnknownField[] = [];
  const { apiVersion: _apiVersion, kind: _kind, metadata: clientMetadata, ...rest } = body;
  if (schema.status) delete rest.status;
  const metadata = prune(clientMetadata, schema.metadata, "metadata", unknown) as JsonObject;
  const fields = prune(rest, schema.body, "", unknown) as JsonObject;
  const warnings = judgeUnknownFields(resource, unknown, fieldValidation);
  kind.applyConfiguredDefaults?.(fields, defaults);
  applyDefaults(fields, schema.body);
  const causes = [
    ...schemaAndListCauses(metadata, schema.metadata, "metadata"),
    ...schemaAndListCauses(fields, schema.body, ""),
  ];
  refuse(resource, typeof metadata.name === "string" ? metadata.name : "", causes);
  return { metadata: metadata as unknown as ObjectMeta, fields, warnings };
}

/** The same for `status` alone: a stored spec that newer rules would refuse does not keep a status from being written. */
export function admitStatus(
  { resource, schema: { status: schema } }: Admissible,
  name: string,
  body: JsonObject,
  fieldValidation: WriteContext["fieldValidation"],
): { status: JsonObject | undefined; warnings: string[] } {
  if (!schema || body.status === undefined || body.status === null) return { status: undefined, warnings: [] };
  const unknown: UnknownField[] = [];
  const status = prune(body.status, schema, "status", unknown) as JsonObject;
  const warnings = judgeUnknownFields(resource, unknown, fieldValidation);
  refuse(resource, name, schemaAndListCauses(status, schema, "status"));
  return { status, warnings };
}

export function refuse(resource: Resource, name: string, causes: FieldError[]): void {
  if (causes.length > 0) throw invalid(resource, name, causes);
}

function schemaAndListCauses(value: unknown, schema: Schema, path: string): FieldError[] {
  const causes = validateSchema(value, schema, path);
  return causes.length > 0 ? causes : listTypeCauses(value, schema, path);
}
