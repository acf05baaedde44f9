import { isObject, type JsonObject } from "../../../lib/json-object.ts";
import { ManifestError } from "../../manifest-error.ts";
import type { KubeObject } from "../../object.ts";
import { resourceOfKind } from "../../scheme.ts";
import type { Manifest } from "../manifest.ts";

/** An Object while it is built. */
export interface Built {
  manifest: Manifest;
  /** What it was called in the folders below: a patch of a folder above may call it so. */
  earlier: readonly Id[];
}

export interface Id {
  apiVersion: string;
  kind: string;
  name: string;
  /** Empty when it says none. */
  namespace: string;
}

export const idOf = ({ apiVersion, kind, metadata }: KubeObject): Id => ({
  apiVersion,
  kind,
  name: metadata.name,
  namespace: metadata.namespace ?? "",
});

export const idText = ({ kind, name, namespace }: Id): string => `${kind} ${namespace && `${namespace}/`}${name}`;

export const isSame = (a: Id, b: Id): boolean =>
  a.kind === b.kind && a.name === b.name && a.namespace === b.namespace && a.apiVersion === b.apiVersion;

/** Whoever says no namespace means the Object of that name wherever it is. */
export const isMeant = (id: Id, wanted: Id): boolean =>
  isSame(id, wanted.namespace === "" ? { ...wanted, namespace: id.namespace } : wanted);

/** All that it is or was called. */
export const idsOf = ({ manifest, earlier }: Built): Id[] => [idOf(manifest.object), ...earlier];

/** As many as are compared with what a patch or a generator means. */
export const idsIn = (all: readonly Built[]): number =>
  all.reduce((count, { earlier }) => count + 1 + earlier.length, 0);

/** With another Object in its place, under the name that it has then. */
export function changed(built: Built, object: KubeObject): Built {
  const before = idOf(built.manifest.object);
  const isRenamed = !isSame(before, idOf(object));
  return {
    manifest: { ...built.manifest, object },
    earlier: isRenamed ? [...built.earlier, before] : built.earlier,
  };
}

/** With more labels or annotations. Throws ManifestError when those that it has are no map. */
export function withMetadata(built: Built, field: "labels" | "annotations", more: Record<string, string>): Built {
  const { object } = built.manifest;
  const merged = { ...mapOf(built, object.metadata[field], `metadata.${field}`), ...more };
  return changed(built, { ...object, metadata: { ...object.metadata, [field]: merged } });
}

/** What others are put into. Spread into another map, a text would become one field for each of its characters. */
export function mapOf({ manifest }: Built, value: unknown, field: string): JsonObject {
  if (isObject(value)) return value;
  if (value === undefined || value === null) return {};
  const { file, document, line, lineOf } = manifest;
  throw new ManifestError({ file, document, ...(lineOf(field) ?? { line, column: 1 }) }, `${field} must be a map`);
}

/** Kinds that nobody knows have one, as far as is known; the server says later that they are unknown. */
export const isNamespaced = ({ apiVersion, kind }: KubeObject): boolean =>
  resourceOfKind(apiVersion, kind)?.namespaced ?? true;

export const asObject = (value: JsonObject): KubeObject => value as unknown as KubeObject;
