import type { StatusError } from "../errors.ts";
import { parentPath } from "../field-path.ts";
import type { Manifest } from "./manifest.ts";

/** One thing that the server said, and the line of the manifest that it is about. */
export interface Placed {
  line: number;
  /** Empty when it is about the whole Object. */
  field: string;
  message: string;
}

/**
 * What the server refused, in the order of the lines that it is about. A field that the file does not have (a missing one) is placed at the nearest field around it.
 * Without causes: the message at the Object's first line.
 */
export function placeErrors(
  manifest: Manifest,
  { message, details }: Pick<StatusError, "message" | "details">,
): Placed[] {
  const causes = [
    ...unknownFields(message),
    ...typedFaults(message),
    ...(details?.causes ?? []).map(({ field, message }) => ({ field: field ?? "", message })),
  ];
  const said = causes.length === 0 ? [{ field: "", message }] : causes;
  return said.map((one) => ({ ...one, line: nearestLine(manifest, one.field) })).sort((a, b) => a.line - b.line);
}

/** The same for a warning of the server, such as `unknown field "spec.bogus"`, or `spec.command: …`. */
export function placeWarning(manifest: Manifest, warning: string): Placed {
  const [unknown] = unknownFields(warning);
  if (unknown) return { ...unknown, line: nearestLine(manifest, unknown.field) };
  const [, field = "", message] = /^([a-zA-Z]+[.[][^\s:]{1,300}): (.*)$/s.exec(warning) ?? [];
  return { field, message: message ?? warning, line: nearestLine(manifest, field) };
}

/** `placeErrors` as text: `web.yaml:12: spec.replica: unknown field`, a line for each. */
export const explainServerErrors = (manifest: Manifest, error: StatusError): string =>
  [...new Set(placeErrors(manifest, error).map((placed) => at(manifest, placed)))].join("\n");

export const explainWarning = (manifest: Manifest, warning: string): string =>
  at(manifest, placeWarning(manifest, warning));

/** `spec.replica: unknown field` */
export const fieldText = ({ field, message }: Pick<Placed, "field" | "message">): string =>
  field && !message.startsWith(field) ? `${field}: ${message}` : message;

/** As a ManifestError says it. */
const at = ({ file, document }: Manifest, placed: Placed): string =>
  `${file}:${placed.line}: ${fieldText(placed)}${document > 1 ? ` (document ${document})` : ""}`;

/** The line of the field, or of the nearest one around it that the file has. */
export function nearestLine(manifest: Manifest, field: string): number {
  for (let path: string | undefined = field; path; path = parentPath(path)) {
    const place = manifest.lineOf(path);
    if (place) return place.line;
  }
  return manifest.line;
}

/**
 * Of server-side apply: what does not fit the schema is said in the message only, a line for each. `.spec.env[name="A"].x` is looked for as far as it names fields.
 */
function typedFaults(message: string): { field: string; message: string }[] {
  const [, list] = /^failed to create typed patch object \([^()]*\): (?:errors:\n)?(.*)$/s.exec(message) ?? [];
  return (list ?? "").split("\n").flatMap((line) => {
    const [, path = "", fault] = /^\s*\.([^\s:][^:]{0,1000}): (.*)$/.exec(line) ?? [];
    if (fault === undefined) return [];
    const isUnknown = fault === "field not declared in schema";
    return [{ field: path.replace(/\[.*$/, ""), message: `${path}: ${isUnknown ? "unknown field" : fault}` }];
  });
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
