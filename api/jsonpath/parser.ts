/** A template or path that is not kubectl's JSONPath, or that cannot be answered. */
export class JsonPathError extends Error {
  override readonly name = "JsonPathError";
}

export type Step =
  | { do: "field"; name: string }
  /** `*`: every item of a list, every value of a map. */
  | { do: "all" }
  /** `..`: the value and every map and list in it. */
  | { do: "descend" }
  /** `[3]` is the slice 3:4. */
  | { do: "slice"; start?: number; end?: number; step?: number }
  | { do: "filter"; left: Step[]; compare?: Comparison; right: Step[] }
  | { do: "union"; of: Step[][] }
  | { do: "literal"; value: string | number | boolean };

export type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=";

export type TemplateNode =
  | { kind: "text"; text: string }
  | { kind: "path"; steps: Step[] }
  | { kind: "range"; steps: Step[]; body: TemplateNode[] };

const MAX_LENGTH = 16_384;
const MAX_NESTING = 16;

/** Text with expressions in braces; `{range …}` to `{end}` repeats. One pass. */
export function parseNodes(template: string): TemplateNode[] {
  checkLength(template);
  const root: TemplateNode[] = [];
  const open: TemplateNode[][] = [root];
  for (let at = 0; at < template.length; ) {
    const body = open.at(-1) ?? root;
    const brace = template.indexOf("{", at);
    const text = template.slice(at, brace < 0 ? template.length : brace);
    if (text !== "") body.push({ kind: "text", text });
    if (brace < 0) break;
    const expression = new ExpressionParser(template, brace + 1, 0);
    const word = expression.word();
    if (word === "end") {
      if (open.length === 1) throw new JsonPathError("not in range, nothing to end");
      open.pop();
      expression.steps("}");
    } else if (word === "range") {
      if (open.length > MAX_NESTING) throw new JsonPathError(`more than ${MAX_NESTING} ranges inside each other`);
      const range: TemplateNode = { kind: "range", steps: expression.steps("}"), body: [] };
      body.push(range);
      open.push(range.body);
    } else {
      body.push({ kind: "path", steps: expression.steps("}") });
    }
    at = expression.position;
  }
  if (open.length > 1) throw new JsonPathError("unclosed range: {end} is missing");
  return root;
}

/** One expression, in any of the relaxed forms of kubectl: `{.a.b}`, `.a.b`, `a.b`. */
export function parsePath(path: string): Step[] {
  checkLength(path);
  const trimmed = path.trim();
  const inner = trimmed.startsWith("{") && trimmed.endsWith("}") ? trimmed.slice(1, -1).trimStart() : trimmed;
  if (inner === "")
    throw new JsonPathError(
      "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'",
    );
  const rooted = /^[.[$@]/.test(inner) ? inner : `.${inner}`;
  return new ExpressionParser(rooted, 0, 0).steps("");
}

function checkLength(text: string): void {
  if (text.length > MAX_LENGTH) throw new JsonPathError(`the template is longer than ${MAX_LENGTH} characters`);
}

const isSpace = (char: string): boolean => char === " " || char === "\t" || char === "\n" || char === "\r";
/** Where the name of a field ends. */
const TERMINATORS = ".,[]$@{}()=!<>'\"| \t\r\n";

class ExpressionParser {
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
    const parts = split(text);
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

/** Index of the quote that closes the one at `start`, or the end of the text. */
function endOfQuote(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === text[start]) return at;
  }
  return text.length;
}

/** At commas outside quotes and brackets. */
function split(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === "'" || char === '"') at = endOfQuote(text, at);
    else if (char === "[" || char === "(") depth++;
    else if (char === "]" || char === ")") depth--;
    else if (char === "," && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}

const COMPARISONS = ["==", "!=", "<=", ">=", "<", ">"] as const;

/** The first comparison outside quotes and brackets. */
function findComparison(text: string): { at: number; compare?: Comparison } {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === "\\") at++;
    else if (char === "'" || char === '"') at = endOfQuote(text, at);
    else if (char === "[" || char === "(") depth++;
    else if (char === "]" || char === ")") depth--;
    else if (depth === 0) {
      const compare = COMPARISONS.find((one) => text.startsWith(one, at));
      if (compare) return { at, compare };
    }
  }
  return { at: text.length };
}
