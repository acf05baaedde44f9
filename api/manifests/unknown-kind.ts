import { nearest } from "../../lib/near-miss.ts";
import { ManifestError } from "../manifest-error.ts";
import { apiVersionOf, type Resource } from "../scheme.ts";
import type { Manifest } from "./manifest.ts";

/** A manifest whose kind is none of `resources`: where it says so, and which kind or version was probably meant. */
export function unknownKind(manifest: Manifest, resources: readonly Resource[]): ManifestError {
  const { apiVersion, kind } = manifest.object;
  const sameKind = resources.find((resource) => resource.kind === kind);
  const sameVersion = resources.filter((resource) => apiVersionOf(resource) === apiVersion);
  const kinds = (sameVersion.length > 0 ? sameVersion : resources).map((resource) => resource.kind);
  const meant = sameKind ? apiVersionOf(sameKind) : nearest(kind, kinds);
  const field = sameKind ? "apiVersion" : "kind";
  const { line, column } = manifest.lineOf(field) ?? { line: manifest.line, column: 1 };
  const hint = meant ? ` (did you mean ${JSON.stringify(meant)}?)` : "";
  const problem = `${field}: no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}${hint}`;
  return new ManifestError({ file: manifest.file, document: manifest.document, line, column }, problem);
}
