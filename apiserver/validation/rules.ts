import type { KubeObject } from "../../api/object.ts";
import { configMapCauses, configMapUpdateCauses } from "./config-map.ts";
import { revisionCauses, revisionUpdateCauses } from "./controller-revision.ts";
import { eventCauses } from "./event.ts";
import type { FieldError } from "./field-error.ts";
import { instanceCauses, instanceUpdateCauses } from "./instance.ts";
import { processCauses } from "./process.ts";
import { secretCauses, secretUpdateCauses } from "./secret.ts";

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

export const updateCauses = (current: KubeObject, next: KubeObject): FieldError[] =>
  byKind.get(next.kind)?.update?.(current, next) ?? [];
