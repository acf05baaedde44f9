import type { ManifestError } from "../../../../api/manifest-error.ts";
import { fieldText, type Placed } from "../../../../api/manifests/server-errors.ts";
import type { ManifestObject } from "../../input/manifests.ts";
import type { Paint } from "../../text/colour.ts";

/** One thing to be mended (an error), or to be looked at. */
export interface Finding {
  severity: "error" | "warning";
  file: string;
  line: number;
  /** Only of what cannot be read. */
  column?: number;
  /** Which document of the file; the first is 1. */
  document: number;
  kind?: string;
  namespace?: string;
  name?: string;
  /** Absent when it is about the whole object. */
  field?: string;
  message: string;
}

export const unreadable = ({ file, line, column, document, problem }: ManifestError): Finding => ({
  severity: "error",
  file,
  line,
  column,
  document,
  message: problem,
});

export const about = (
  { file, document, object }: ManifestObject,
  severity: Finding["severity"],
  { line, field, message }: Placed,
): Finding => ({
  severity,
  file,
  line,
  document,
  kind: object.kind,
  ...(object.metadata.namespace === undefined ? {} : { namespace: object.metadata.namespace }),
  name: object.metadata.name,
  ...(field === "" ? {} : { field }),
  message,
});

/** `web.yaml:8: error: spec.replicas: …`, as compilers say it, so that editors and CI find the place. */
export function findingLine({ severity, file, line, column, field = "", message }: Finding, paint: Paint): string {
  const place = column === undefined ? `${file}:${line}` : `${file}:${line}:${column}`;
  const word = paint(severity === "error" ? "red" : "yellow", severity);
  return `${place}: ${word}: ${fieldText({ field, message })}`;
}
