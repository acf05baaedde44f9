import type { DeleteOptions } from "../../api/client.ts";
import { badRequest, type StatusCause } from "../../api/errors.ts";
import { isObject } from "../../lib/json-object.ts";
import { dryRunOf, invalidOptions, unsupported } from "../http/query.ts";
import { invalidValue } from "../validation/field-error.ts";

const propagations = ["Foreground", "Background", "Orphan"] as const;

/** What `DeleteOptions` ask for; `what` names them. Throws BadRequest or Invalid. */
export function readDeleteOptions(said: unknown, what: string): DeleteOptions {
  const given = asRecord(said, what);
  const kind = given.get("kind");
  if (kind !== undefined && kind !== "DeleteOptions")
    throw badRequest(`${what} must be DeleteOptions, not ${JSON.stringify(kind)}`);
  const causes: StatusCause[] = [];
  const options: DeleteOptions = {};
  const dryRun = given.get("dryRun") ?? [];
  if (dryRunOf(Array.isArray(dryRun) ? dryRun : [dryRun], causes)) options.dryRun = true;
  const propagation = propagationOf(given, causes);
  if (propagation) options.propagation = propagation;
  const grace = given.get("gracePeriodSeconds");
  if (typeof grace === "number" && Number.isInteger(grace) && grace >= 0) options.gracePeriodSeconds = grace;
  else if (grace !== undefined && grace !== null) {
    causes.push({
      reason: "FieldValueInvalid",
      message: `Invalid value: ${JSON.stringify(grace)}: must be a whole number, not negative`,
      field: "gracePeriodSeconds",
    });
  }
  const preconditions = preconditionsOf(given.get("preconditions"), causes);
  if (preconditions) options.preconditions = preconditions;
  if (causes.length > 0) throw invalidOptions("DeleteOptions", causes);
  return options;
}

function propagationOf(given: Map<string, unknown>, causes: StatusCause[]): DeleteOptions["propagation"] {
  const said = given.get("propagationPolicy") ?? undefined;
  const orphan = given.get("orphanDependents");
  if (said === undefined) return orphan === true ? "Orphan" : orphan === false ? "Background" : undefined;
  const known = propagations.find((policy) => policy === said);
  if (orphan !== undefined && orphan !== null) {
    const both = "orphanDependents and deletionPropagation cannot be both set";
    causes.push(invalidValue("propagationPolicy", String(said), both));
  } else if (!known) causes.push(unsupported("propagationPolicy", String(said), [...propagations, "nil"]));
  return known;
}

function preconditionsOf(value: unknown, causes: StatusCause[]): DeleteOptions["preconditions"] {
  if (value === undefined || value === null) return undefined;
  const given = asRecord(value, "preconditions");
  const result: NonNullable<DeleteOptions["preconditions"]> = {};
  for (const field of ["uid", "resourceVersion"] as const) {
    const wanted = given.get(field) ?? undefined;
    if (typeof wanted === "string") result[field] = wanted;
    else if (wanted !== undefined)
      causes.push({
        reason: "FieldValueTypeInvalid",
        message: "Invalid value: must be a string",
        field: `preconditions.${field}`,
      });
  }
  return result;
}

function asRecord(value: unknown, what: string): Map<string, unknown> {
  if (!isObject(value)) throw badRequest(`${what} must be an object`);
  return new Map(Object.entries(value));
}
