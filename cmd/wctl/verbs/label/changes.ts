import { labelValueError } from "../../../../api/selectors/label-syntax.ts";
import { Failure } from "../../errors/failure.ts";

/** Whether labels or annotations are changed, and how messages call one. */
export type Field = "labels" | "annotations";

export interface Changes {
  set: ReadonlyMap<string, string>;
  remove: readonly string[];
}

export const oneOf = (field: Field): string => (field === "labels" ? "label" : "annotation");

/** Takes `TYPE NAME... KEY=VALUE... KEY-...` apart: first objects, then changes. */
export function splitArgs(args: readonly string[], field: Field): { objects: string[]; pairs: string[] } {
  const isPair = (word: string): boolean => word.indexOf("=") > 0 || (word.endsWith("-") && word !== "-");
  const first = args.findIndex(isPair);
  if (first < 0) return { objects: [...args], pairs: [] };
  const pairs = args.slice(first);
  const late = pairs.find((word) => !isPair(word));
  if (late !== undefined) throw new Failure(`all resources must be specified before ${oneOf(field)} changes: ${late}`);
  return { objects: args.slice(0, first), pairs };
}

/** `KEY=VALUE` sets, `KEY-` removes. Keys are checked by the server. */
export function changesOf(pairs: readonly string[], field: Field): Changes {
  const set = new Map<string, string>();
  const remove: string[] = [];
  for (const pair of pairs) {
    const equals = pair.indexOf("=");
    if (equals < 0) remove.push(pair.slice(0, -1));
    else set.set(pair.slice(0, equals), valueIn(pair, equals, field));
  }
  if (remove.some((key) => set.has(key)))
    throw new Failure(
      `can not both modify and remove ${field === "labels" ? "a label" : "an annotation"} in the same command`,
    );
  return { set, remove };
}

function valueIn(pair: string, equals: number, field: Field): string {
  const value = pair.slice(equals + 1);
  if (field === "annotations") return value;
  if (value.includes("=")) throw new Failure(`invalid label spec: ${pair}`);
  const problem = labelValueError(value);
  if (problem !== undefined) throw new Failure(`invalid label value: ${JSON.stringify(pair)}: ${problem}`);
  return value;
}

export type Values = Readonly<Record<string, string>>;

/** Which of the changes would take the place of another value. */
export const overwritten = (now: Values, { set }: Changes): string[] =>
  [...set].flatMap(([key, value]) => (Object.hasOwn(now, key) && now[key] !== value ? [key] : []));

export function changed(now: Values, { set, remove }: Changes): Record<string, string> {
  const next = { ...now, ...Object.fromEntries(set) };
  for (const key of remove) delete next[key];
  return next;
}

/** The part of a merge patch that does it. */
export const patchOf = ({ set, remove }: Changes): Record<string, string | null> => ({
  ...Object.fromEntries(set),
  ...Object.fromEntries(remove.map((key) => [key, null])),
});
