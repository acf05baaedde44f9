import { badRequest, StatusError } from "../errors.ts";
import { isForbiddenKey, MAX_BODY_BYTES, MAX_DEPTH } from "../limits.ts";
import { JsonDiagnosis } from "./json-diagnosis.ts";

/**
 * JSON of a request body, read strictly: no duplicate key, no key that could reach a prototype, no number that a double would round
 * away, no lone surrogate, at most 64 levels and 3 MiB. Throws BadRequest with line and column, or RequestEntityTooLarge; messages
 * never quote values, because they may be secret.
 *
 * V8 does the parsing. What it allows and we refuse is found by counting: the text has as many colons outside strings as the value has
 * members, unless a key came twice. Only what is wrong is read again, slowly, to say where.
 */
export function parseJson(body: string | Uint8Array): unknown {
  const text = typeof body === "string" ? body : decode(body);
  if (text.length > MAX_BODY_BYTES) throw tooLarge();
  const { members, depth } = measure(text);
  if (depth <= MAX_DEPTH) {
    try {
      const value: unknown = JSON.parse(text);
      if (countMembers(value, text.includes("\\u") || !text.isWellFormed()) === members) return value;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  throw badRequest(`the body is not acceptable JSON: ${new JsonDiagnosis(text).run()}`);
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function decode(body: Uint8Array): string {
  if (body.byteLength > MAX_BODY_BYTES) throw tooLarge();
  try {
    return utf8.decode(body);
  } catch (error) {
    throw badRequest("the body is not valid UTF-8", error);
  }
}

const tooLarge = (): StatusError =>
  new StatusError("RequestEntityTooLarge", `Request entity too large: limit is ${MAX_BODY_BYTES}`);

/** Members and depth as the text shows them. Exact for valid JSON; for other text it only has to end. */
function measure(text: string): { members: number; depth: number } {
  let members = 0;
  let level = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22: // "
        at = endOfString(text, at);
        break;
      case 0x3a: // :
        members++;
        break;
      case 0x5b: // [
      case 0x7b: // {
        if (++level > depth) depth = level;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        level--;
    }
  }
  return { members, depth };
}

/** Index of the quote that closes the string opened at `start`; the end of the text when none does. */
function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let before = quote;
    while (text.charCodeAt(before - 1) === 0x5c) before--;
    if ((quote - before) % 2 === 0) return quote;
  }
  return text.length;
}

/** How many members the value has in all; -1 when something in it is refused. The depth is known to be small. */
function countMembers(value: unknown, checkText: boolean): number {
  if (typeof value === "number") return Math.abs(value) <= Number.MAX_SAFE_INTEGER ? 0 : -1;
  if (typeof value === "string") return checkText && !value.isWellFormed() ? -1 : 0;
  if (typeof value !== "object" || value === null) return 0;
  let members = 0;
  if (Array.isArray(value)) {
    for (const item of value) {
      const inside = countMembers(item, checkText);
      if (inside < 0) return -1;
      members += inside;
    }
    return members;
  }
  // JSON.parse makes own enumerable properties only, `__proto__` among them.
  for (const key in value) {
    if (isForbiddenKey(key) || (checkText && !key.isWellFormed())) return -1;
    const inside = countMembers((value as Record<string, unknown>)[key], checkText);
    if (inside < 0) return -1;
    members += inside + 1;
  }
  return members;
}
