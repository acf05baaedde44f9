import { createHash } from "node:crypto";
import type { Stored } from "../../../api/object.ts";
import { templateOf } from "../../../api/process-template.ts";
import type { Process, ProcessSpec } from "../../../api/types.generated.ts";

/** Kubernetes' alphabet for hashes in names: no vowels, no look-alikes, so no words and no doubt. */
const ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
const LONGEST_LABEL = 63;

/** Objects are never changed, so the hash of a spec needs to be worked out once. */
const hashes = new WeakMap<ProcessSpec, string>();

/**
 * Names a template, and the content of the ConfigMaps and Secrets it refers to, once that is another than it was first. Equal ones have equal
 * revisions, whatever the order of their fields. As `web-6c9fbd5xkq`.
 */
export function revisionOf({ metadata, spec, status }: Stored<Process>): string {
  return nameOf(metadata.name, templateNameOf(spec), status?.content?.digest);
}

/** The revision that the recorded content was taken in with: that of the spec, but for a template which is newer than the status. */
export const revisionOfContent = ({ metadata, status }: Stored<Process>): string | undefined =>
  status?.content && nameOf(metadata.name, status.content.template, status.content.digest);

const nameOf = (process: string, template: string, digest: string | undefined): string =>
  `${process}-${digest === undefined ? template : shortHash(`${template}/${digest}`)}`;

export function templateNameOf(spec: ProcessSpec): string {
  const known = hashes.get(spec) ?? shortHash(canonical(templateOf(spec)));
  hashes.set(spec, known);
  return known;
}

/** Names may be longer than labels: what is too long is cut and made unique again. */
export const labelValue = (name: string): string =>
  name.length <= LONGEST_LABEL ? name : `${name.slice(0, LONGEST_LABEL - 11)}-${shortHash(name)}`;

export function shortHash(text: string): string {
  const digest = createHash("sha256").update(text).digest();
  return Array.from(digest.subarray(0, 10), (byte) => ALPHABET[byte % ALPHABET.length]).join("");
}

/** The same text for equal values, whatever the order of their fields. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).filter(([, inner]) => inner !== undefined);
  fields.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`).join(",")}}`;
}
