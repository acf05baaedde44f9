import { inLines, inOneLine } from "./string-style.ts";
import { ifSure, MOST_DEPTH, unsure } from "./unsure.ts";

/**
 * The value as `toYaml` writes it; undefined when it is not sure how that would be. For the same reason as `simpleYaml`: to load the library takes longer than to write
 * an Object with it.
 */
export const simpleText = (value: unknown): string | undefined => ifSure(() => `${rootText(value)}\n`);

function rootText(value: unknown): string {
  if (typeof value !== "object" || value === null) throw unsure;
  return collection(value, "", 0);
}

/** Its first line stands where it is put, the others behind `indent`. */
function collection(value: object, indent: string, depth: number): string {
  if (depth > MOST_DEPTH) throw unsure;
  return Array.isArray(value) ? list(value, indent, depth) : map(value, indent, depth);
}

function list(items: readonly unknown[], indent: string, depth: number): string {
  if (items.length === 0) return "[]";
  const inner = `${indent}  `;
  const texts = items.map((item) => {
    const isCollection = typeof item === "object" && item !== null;
    return `- ${isCollection ? collection(item, inner, depth + 1) : scalar(item, inner)}`;
  });
  return texts.join(`\n${indent}`);
}

function map(value: object, indent: string, depth: number): string {
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw unsure;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  if (members.length === 0) return "{}";
  const texts = members.sort(byKey).map(([key, member]) => `${keyText(key)}:${memberText(member, indent, depth)}`);
  return texts.join(`\n${indent}`);
}

const byKey = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : a > b ? 1 : 0);

/** Longer ones are written in another way. */
const LONGEST_KEY = 1000;

function keyText(key: string): string {
  if (key.length > LONGEST_KEY) throw unsure;
  return inOneLine(key);
}

/** A list stands in the column of its key. */
function memberText(member: unknown, indent: string, depth: number): string {
  const inner = `${indent}  `;
  if (typeof member !== "object" || member === null) return ` ${scalar(member, inner)}`;
  const column = Array.isArray(member) ? indent : inner;
  const text = collection(member, column, depth + 1);
  return text === "{}" || text === "[]" ? ` ${text}` : `\n${column}${text}`;
}

/** `indent`: of its lines, when it has several. */
function scalar(value: unknown, indent: string): string {
  if (typeof value === "string") return value.includes("\n") ? inLines(value, indent) : inOneLine(value);
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number" && Number.isFinite(value) && !Object.is(value, -0)) return JSON.stringify(value);
  throw unsure;
}
