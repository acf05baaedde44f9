import { unsure } from "./unsure.ts";

/** A scalar in quotes on one line: its value, and the offset behind the closing quote. */
export interface Quoted {
  value: string;
  after: number;
}

/** `from`: of the opening quote. Undefined when the line has no other. */
export function quotedInLine(text: string, from: number, end: number): Quoted | undefined {
  const quote = text.charAt(from);
  const close = closingQuote(text, from + 1, end, quote);
  return close === undefined ? undefined : { value: unescaped(text.slice(from + 1, close), quote), after: close + 1 };
}

export function closingQuote(text: string, from: number, end: number, quote: string): number | undefined {
  const isDouble = quote === '"';
  for (let at = text.indexOf(quote, from); at >= 0 && at < end; at = text.indexOf(quote, at)) {
    if (isDouble ? !isEscaped(text, from, at) : text.charAt(at + 1) !== quote) return at;
    at += isDouble ? 1 : 2;
  }
  return undefined;
}

/** An odd number of backslashes stands before it. */
function isEscaped(text: string, from: number, at: number): boolean {
  let before = at;
  while (before > from && text.charAt(before - 1) === "\\") before--;
  return (at - before) % 2 === 1;
}

/** What is written between the quotes, or in one line of it. */
export function unescaped(text: string, quote: string): string {
  if (quote === "'") return text.includes("'") ? text.replaceAll("''", "'") : text;
  return text.includes("\\") ? withEscapes(text) : text;
}

function withEscapes(text: string): string {
  let value = "";
  let at = 0;
  for (let next = text.indexOf("\\"); next >= 0; next = text.indexOf("\\", at)) {
    const kind = text.charAt(next + 1);
    const length = CODES[kind];
    value += text.slice(at, next) + (length === undefined ? escapeOf(kind) : codeAt(text, next + 2, length));
    at = next + 2 + (length ?? 0);
  }
  return value + text.slice(at);
}

/** Those with a number, and how many digits it has. */
const CODES: Readonly<Record<string, number | undefined>> = { x: 2, u: 4 };

const ESCAPES: Readonly<Record<string, string | undefined>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  b: "\b",
  f: "\f",
  " ": " ",
  '"': '"',
  "/": "/",
  "\\": "\\",
};

/** Also when the line ends behind the backslash. */
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
