/** A commit, and by which name it was found. */
export interface Revision {
  /** Branch or tag; empty for a commit that is asked for by its hash. */
  name: string;
  /** 40 hexadecimal digits. */
  commit: string;
}

const DIGITS_FOR_PEOPLE = 7;

/** As it stands in a status: `main@sha1:HEX`, or `sha1:HEX`. */
export const revisionText = ({ name, commit }: Revision): string => `${name && `${name}@`}sha1:${commit}`;

export function parseRevision(text: string): Revision | undefined {
  const [, name = "", commit] = /^(?:(.+)@)?sha1:([0-9a-f]{40})$/.exec(text) ?? [];
  return commit === undefined ? undefined : { name, commit };
}

/** As people tell commits apart: `main@sha1:1234567`. */
export const shortRevision = (text: string): string =>
  text.replace(/(sha1:[0-9a-f]+)$/, (hash) => hash.slice(0, "sha1:".length + DIGITS_FOR_PEOPLE));
