import { badRequest } from "../errors.ts";
import { MAX_SELECTOR_LENGTH } from "./label-selector.ts";

export interface FieldRequirement {
  field: string;
  op: "=" | "!=";
  value: string;
}

/**
 * `metadata.name=web,status.phase!=Running`, as apimachinery `pkg/fields` reads it: `\\`, `\,` and `\=` are escapes in the value, `==`
 * means `=`, empty terms are skipped. Throws BadRequest. Which fields exist is for the caller to say.
 */
export function parseFieldSelector(text: string): FieldRequirement[] {
  if (text.length > MAX_SELECTOR_LENGTH) {
    throw badRequest(`field selector is too long: ${text.length} characters, at most ${MAX_SELECTOR_LENGTH}`);
  }
  return splitTerms(text)
    .filter((term) => term !== "")
    .map((term) => parseTerm(term, text));
}

/** The inverse of the escapes above, for clients that build a selector. */
export const escapeFieldValue = (value: string): string => value.replace(/[\\,=]/g, "\\$&");

function splitTerms(text: string): string[] {
  const terms: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === ",") {
      terms.push(text.slice(start, at));
      start = at + 1;
    }
  }
  terms.push(text.slice(start));
  return terms;
}

function parseTerm(term: string, whole: string): FieldRequirement {
  for (let at = 0; at < term.length; at++) {
    if (term[at] === "\\") {
      at++;
      continue;
    }
    const op = ["!=", "==", "="].find((candidate) => term.startsWith(candidate, at));
    if (!op) continue;
    return {
      field: term.slice(0, at),
      op: op === "!=" ? "!=" : "=",
      value: unescapeValue(term.slice(at + op.length)),
    };
  }
  throw badRequest(`invalid selector: '${whole.slice(0, 300)}'; can't understand '${term.slice(0, 300)}'`);
}

function unescapeValue(text: string): string {
  let value = "";
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === "," || char === "=") throw badRequest(`invalid field selector: unescaped character in value: ${char}`);
    if (char !== "\\") {
      value += char;
      continue;
    }
    const escaped = text.charAt(++at);
    if (escaped === "" || !"\\,=".includes(escaped)) {
      throw badRequest(`invalid field selector: invalid escape sequence: \\${escaped}`);
    }
    value += escaped;
  }
  return value;
}
