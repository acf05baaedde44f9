import type { KubeObject } from "../../api/object.ts";
import type { FieldError } from "../validation/field-error.ts";
import { newCauses } from "../validation/ratcheting.ts";
import type { Content, Kind } from "./kind.ts";

/** What is wrong with a new Object that fits its schema. */
export const validateCreate = (kind: Kind, next: KubeObject): FieldError[] => kind.validate?.(next) ?? [];

/** What is wrong with a change: faults that are stored already, and that it leaves alone, are not. */
export const validateUpdate = (kind: Kind, current: KubeObject, next: KubeObject): FieldError[] => [
  ...newCauses((object) => validateCreate(kind, object), current, next),
  ...(kind.validateUpdate?.(current, next) ?? []),
];

/** Warnings: what is allowed but probably not meant. */
export const warningsOf = (kind: Kind, next: KubeObject, content: Content): string[] =>
  kind.warnings?.(next, content) ?? [];
