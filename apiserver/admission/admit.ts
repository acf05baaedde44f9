import type { ObjectMeta } from "../../api/object.ts";
import type { Resource } from "../../api/scheme.ts";
import type { JsonObject } from "../../lib/json-object.ts";
import type { FieldError } from "../validation/field-error.ts";
import { applyDefaults } from "./default.ts";
import { type Faults, independent, refuse } from "./faults.ts";
import { fitting } from "./fitting.ts";
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

/** A body that fits the schema of its kind: pruned, defaulted, a copy of its own. With faults, the part of it that fits. */
export interface Admitted {
  metadata: ObjectMeta;
  /** The fields beside apiVersion, kind, metadata, and the status of kinds with a status subresource. */
  fields: JsonObject;
  warnings: string[];
  /** Whoever admits it must `refuse` these, with what else is wrong. */
  faults: Faults;
}

/**
 * Prune, default, validate against the schema; unknown fields are faults under `Strict`. Expects a well-formed body whose apiVersion and kind are
 * right.
 */
export function admitObject(
  kind: Admissible,
  body: JsonObject,
  fieldValidation: WriteContext["fieldValidation"],
  defaults: AdmissionDefaults,
): Admitted {
  const { schema } = kind;
  const unknown: UnknownField[] = [];
  const { apiVersion: _apiVersion, kind: _kind, metadata: clientMetadata, ...rest } = body;
  if (schema.status) delete rest.status;
  const metadata = prune(clientMetadata, schema.metadata, "metadata", unknown) as JsonObject;
  const fields = prune(rest, schema.body, "", unknown) as JsonObject;
  const { warnings, refused } = judgeUnknownFields(unknown, fieldValidation);
  kind.applyConfiguredDefaults?.(fields, defaults);
  applyDefaults(fields, schema.body);
  const checked = [fitted(metadata, schema.metadata, "metadata"), fitted(fields, schema.body, "")] as const;
  return {
    metadata: checked[0].value as unknown as ObjectMeta,
    fields: checked[1].value,
    warnings,
    faults: { unknown: refused, causes: checked.flatMap(({ causes }) => causes) },
  };
}

/** The same for `status` alone: a stored spec that newer rules would refuse does not keep a status from being written. */
export function admitStatus(
  { resource, schema: { status: schema } }: Admissible,
  name: string,
  body: JsonObject,
  { fieldValidation, patched }: Pick<WriteContext, "fieldValidation" | "patched">,
): { status: JsonObject | undefined; warnings: string[] } {
  if (!schema || body.status === undefined || body.status === null) return { status: undefined, warnings: [] };
  const unknown: UnknownField[] = [];
  const status = prune(body.status, schema, "status", unknown) as JsonObject;
  const { warnings, refused } = judgeUnknownFields(unknown, fieldValidation);
  refuse(resource, name, { unknown: refused, causes: fitted(status, schema, "status").causes, patched }, []);
  return { status, warnings };
}

/** The value, or the part of it that fits its schema, with what is wrong. */
function fitted(value: JsonObject, schema: Schema, path: string): { value: JsonObject; causes: FieldError[] } {
  const causes = validateSchema(value, schema, path);
  if (causes.length === 0) return { value, causes: listTypeCauses(value, schema, path) };
  const part = fitting(value, schema, path, new Set(causes.map(({ field }) => field)));
  return { value: part, causes: [...causes, ...independent(listTypeCauses(part, schema, path), causes)] };
}
