/** Limits of what bad input may cost: the same for request bodies (JSON) and manifests (YAML). */
export const MAX_BODY_BYTES = 3 * 1024 * 1024;

/** Levels of nesting. */
export const MAX_DEPTH = 64;

/** Keys that could reach a prototype; no field of the API has such a name. */
export const isForbiddenKey = (key: string): boolean =>
  key === "__proto__" || key === "constructor" || key === "prototype";
