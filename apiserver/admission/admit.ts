import { invalid } from "../../api/errors.ts";
import type { ObjectMeta } from "../../api/object.ts";
import type { Resource } from "../../api/scheme.ts";
import type { JsonObject } from "../../lib/json-object.ts";
import type { WriteContext } from "../registry/registry.ts";
import type { FieldError } from "../validation/field-error.ts";
import { type AdmissionDefaults, applyConfiguredDefaults, applyDefaults } from "./default.ts";
import { listTypeCauses } from "./list-types.ts";
import { prune, type UnknownField } from "./prune.ts";
import { type Schema, schemaOf } from "./schema.ts";
import { judgeUnknownFields } from "./unknown-fields.ts";
import { validateSchema } from "./validate.ts";

/** A body that fits the schema of its kind: pruned, defaulted, a copy of its own. */
export interface Admitted {
  metadata: ObjectMeta;
  /** The fields beside apiVersion, kind, metadata, and the status of kinds with a status subresource. */
  fields: JsonObject;
  warnings: string[];
}

/**
 * Prune, default, validate against the schema. Throws BadRequest for unknown fields under `Strict`, and Invalid with all the
 * schema's faults. Expects a wholesome body whose apiVersion and kind are right.
 */
export function admitObject(
  resource: Resource,
  body: JsonObject,
  fieldValidation: WriteContext["fieldValidation"],
  defaults: AdmissionDefaults,
): Admitted {
  const schema = schemaOf(resource);
  const unknown: UnknownField[] = [];
  const { apiVersion: _apiVersion, kind: _kind, metadata: clientMetadata, ...rest } = body;
  if (resource.status) delete rest.status;
  const metadata = prune(clientMetadata, schema.metadata, "metadata", unknown) as JsonObject;
  const fields = prune(rest, schema.body, "", unknown) as JsonObject;
  const warnings = judgeUnknownFields(resource, unknown, fieldValidation);
  if (hasTemplate(resource)) applyConfiguredDefaults(fields.spec, defaults);
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
  resource: Resource,
  name: string,
  body: JsonObject,
  fieldValidation: WriteContext["fieldValidation"],
): { status: JsonObject | undefined; warnings: string[] } {
  const schema = schemaOf(resource).status;
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

const hasTemplate = (resource: Resource): boolean => resource.kind === "Process" || resource.kind === "Instance";
