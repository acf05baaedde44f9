import { parseQuantity } from "../../../../lib/quantity.ts";
import { Failure } from "../../errors/failure.ts";
import { valuesAt } from "../../printers/jsonpath.ts";

/**
 * Stable, ascending, by the first value at `path`; items without one come first, as in kubectl. Numbers and quantities (`64Mi`) go
 * by size, everything else by its text.
 */
export function sortBy<T>(items: readonly T[], path: string, objectOf: (item: T) => unknown): T[] {
  const values = valuesAt(path);
  const keyed = items.map((item) => ({ item, value: values(objectOf(item))[0] }));
  if (items.length > 0 && keyed.every(({ value }) => value === undefined)) {
    throw new Failure(`couldn't find any field with path ${JSON.stringify(path)} in the list of objects`);
  }
  return keyed.sort((a, b) => compare(a.value, b.value)).map(({ item }) => item);
}

function compare(a: unknown, b: unknown): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  const [x, y] = [amount(a), amount(b)];
  if (x !== undefined && y !== undefined) return x - y;
  return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0;
}

function amount(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string") return undefined;
  try {
    return parseQuantity(value);
  } catch {
    return undefined;
  }
}
