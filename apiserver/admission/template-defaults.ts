import type { Probe, ProcessSpec } from "../../api/types.generated.ts";
import { isObject, type JsonObject } from "../../lib/json-object.ts";

/** Defaults of the operator's configuration. They stand between what the user wrote and what the schema says. */
export interface AdmissionDefaults {
  backoff?: Partial<NonNullable<ProcessSpec["backoff"]>>;
  probe?: Partial<Pick<Probe, "initialDelaySeconds" | "periodSeconds" | "timeoutSeconds" | "failureThreshold">>;
}

/** Fills in, in place, the operator's defaults of a process template (`spec`). Call it before `applyDefaults`. */
export function applyTemplateDefaults({ spec }: JsonObject, defaults: AdmissionDefaults): void {
  if (!isObject(spec)) return;
  if (defaults.backoff) {
    spec.backoff ??= {};
    fill(spec.backoff, defaults.backoff);
  }
  for (const name of ["startupProbe", "readinessProbe", "livenessProbe"]) fill(spec[name], defaults.probe ?? {});
}

function fill(target: unknown, defaults: object): void {
  if (!isObject(target)) return;
  for (const [key, value] of Object.entries(defaults)) if (value !== undefined) target[key] ??= value;
}
