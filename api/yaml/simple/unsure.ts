/** Thrown for what the simple part of YAML does not have, or may not have: then the library reads the text. One for all, since nobody sees it. */
export const unsure = new Error("not the simple part of YAML");

/** Levels of nesting that are read here: fewer than any limit. */
export const MOST_DEPTH = 32;

/** Undefined when `read` is unsure. */
export function ifSure<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error === unsure) return undefined;
    throw error;
  }
}
