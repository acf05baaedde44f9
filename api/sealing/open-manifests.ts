import { ManifestError } from "../manifest-error.ts";
import type { Manifest } from "../manifests/manifest.ts";
import { decodeText } from "../yaml/yaml-text.ts";
import type { Opener } from "./opener.ts";
import { isSecret, type Place, placeOf, type SealedValue, sealedValues, withValues } from "./sealed-values.ts";
import { SealingError } from "./sealing-error.ts";

/**
 * The same manifests with their sealed values opened. Only values of `data` and `stringData` of a Secret may be sealed: elsewhere people could read what
 * was opened. In `stringData` the text is what was sealed; in `data` it is its bytes, in base64. Rejects with ManifestError at the place of the value;
 * also when something is sealed and `opener` is undefined. What was opened is not looked at again: it may hold a `${` or an age file of its own.
 */
export async function openManifests(manifests: readonly Manifest[], opener: Opener | undefined): Promise<Manifest[]> {
  const opened: Manifest[] = [];
  for (const manifest of manifests) {
    const values: SealedValue[] = [];
    for (const value of sealedValues(manifest)) values.push({ ...value, text: await openValue(value, opener) });
    opened.push(values.length === 0 ? manifest : withValues(manifest, values));
  }
  return opened;
}

/** A file that is sealed whole: its text. Rejects with ManifestError. */
export async function openFile(source: Uint8Array, file: string, opener: Opener | undefined): Promise<Uint8Array> {
  const place = { file, document: 1, line: 1, column: 1 };
  // What PowerShell's `>` has written.
  const isMarked = MARKS.some((mark) => mark.every((byte, at) => source[at] === byte));
  const text = isMarked ? decodeText(source, file).replace("\ufeff", "") : source;
  return orRefuse(() => open(text, opener), place, "");
}

/**
 * For what is read from a file that was sealed whole. Keys are left out of what is told of it: somebody may have put a sealed value there that is none of a file, to have
 * words of it in a message.
 */
export async function withoutItsWords<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    throw new ManifestError(error, error.problem.replace(/ ?"(?:[^"\\]|\\.)*"/g, ""));
  }
}

/** Byte order marks. */
const MARKS = [
  [0xff, 0xfe],
  [0xfe, 0xff],
  [0xef, 0xbb, 0xbf],
];

/** What a file that was sealed whole may hold. Throws ManifestError at the first of its Objects that is no Secret. */
export function mustBeSecrets(manifests: readonly Manifest[]): void {
  const other = manifests.find(({ object }) => !isSecret(object));
  if (other) throw new ManifestError(placeOf(other, "kind"), "a file that is sealed whole may hold Secrets only");
}

async function openValue({ field, text, name, place }: SealedValue, opener: Opener | undefined): Promise<string> {
  const bytes = await orRefuse(() => open(text, opener), place, `${name}: `);
  if (field === "data") return Buffer.from(bytes).toString("base64");
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new ManifestError(place, `${name}: what is sealed is not text: put it into data`);
  }
}

function open(source: string | Uint8Array, opener: Opener | undefined): Promise<Uint8Array> {
  if (!opener) throw new SealingError("it is sealed, and there is no identity here to open it: spec.decrypt names one");
  return opener.open(source);
}

async function orRefuse<T>(act: () => Promise<T>, place: Place, prefix: string): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof SealingError)) throw error;
    throw new ManifestError(place, prefix + error.message);
  }
}
