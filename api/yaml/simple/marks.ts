import { matchIndex, matchKey } from "../../field-path.ts";

/** Where the members of maps and lists are written: offsets of keys, and of items. */
export type Marks = Map<object, ReadonlyMap<string, number> | readonly number[]>;

/** Offset of the field: of its key in a map, of the item in a list. Undefined when there is no such field. */
export function locate(root: { value: unknown; offset: number }, marks: Marks, path: string): number | undefined {
  let { value, offset } = root;
  for (let rest = path.replace(/^\$?\.?/, ""); rest !== ""; ) {
    const next = step(value, marks, rest);
    if (!next) return undefined;
    ({ value, offset, rest } = next);
  }
  return offset;
}

function step(
  value: unknown,
  marks: Marks,
  path: string,
): { value: unknown; offset: number; rest: string } | undefined {
  const members = typeof value === "object" && value !== null ? marks.get(value) : undefined;
  if (!members) return undefined;
  if (members instanceof Map) {
    const match = matchKey(path, [...members.keys()]);
    return (
      match && {
        value: (value as Record<string, unknown>)[match.key],
        offset: members.get(match.key),
        rest: match.rest,
      }
    );
  }
  const match = matchIndex(path);
  const offset = match && (members as readonly number[])[match.index];
  return offset === undefined ? undefined : { value: (value as unknown[])[match!.index], offset, rest: match!.rest };
}
