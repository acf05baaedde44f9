import type { JsonObject } from "../../../lib/json-object.ts";

/** Components that are written by hand, in few words. References are names of components. */
export const text = (description: string): JsonObject => ({ type: "string", description });
export const whole = (description: string): JsonObject => ({ type: "integer", description });
export const flag = (description: string): JsonObject => ({ type: "boolean", description });
export const time = (description: string): JsonObject => ({ type: "string", format: "date-time", description });
export const ref = ($ref: string, description: string): JsonObject => ({ $ref, description });
export const listOf = (items: JsonObject, description: string): JsonObject => ({ type: "array", description, items });
export const mapOf = (additionalProperties: JsonObject, description: string): JsonObject => ({
  type: "object",
  description,
  additionalProperties,
});

export const object = (description: string, properties: JsonObject, required?: string[]): JsonObject => ({
  type: "object",
  description,
  ...(required ? { required } : {}),
  properties,
});
