import { isObject } from "../../lib/json-object.ts";
import { fieldPath } from "../field-path.ts";
import { ManifestError } from "../manifest-error.ts";
import type { Manifest } from "../manifests/manifest.ts";
import type { KubeObject } from "../object.ts";
import type { Opener } from "./opener.ts";
import { isSealed, SealingError } from "./sealed.ts";

/**
 * The same manifests with their sealed values opened. Only values of `data` and `stringData` of a Secret may be sealed: elsewhere people could read what
 * was opened. In `stringData` the text is what was sealed; in `data` it is its bytes, in base64. Rejects with ManifestError at the place of the value;
 * also when something is sealed and `opener` is undefined. What was opened is not looked at again: it may hold a `${` or an age file of its own.
 */
export async function openManifests(manifests: readonly Manifest[], opener: Opener | undefined): Promise<Manifest[]> {
  const opened: Manifest[] = [];
  for (const manifest of manifests) opened.push(await openManifest(manifest, opener));
  return opened;
}

/** A file that is sealed whole: its text. Rejects with ManifestError. */
export async function openFile(source: Uint8Array, file: string, opener: Opener | undefined): Promise<Uint8Array> {
  return orRefuse(() => open(source, opener), { file, document: 1, line: 1, column: 1 }, "");
}

/** What a file that was sealed whole may hold. Throws ManifestError at the first of its Objects that is no Secret. */
export function mustBeSecrets(manifests: readonly Manifest[]): void {
  for (const manifest of manifests) {
    if (isSecret(manifest.object)) continue;
    throw new ManifestError(placeOf(manifest, "kind"), "a file that is sealed whole may hold Secrets only");
  }
}

async function openManifest(manifest: Manifest, opener: Opener | undefined): Promise<Manifest> {
  const paths = [...sealedPaths(manifest.object, [])];
  if (paths.length === 0) return manifest;
  const object: KubeObject & Record<string, unknown> = { ...manifest.object };
  for (const path of paths) {
    const [field, key] = path;
    const name = fieldPath(path);
    const place = placeOf(manifest, name);
    if (!isSecret(object) || path.length !== 2 || key === undefined || (field !== "data" && field !== "stringData")) {
      throw new ManifestError(place, `${name}: only data and stringData of a Secret may hold sealed values`);
    }
    const values = object[field] as Record<string, string>;
    const bytes = await orRefuse(() => open(values[key]!, opener), place, `${name}: `);
    const value = field === "data" ? Buffer.from(bytes).toString("base64") : textOf(bytes, place, name);
    object[field] = { ...values, [key]: value };
  }
  return { ...manifest, object };
}

function open(source: string | Uint8Array, opener: Opener | undefined): Promise<Uint8Array> {
  if (!opener) throw new SealingError("it is sealed, and there is no identity here to open it: spec.decrypt names one");
  return opener.open(source);
}

type Place = ConstructorParameters<typeof ManifestError>[0];

async function orRefuse<T>(act: () => Promise<T>, place: Place, prefix: string): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof SealingError)) throw error;
    throw new ManifestError(place, prefix + error.message);
  }
}

function textOf(bytes: Uint8Array, place: Place, name: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new ManifestError(place, `${name}: what is sealed is not text: put it into data`);
  }
}

const isSecret = ({ apiVersion, kind }: KubeObject): boolean => apiVersion === "v1" && kind === "Secret";

type Path = readonly (string | number)[];

/** Of every sealed string, and of keys that look sealed. */
function* sealedPaths(value: unknown, path: Path): Generator<Path> {
  if (typeof value === "string" && isSealed(value)) yield path;
  if (Array.isArray(value)) for (const [index, item] of value.entries()) yield* sealedPaths(item, [...path, index]);
  else if (isObject(value))
    for (const [key, member] of Object.entries(value)) yield* sealedPaths(member, [...path, key]);
}

function placeOf({ lineOf, file, document, line }: Manifest, field: string): Place {
  return { file, document, ...(lineOf(field) ?? { line, column: 1 }) };
}
