/** What JSON calls an object: a map of fields, as far as anything is known of it. */
export type JsonObject = Record<string, unknown>;

/** Neither null nor an array: both are of type "object" in JavaScript. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
