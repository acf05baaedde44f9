/** Manifest text to Objects. The door to `yaml`: who must start quickly imports this file only when there is YAML to read or write. */

import { ManifestError } from "../manifest-error.ts";
import type { Place } from "../yaml/compose.ts";
import { readYaml, toYaml, type YamlDocument } from "../yaml/yaml-document.ts";
import { UnreadYaml, YamlThread } from "../yaml/yaml-thread.ts";
import { type Manifest, objectsOf } from "./manifest-objects.ts";

export { type Manifest, ManifestError, type Place, readYaml, toYaml, UnreadYaml, type YamlDocument, YamlThread };

/**
 * The Objects of a file in order: every document, Lists flattened, empty documents skipped. All or nothing: throws a ManifestError
 * that names the place and what to do. `metadata.name` may be absent only with `generateName` and `allowGenerateName`.
 */
export function parseManifests(
  source: string | Uint8Array,
  file: string,
  options: { allowGenerateName?: boolean } = {},
): Manifest[] {
  return objectsIn(readYaml(source, file), options);
}

/** The Objects of documents that were read already, by the same rules. */
export const objectsIn = (
  documents: readonly YamlDocument[],
  options: { allowGenerateName?: boolean } = {},
): Manifest[] => documents.flatMap((document) => objectsOf(document, "", document.value, options));
