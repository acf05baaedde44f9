/** Field paths as the API writes them: `spec.env[0].name`, `metadata.labels[app.kubernetes.io/name]`. */

/**
 * The first step of `path` among the keys that are there, and the path after it. Keys may hold dots, so the longest key wins that
 * ends where a step may end. Undefined when no key fits.
 */
export function matchKey(path: string, keys: readonly string[]): { key: string; rest: string } | undefined {
  const bracket = path.startsWith("[");
  const from = bracket ? unquoted(path.slice(1)) : path;
  const ends = bracket ? [..."]\"'"] : ["", ".", "["];
  let best: string | undefined;
  for (const key of keys) {
    const fits = from.startsWith(key) && ends.includes(from.charAt(key.length));
    if (fits && (best === undefined || key.length > best.length)) best = key;
  }
  if (best === undefined) return undefined;
  const after = from.slice(best.length);
  return { key: best, rest: (bracket ? after.slice(after.indexOf("]") + 1) : after).replace(/^\./, "") };
}

/** `[3]` at the start of the path, and the path after it. */
export function matchIndex(path: string): { index: number; rest: string } | undefined {
  const end = path.indexOf("]");
  const index = path.startsWith("[") ? Number(path.slice(1, end)) : Number.NaN;
  return Number.isInteger(index) ? { index, rest: path.slice(end + 1).replace(/^\./, "") } : undefined;
}

const unquoted = (text: string): string => (text.startsWith('"') || text.startsWith("'") ? text.slice(1) : text);

/** The path without its last step; undefined for a path of one step. */
export function parentPath(path: string): string | undefined {
  const at = path.endsWith("]") ? path.lastIndexOf("[") : path.lastIndexOf(".");
  return at > 0 ? path.slice(0, at) : undefined;
}

/** `stringData[tls.key]`, `spec.env[0].value` of keys and indexes. */
export const fieldPath = (steps: readonly (string | number)[]): string =>
  steps
    .map((step, at) => {
      if (typeof step === "number" || !/^[\w-]+$/.test(step)) return `[${step}]`;
      return at > 0 ? `.${step}` : step;
    })
    .join("");
