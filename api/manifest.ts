/** Manifest text to Objects. The door to `yaml`: who must start quickly imports this file only when there is YAML to read or write. */
import { ManifestError } from "./manifest-error.ts";
import { type Manifest, objectsOf } from "./manifest-objects.ts";
import { type Place, readYaml, toYaml, type YamlDocument } from "./yaml-document.ts";

export { type Manifest, ManifestError, type Place, readYaml, toYaml, type YamlDocument };

/**
 * The Objects of a file in order: every document, Lists flattened, empty documents skipped. All or nothing: throws a ManifestError
 * that names the place and what to do. `metadata.name` may be absent only with `generateName` and `allowGenerateName`.
 */
export function parseManifests(
  source: string | Uint8Array,
  file: string,
  options: { allowGenerateName?: boolean } = {},
): Manifest[] {
  return readYaml(source, file).flatMap((document) => objectsOf(document, "", document.value, options));
}
