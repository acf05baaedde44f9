import { JsonPathError } from "./json-path-error.ts";
import { endOfQuote, findComparison, splitAtCommas } from "./scan.ts";
import type { Step } from "./steps.ts";

/** Brackets in brackets. */
const MAX_NESTING = 16;
const isSpace = (char: string): boolean => char === " " || char === "\t" || char === "\n" || char === "\r";
/** Where the name of a field ends. */
const TERMINATORS = ".,[]$@{}()=!<>'\"| \t\r\n";

/** Reads one expression of a longer text, from `position` on. */
export class ExpressionParser {
  position: number;
  #text: string;
  #nesting: number;

  constructor(text: string, position: number, nesting: number) {
    if (nesting > MAX_NESTING) throw new JsonPathError(`brackets nested deeper than ${MAX_NESTING}`);
    this.#text = text;
    this.position = position;
    this.#nesting = nesting;
  }

  /** `range` or `end`, when the expression begins with it. */
  word(): "range" | "end" | undefined {
    this.#space();
    for (const word of ["range", "end"] as const) {
      const after = this.#text.charAt(this.position + word.length);
      if (!this.#text.startsWith(word, this.position) || !(after === "}" || isSpace(after))) continue;
      this.position += word.length;
      return word;
    }
    return undefined;
  }

  /** Steps up to `close`, which is consumed; with `""` up to the end of the text. */
  steps(close: "}" | ""): Step[] {
    const steps: Step[] = [];
    for (;;) {
      this.#space();
      const char = this.#text.charAt(this.position);
      if (char === close) {
        this.position++;
        return steps;
      }
      steps.push(...this.#step(char));
    }
  }

  #step(char: string): Step[] {
    switch (char) {
      case "":
        throw new JsonPathError("unclosed action");
      case "$":
      case "@":
        this.position++;
        return [];
      case ".":
        return this.#dot();
      case "[":
        return this.#bracket();
      case '"':
      case "'":
        return [{ do: "literal", value: this.#quoted(char) }];
      default:
        return [this.#bare()];
    }
  }

  #space(): void {
    while (isSpace(this.#text.charAt(this.position))) this.position++;
  }

  #dot(): Step[] {
    if (this.#text.startsWith("..", this.position)) {
      this.position += 2;
      const next = this.#text.charAt(this.position);
      return next === "" || (TERMINATORS.includes(next) && next !== "*")
        ? [{ do: "descend" }]
        : [{ do: "descend" }, this.#field()];
    }
    this.position++;
    const next = this.#text.charAt(this.position);
    // `{.}` is the value itself, and `.[0]` is `[0]`.
    return next === "" || next === "}" || next === "[" || isSpace(next) ? [] : [this.#field()];
  }

  /** A name with `\` before characters that would end it. */
  #field(): Step {
    let name = "";
    for (
      let char = this.#text.charAt(this.position);
      char !== "" && !TERMINATORS.includes(char);
      char = this.#text.charAt(this.position)
    ) {
      if (char === "\\") char = this.#text.charAt(++this.position);
      name += char;
      this.position++;
    }
    if (name === "") throw this.#unexpected();
    return name === "*" ? { do: "all" } : { do: "field", name };
  }

  /** Numbers and the two truth values stand for themselves; other words mean nothing. */
  #bare(): Step {
    const word = /[A-Za-z0-9_+-][A-Za-z0-9_.+-]*/y;
    word.lastIndex = this.position;
    const found = word.exec(this.#text)?.[0];
    if (found === undefined) throw this.#unexpected();
    this.position += found.length;
    if (found === "true" || found === "false") return { do: "literal", value: found === "true" };
    const number = /^[+-]?\d+(?:\.\d+)?$/.test(found) ? Number(found) : Number.NaN;
    if (Number.isFinite(number)) return { do: "literal", value: number };
    throw new JsonPathError(`unrecognized identifier ${found.slice(0, 100)}`);
  }

  #quoted(quote: string): string {
    let value = "";
    for (let at = this.position + 1; at < this.#text.length; at++) {
      let char = this.#text.charAt(at);
      if (char === quote) {
        this.position = at + 1;
        return value;
      }
      if (char === "\\") char = unescaped(this.#text.charAt(++at));
      value += char;
    }
    throw new JsonPathError("unterminated quoted string");
  }

  /** `[*]`, `[0]`, `[1:3]`, `['a']`, `['a','b']`, `[?(@.a=="b")]`. */
  #bracket(): Step[] {
    const start = this.position + 1;
    this.position = this.#closing(start);
    const text = this.#text.slice(start, this.position - 1).trim();
    if (text.startsWith("?")) return [this.#filter(text.slice(1).trim())];
    const parts = splitAtCommas(text);
    if (parts.length > 1) return [{ do: "union", of: parts.map((part) => this.#member(part)) }];
    return this.#member(text);
  }

  /** Where the bracket opened before `start` ends, brackets and quotes inside it passed over. */
  #closing(start: number): number {
    let depth = 1;
    for (let at = start; at < this.#text.length; at++) {
      const char = this.#text.charAt(at);
      if (char === "\\") at++;
      else if (char === "'" || char === '"') {
        at = endOfQuote(this.#text, at);
      } else if (char === "[") depth++;
      else if (char === "]" && --depth === 0) return at + 1;
    }
    throw new JsonPathError("unterminated array");
  }

  #member(text: string): Step[] {
    const part = text.trim();
    if (part === "*") return [{ do: "all" }];
    const quoted = /^'([^']*)'$/.exec(part)?.[1] ?? /^"([^"]*)"$/.exec(part)?.[1];
    // As in kubectl, dots in quotes separate fields unless they are escaped.
    if (quoted !== undefined) return new ExpressionParser(`.${quoted}`, 0, this.#nesting + 1).steps("");
    if (part.startsWith(".") || part.startsWith("@")) return new ExpressionParser(part, 0, this.#nesting + 1).steps("");
    const numbers = /^(-?\d{1,9})?(?:(:)(-?\d{1,9})?(?::(-?\d{1,9})?)?)?$/.exec(part);
    if (!numbers || part === "") throw new JsonPathError(`invalid array index ${part.slice(0, 100)}`);
    const [, first, colon, end, step] = numbers;
    if (colon === undefined) return [at(Number(first))];
    return [
      {
        do: "slice",
        ...(first === undefined ? {} : { start: Number(first) }),
        ...(end === undefined ? {} : { end: Number(end) }),
        ...(step === undefined ? {} : { step: Number(step) }),
      },
    ];
  }

  #filter(text: string): Step {
    if (!text.startsWith("(") || !text.endsWith(")")) throw new JsonPathError("unterminated filter");
    const inner = text.slice(1, -1);
    const { at, compare } = findComparison(inner);
    const operand = (source: string): Step[] => {
      const steps = new ExpressionParser(source.trim(), 0, this.#nesting + 1).steps("");
      if (steps.length === 0 && !/^[@$.]/.test(source.trim())) throw new JsonPathError("a filter compares two values");
      return steps;
    };
    if (compare === undefined) return { do: "filter", left: operand(inner), right: [] };
    return {
      do: "filter",
      left: operand(inner.slice(0, at)),
      compare,
      right: operand(inner.slice(at + compare.length)),
    };
  }

  #unexpected(): JsonPathError {
    const char = this.#text.charAt(this.position);
    return new JsonPathError(
      char === "" ? "unclosed action" : `unrecognized character in action: ${JSON.stringify(char)}`,
    );
  }
}

const at = (index: number): Step =>
  index === -1 ? { do: "slice", start: -1 } : { do: "slice", start: index, end: index + 1 };

const unescaped = (char: string): string => ({ n: "\n", t: "\t", r: "\r" })[char] ?? char;
