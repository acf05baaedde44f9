import { isObject } from "../../lib/json-object.ts";
import { isSealed } from "../age-file.ts";
import { fieldPath } from "../field-path.ts";
import { ManifestError } from "../manifest-error.ts";
import type { Manifest } from "../manifests/manifest.ts";
import type { KubeObject } from "../object.ts";

/** A sealed value of a Secret, and where it is written. */
export interface SealedValue {
  field: "data" | "stringData";
  key: string;
  text: string;
  /** As messages call it: `stringData.password`. */
  name: string;
  place: Place;
}

export type Place = ConstructorParameters<typeof ManifestError>[0];

/** Throws ManifestError for something sealed that is no value of `data` or `stringData` of a Secret. */
export function sealedValues(manifest: Manifest): SealedValue[] {
  return [...sealedPaths(manifest.object, [])].map(([path, text]) => {
    const [field, key] = path;
    const name = fieldPath(path);
    const place = placeOf(manifest, name);
    const isValue = path.length === 2 && typeof key === "string" && (field === "data" || field === "stringData");
    if (isValue && isSecret(manifest.object)) return { field, key, text, name, place };
    throw new ManifestError(place, `${name}: only data and stringData of a Secret may hold sealed values`);
  });
}

/** For whatever is opened by nobody, as it comes by another way than by a GitSource: it would be kept as it is. Throws for what is sealed at a wrong place. */
export const refusalsOfSealed = (manifests: readonly Manifest[]): ManifestError[] =>
  manifests
    .flatMap(sealedValues)
    .map(
      ({ name, place }) =>
        new ManifestError(
          place,
          `${name}: it is sealed, which a GitSource opens and nobody else: give the value itself`,
        ),
    );

/** With other texts for some of its values. */
export function withValues(manifest: Manifest, values: readonly SealedValue[]): Manifest {
  const object: KubeObject & Record<string, unknown> = { ...manifest.object };
  for (const { field, key, text } of values) object[field] = { ...(object[field] as object), [key]: text };
  return { ...manifest, object };
}

export const isSecret = ({ apiVersion, kind }: KubeObject): boolean => apiVersion === "v1" && kind === "Secret";

export function placeOf({ lineOf, file, document, line }: Manifest, field: string): Place {
  return { file, document, ...(lineOf(field) ?? { line, column: 1 }) };
}

type Path = readonly (string | number)[];

function* sealedPaths(value: unknown, path: Path): Generator<[Path, string]> {
  if (typeof value === "string" && isSealed(value)) yield [path, value];
  const members: Iterable<[string | number, unknown]> = Array.isArray(value)
    ? value.entries()
    : Object.entries(isObject(value) ? value : {});
  for (const [step, member] of members) yield* sealedPaths(member, [...path, step]);
}
