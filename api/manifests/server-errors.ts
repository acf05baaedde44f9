import type { StatusError } from "../errors.ts";
import { parentPath } from "../field-path.ts";
import type { Manifest } from "./manifest.ts";

/**
 * What the server refused, as lines of the file: `web.yaml:12: spec.replica: unknown field`, one line per cause. A field that the
 * file does not have (a missing one) is placed at the nearest field around it. Without causes: the message at the Object's first line.
 */
export function explainServerErrors(manifest: Manifest, error: StatusError): string {
  const causes = [
    ...(error.details?.causes ?? []).map(({ field, message }) => ({ field: field ?? "", message })),
    ...unknownFields(error.message),
  ];
  if (causes.length === 0) return at(manifest, manifest.line, error.message);
  const lines = causes.map(({ field, message }) => explain(manifest, field, message));
  return [...new Set(lines)].join("\n");
}

/** The same for a warning of the server, such as `unknown field "spec.bogus"`. */
export function explainWarning(manifest: Manifest, warning: string): string {
  const [first] = unknownFields(warning);
  return first ? explain(manifest, first.field, first.message) : at(manifest, manifest.line, warning);
}

const explain = (manifest: Manifest, field: string, message: string): string =>
  at(manifest, nearestLine(manifest, field), `${field && !message.startsWith(field) ? `${field}: ` : ""}${message}`);

/** As a ManifestError says it. */
const at = ({ file, document }: Manifest, line: number, text: string): string =>
  `${file}:${line}: ${text}${document > 1 ? ` (document ${document})` : ""}`;

function nearestLine(manifest: Manifest, field: string): number {
  for (let path: string | undefined = field; path; path = parentPath(path)) {
    const place = manifest.lineOf(path);
    if (place) return place.line;
  }
  return manifest.line;
}

/** Unknown and duplicate fields are said in the message only, not as causes. What follows in brackets is a suggestion. */
function unknownFields(message: string): { field: string; message: string }[] {
  const found: { field: string; message: string }[] = [];
  for (const [, what, field, more] of message.matchAll(
    /\b(unknown|duplicate) field "([^"]{1,1000})"(?:[:;]? (\([^()]{1,300}\)|did you mean [^,]{1,200}))?/g,
  )) {
    found.push({ field: field ?? "", message: `${what} field${more ? ` ${more}` : ""}` });
  }
  return found;
}
