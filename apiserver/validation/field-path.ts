/** `parent.key`, or `key` at the top. */
export const child = (path: string, key: string): string => (path === "" ? key : `${path}.${key}`);

/** A key or path as it is shown to people: a megabyte of it is not repeated. */
export const shortened = (text: string): string => (text.length > 300 ? `${text.slice(0, 300)}…` : text);
