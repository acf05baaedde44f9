/** Documents to Objects. */
import { isObject } from "../../lib/json-object.ts";
import { ManifestError } from "../manifest-error.ts";
import type { KubeObject } from "../object.ts";
import type { Place, YamlReading } from "../yaml/composed.ts";
import type { YamlDocument } from "../yaml/yaml-document.ts";

/** An Object, and where it was written. */
export interface Manifest extends Omit<YamlDocument, "value" | "grown"> {
  object: KubeObject;
}

export interface Reading extends YamlReading {
  /** `metadata.name` may be absent beside `generateName`. */
  allowGenerateName?: boolean;
}

/**
 * The Objects of a file's documents in order: Lists flattened. All or nothing: throws a ManifestError that names the place and what to do; with
 * `onFault` only what keeps the whole file from being read.
 */
export const objectsIn = (documents: readonly YamlDocument[], reading: Reading = {}): Manifest[] =>
  documents.flatMap((document) => objectsAt(document, "", document.value, reading));

function objectsAt(document: YamlDocument, path: string, value: unknown, reading: Reading): Manifest[] {
  try {
    return objectsOf(document, path, value, reading);
  } catch (error) {
    if (!reading.onFault || !(error instanceof ManifestError)) throw error;
    reading.onFault(error);
    return [];
  }
}

/** The Object at `path` of the document, or the Objects of the List there. */
function objectsOf(document: YamlDocument, path: string, value: unknown, reading: Reading): Manifest[] {
  const lineOf = (fieldPath: string): Place | undefined => {
    const field = fieldPath.replace(/^\$?\.?/, "");
    return document.lineOf(path && field && !field.startsWith("[") ? `${path}.${field}` : path + field);
  };
  const refuse = (field: string, problem: string): never => {
    const { line, column } = lineOf(field) ?? lineOf("metadata") ?? lineOf("") ?? { line: document.line, column: 1 };
    throw new ManifestError({ file: document.file, document: document.document, line, column }, problem);
  };
  if (!isObject(value)) {
    if (path !== "" && value === null) return [];
    return refuse("", "an Object is a map with apiVersion, kind and metadata");
  }
  for (const field of ["apiVersion", "kind"]) {
    if (typeof value[field] !== "string" || value[field] === "") {
      refuse(field in value ? field : "", `${field} must be a string that is not empty`);
    }
  }
  if (String(value.kind).endsWith("List") && Array.isArray(value.items)) {
    return value.items.flatMap((item, index) =>
      objectsAt(document, `${path ? `${path}.` : ""}items[${index}]`, item, reading),
    );
  }
  checkMetadata(value.metadata, refuse, reading);
  const { file, document: index } = document;
  const line = (path === "" ? undefined : lineOf("")?.line) ?? document.line;
  return [{ object: value as unknown as KubeObject, file, document: index, line, lineOf }];
}

function checkMetadata(
  metadata: unknown,
  refuse: (field: string, problem: string) => never,
  { allowGenerateName }: Reading,
): void {
  if (!isObject(metadata)) {
    refuse("metadata", "metadata must be a map with at least a name");
    return;
  }
  const generated = allowGenerateName && typeof metadata.generateName === "string" && metadata.name === undefined;
  if (!generated && (typeof metadata.name !== "string" || metadata.name === "")) {
    refuse("metadata.name", "metadata.name must be a string that is not empty; put numbers in quotes");
  }
  if (metadata.namespace !== undefined && typeof metadata.namespace !== "string") {
    refuse("metadata.namespace", "metadata.namespace must be a string; put numbers in quotes");
  }
}
