/** JSON as kubectl prints it: keys in alphabetical order, four blanks deep. */
export const json = (value: unknown): string => `${JSON.stringify(sorted(value), undefined, 4)}\n`;

export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted((value as Record<string, unknown>)[key])]));
}
