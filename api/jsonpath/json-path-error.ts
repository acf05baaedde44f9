/** A template or path that is not kubectl's JSONPath, or that cannot be answered. */
export class JsonPathError extends Error {
  override readonly name = "JsonPathError";
}
