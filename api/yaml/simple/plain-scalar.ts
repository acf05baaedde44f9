import { COLON, DASH, DIGIT_0, DIGIT_9, DOT, HASH, isFlowMark, PLUS, QUESTION, SPACE, TAB } from "./characters.ts";
import { unsure } from "./unsure.ts";

/** Marks with which no plain scalar begins, beside `-`, `?` and `:` before a space. */
const NO_START = new Set(Array.from(",[]{}#&*!|>'\"%@`", (mark) => mark.charCodeAt(0)));

/**
 * Where a plain scalar that begins at `from` ends: at a colon that makes it a key, at the space before a comment, at a mark of `{}` and `[]`
 * when it stands in them, or at `end`.
 */
export function endOfPlain(text: string, from: number, end: number, inFlow: boolean): number {
  const first = text.charCodeAt(from);
  if (from >= end || NO_START.has(first)) throw unsure;
  if (first === DASH || first === QUESTION || first === COLON) {
    const second = text.charCodeAt(from + 1);
    if (from + 1 >= end || second === SPACE || (inFlow && isFlowMark(second))) throw unsure;
  }
  return scanPlain(text, from, end, inFlow);
}

/** The same for one of its further lines, which may begin with any mark. */
export function scanPlain(text: string, from: number, end: number, inFlow: boolean): number {
  for (let at = from; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === COLON) {
      if (at + 1 >= end || text.charCodeAt(at + 1) === SPACE) return at;
      if (inFlow && isFlowMark(text.charCodeAt(at + 1))) return at;
    } else if (code === SPACE) {
      if (at + 1 < end && text.charCodeAt(at + 1) === HASH) return at;
    } else if (code === TAB) {
      throw unsure;
    } else if (inFlow && isFlowMark(code)) {
      return at;
    }
  }
  return end;
}

/** Without spaces at its end. */
export function plainText(text: string, from: number, to: number): string {
  let end = to;
  while (text.charCodeAt(end - 1) === SPACE) end--;
  return text.slice(from, end);
}

/** As YAML's core schema reads a plain scalar. */
export function typed(text: string): unknown {
  const first = text.charCodeAt(0);
  if ((first >= DIGIT_0 && first <= DIGIT_9) || first === DASH || first === DOT || first === PLUS) return number(text);
  const word = text.length <= 5 ? WORDS.get(text) : undefined;
  return word === undefined ? text : word;
}

/** What is no string, and no number. */
const WORDS = new Map<string, unknown>([
  ...["true", "True", "TRUE"].map((word) => [word, true] as const),
  ...["false", "False", "FALSE"].map((word) => [word, false] as const),
  ...["~", "null", "Null", "NULL"].map((word) => [word, null] as const),
]);

const INTEGER = /^(?:[-+]?[0-9]+|0x[0-9a-fA-F]+|0o[0-7]+)$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const NO_NUMBER = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
/** Longer numbers are left to the library, which refuses most of them. */
const LONGEST_NUMBER = 40;

function number(text: string): unknown {
  if (text.length > LONGEST_NUMBER) {
    if (/^[-+.0-9eE]*$/.test(text)) throw unsure;
    if (/^0[xo]/.test(text)) throw unsure;
    return text;
  }
  if (INTEGER.test(text) || FLOAT.test(text)) {
    const value = Number(text);
    if (!Number.isFinite(value) || Math.abs(value) > Number.MAX_SAFE_INTEGER) throw unsure;
    return value + 0; // -0 reads back as 0
  }
  if (NO_NUMBER.test(text)) throw unsure;
  return text;
}
