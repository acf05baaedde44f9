import { DOUBLE_QUOTE } from "./characters.ts";
import { unsure } from "./unsure.ts";

/** A scalar in quotes on one line: its value, and the offset behind the closing quote. */
export interface Quoted {
  value: string;
  after: number;
}

/** `from`: of the opening quote. */
export const quoted = (text: string, from: number, end: number): Quoted =>
  text.charCodeAt(from) === DOUBLE_QUOTE ? inDouble(text, from, end) : inSingle(text, from, end);

function inSingle(text: string, from: number, end: number): Quoted {
  let close = within(text.indexOf("'", from + 1), end);
  if (text.charAt(close + 1) !== "'") return { value: text.slice(from + 1, close), after: close + 1 };
  while (text.charAt(close + 1) === "'") close = within(text.indexOf("'", close + 2), end);
  return { value: text.slice(from + 1, close).replaceAll("''", "'"), after: close + 1 };
}

function inDouble(text: string, from: number, end: number): Quoted {
  const close = within(text.indexOf('"', from + 1), end);
  const value = text.slice(from + 1, close);
  return value.includes("\\") ? escaped(text, from + 1, end) : { value, after: close + 1 };
}

function within(at: number, end: number): number {
  if (at < 0 || at >= end) throw unsure;
  return at;
}

function escaped(text: string, from: number, end: number): Quoted {
  let value = "";
  let at = from;
  for (;;) {
    if (at >= end) throw unsure;
    const char = text.charAt(at);
    if (char === '"') return { value, after: at + 1 };
    if (char !== "\\") {
      value += char;
      at++;
      continue;
    }
    const kind = text.charAt(at + 1);
    const length = CODES[kind];
    value += length === undefined ? escapeOf(kind) : codeAt(text, at + 2, length);
    at += 2 + (length ?? 0);
  }
}

/** Those with a number, and how many digits it has. */
const CODES: Readonly<Record<string, number | undefined>> = { x: 2, u: 4 };

const ESCAPES: Readonly<Record<string, string | undefined>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  b: "\b",
  f: "\f",
  '"': '"',
  "/": "/",
  "\\": "\\",
};

function escapeOf(kind: string): string {
  const value = ESCAPES[kind];
  if (value === undefined) throw unsure;
  return value;
}

function codeAt(text: string, from: number, length: number): string {
  const digits = text.slice(from, from + length);
  if (digits.length < length || !/^[0-9a-fA-F]+$/.test(digits)) throw unsure;
  const code = Number.parseInt(digits, 16);
  // NUL, and halves of characters.
  if (code === 0 || (code >= 0xd800 && code <= 0xdfff)) throw unsure;
  return String.fromCharCode(code);
}
