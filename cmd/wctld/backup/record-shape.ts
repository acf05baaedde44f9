import { secrets } from "../../../api/scheme.ts";
import { storePrefix } from "../../../apiserver/registry/paths.ts";
import { isObject } from "../../../lib/json-object.ts";
import type { Version } from "../../../store/journal.ts";

/** Where records that do not begin as JSON are encrypted ones. */
const ENCRYPTED = storePrefix(secrets);

/**
 * Has this record of a store the shape that every Object has? What is beyond it is validated when it is written; but readers trust the store with this
 * much, and a checksum is no proof of who wrote it. A deletion is null; a record that is encrypted is read with its key, which proves more.
 */
export function isRecord([, path, json]: Version): boolean {
  if (json === null || (path.startsWith(ENCRYPTED) && !json.startsWith("{"))) return true;
  const object = parsed(json);
  if (!isObject(object) || !isText(object.apiVersion) || !isText(object.kind) || !isObject(object.metadata))
    return false;
  const { name, uid, ownerReferences = [], labels = {}, annotations = {}, finalizers = [] } = object.metadata;
  return (
    isText(name) &&
    isText(uid) &&
    isListOf(ownerReferences, isObject) &&
    isListOf(finalizers, isText) &&
    isObject(labels) &&
    isObject(annotations) &&
    [object.spec, object.status].every((part) => part === undefined || isObject(part))
  );
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
const isListOf = (value: unknown, is: (one: unknown) => boolean): boolean => Array.isArray(value) && value.every(is);

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
