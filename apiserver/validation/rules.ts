import type { KubeObject } from "../../api/object.ts";
import { sameJson } from "../../lib/same-json.ts";
import { configMapCauses, configMapUpdateCauses } from "../kinds/config-map.ts";
import { revisionCauses, revisionUpdateCauses } from "../kinds/controller-revision.ts";
import { eventCauses } from "../kinds/event.ts";
import { instanceCauses, instanceUpdateCauses } from "../kinds/instance.ts";
import { processCauses } from "../kinds/process.ts";
import { secretCauses, secretUpdateCauses } from "../kinds/secret.ts";
import type { FieldError } from "./field-error.ts";

/** What a kind demands beyond its schema. Both are pure, and may trust that their Objects fit the schema. */
export interface Rules {
  object(next: KubeObject): FieldError[];
  update?(current: KubeObject, next: KubeObject): FieldError[];
}

const rules = <T extends KubeObject>(own: {
  object(next: T): FieldError[];
  update?(current: T, next: T): FieldError[];
}): Rules => own as unknown as Rules;

const byKind: ReadonlyMap<string, Rules> = new Map([
  ["Process", rules({ object: processCauses })],
  ["Instance", rules({ object: instanceCauses, update: instanceUpdateCauses })],
  ["Secret", rules({ object: secretCauses, update: secretUpdateCauses })],
  ["ConfigMap", rules({ object: configMapCauses, update: configMapUpdateCauses })],
  ["ControllerRevision", rules({ object: revisionCauses, update: revisionUpdateCauses })],
  ["Event", rules({ object: eventCauses })],
]);

export const objectCauses = (next: KubeObject): FieldError[] => byKind.get(next.kind)?.object(next) ?? [];

export const updateCauses = (current: KubeObject, next: KubeObject): FieldError[] => [
  ...newCauses(current, next),
  ...(byKind.get(next.kind)?.update?.(current, next) ?? []),
];

/**
 * Without the faults that are stored already, in fields that this write leaves alone (Kubernetes' validation ratcheting, KEP-4008): an Object
 * that an earlier version admitted by fewer rules must still be scaled, labelled and let go.
 */
function newCauses(current: KubeObject, next: KubeObject): FieldError[] {
  const causes = objectCauses(next);
  if (causes.length === 0) return causes;
  const stored = objectCauses(current);
  const isStored = (cause: FieldError): boolean => stored.some((one) => sameJson(one, cause));
  return causes.filter((cause) => !isStored(cause) || !sameJson(placeOf(current, cause), placeOf(next, cause)));
}

/** The part of an Object that a fault is in: a field of the spec, or whatever else stands at the top. */
function placeOf(object: KubeObject, { field }: FieldError): unknown {
  const [top = "", below = ""] = field.split(/[.[]/, 2);
  const part = (object as unknown as Record<string, unknown>)[top];
  return top === "spec" ? (part as Record<string, unknown> | undefined)?.[below] : part;
}
