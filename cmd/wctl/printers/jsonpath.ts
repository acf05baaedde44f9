import { JsonPathError } from "../../../api/jsonpath/json-path-error.ts";
import { type JsonPathTemplate, parseJsonPath, parseJsonPathTemplate } from "../../../api/jsonpath/jsonpath.ts";
import { Failure } from "../errors/failure.ts";

/** The values at a path that was typed; throws a Failure that quotes it. */
export const valuesAt = (path: string): ((object: unknown) => unknown[]) => understood(path, parseJsonPath);

/** A template that was typed; throws a Failure that quotes it. */
export const jsonPathTemplate = (text: string): JsonPathTemplate => understood(text, parseJsonPathTemplate);

function understood<T>(text: string, parse: (text: string) => T): T {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof JsonPathError) throw new Failure(`error parsing jsonpath ${text}, ${error.message}`);
    throw error;
  }
}
