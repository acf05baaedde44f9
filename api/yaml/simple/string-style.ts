import { unsure } from "./unsure.ts";

/** What a string without line ends is written as: itself, or in quotes. In the same way as the library, or not at all. */
export function inOneLine(text: string): string {
  if (CERTAINLY_PLAIN.test(text)) return text;
  if (SPECIAL.test(text) || !text.isWellFormed() || MARKER.test(text)) throw unsure;
  if (SPACE_AT_AN_EDGE.test(text)) return JSON.stringify(text);
  return NEEDS_QUOTES.test(text) || isAmbiguous(text) ? quoted(text) : text;
}

/** As a block scalar whose lines have this indentation. */
export function inLines(text: string, indent: string): string {
  if (SPECIAL.test(text.replaceAll("\n", "")) || !text.isWellFormed()) throw unsure;
  // Spaces where nobody sees them, and line ends that would have to be counted.
  if (/^\s|[ \t]\n|[ \t]$|\n\n$/.test(text)) throw unsure;
  const isClipped = text.endsWith("\n");
  const body = isClipped ? text.slice(0, -1) : text;
  return `|${isClipped ? "" : "-"}\n${indent}${body.replace(/\n+/g, `$&${indent}`)}`;
}

/** Most words; those that mean something are shorter, or begin with a digit, a dot, a sign or an e. */
const CERTAINLY_PLAIN = /^[A-DF-Za-df-z/][A-Za-z0-9_./@=-]{5,}$/;

/** They are written as escapes, or end a line for some. */
const SPECIAL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/** Of a document, or a directive. */
const MARKER = /^(?:---|\.\.\.|%)/;

const SPACE_AT_AN_EDGE = /^\s|[ \t]$/;

/** Marks that begin something else, a colon that would make a key, a `#` that would begin a comment. */
const NEEDS_QUOTES = /^[,[\]{}#&*!|>'"%@`]|^[?-](?: |$)|: | #|:$|^$/;

const quoted = (text: string): string =>
  text.includes('"') && !text.includes("'") ? `'${text}'` : JSON.stringify(text);

/** What YAML 1.1 or 1.2 reads as another type. */
const isAmbiguous = (text: string): boolean => AMBIGUOUS.some((type) => type.test(text));

const AMBIGUOUS = [
  /^(?:~|[Nn]ull|NULL|[Tt]rue|TRUE|[Ff]alse|FALSE|[Yy]|[Yy]es|YES|[Nn]|[Nn]o|NO|[Oo]n|ON|[Oo]ff|OFF|<<)$/,
  /^(?:[-+]?[0-9][0-9_]*|[-+]?0b[01_]+|0o[0-7]+|[-+]?0x[0-9a-fA-F_]+)$/,
  /^[-+]?(?:[0-9][0-9_]*)?\.[0-9_]*$/,
  /^[-+]?(?:[0-9][0-9_]*)?(?:\.[0-9_]*)?[eE][-+]?[0-9]+$/,
  /^(?:[-+]?\.(?:inf|Inf|INF)|\.nan|\.NaN|\.NAN)$/,
  // Base 60.
  /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/,
  /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:(?:[tT]| +)[0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:\.[0-9]+)?(?: *(?:Z|[-+][012]?[0-9](?::[0-9]{2})?))?)?$/,
];
