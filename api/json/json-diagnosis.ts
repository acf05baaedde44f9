import { isForbiddenKey, MAX_DEPTH } from "../limits.ts";

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

class Found extends Error {}

/** Reads text that was refused again, to say in one sentence what is wrong and where. It makes one pass, and stops at the first fault. */
export class JsonDiagnosis {
  #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  run(): string {
    try {
      this.#value("", 1);
      this.#space();
      if (this.#at < this.#text.length) this.#fail("nothing may follow the value");
    } catch (error) {
      if (error instanceof Found) return error.message;
      throw error;
    }
    return "it cannot be read";
  }

  #fail(message: string, at = this.#at): never {
    const before = this.#text.slice(0, at);
    const line = before.split("\n").length;
    throw new Found(`line ${line}, column ${at - before.lastIndexOf("\n")}: ${message}`);
  }

  #space(): void {
    while (" \t\r\n".includes(this.#text[this.#at] ?? "x")) this.#at++;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #value(path: string, depth: number): void {
    this.#space();
    const char = this.#text[this.#at];
    if (char === "{" || char === "[") {
      if (depth > MAX_DEPTH) this.#fail(`nested deeper than ${MAX_DEPTH} levels`);
      if (char === "{") this.#object(path, depth);
      else this.#array(path, depth);
    } else if (char === '"') this.#string();
    else this.#scalar(path);
  }

  #scalar(path: string): void {
    const start = this.#at;
    const number = this.#match(NUMBER);
    if (number !== undefined && Math.abs(Number(number)) > Number.MAX_SAFE_INTEGER) {
      this.#fail(`the number${path && ` at ${path}`} is too large to be kept exactly; write it as a string`, start);
    }
    if (number === undefined && this.#match(WORD) === undefined) {
      this.#fail(start >= this.#text.length ? "the text ends too early" : "expected a value");
    }
  }

  #object(path: string, depth: number): void {
    const keys = new Set<string>();
    this.#each("}", () => {
      const start = this.#at;
      if (this.#text[start] !== '"') this.#fail("expected a key in double quotes");
      const key = this.#string();
      if (isForbiddenKey(key)) this.#fail(`the key ${JSON.stringify(key)} is not allowed`, start);
      if (keys.has(key))
        this.#fail(`duplicate key ${JSON.stringify(key.slice(0, 100))}${path && ` in ${path}`}`, start);
      keys.add(key);
      this.#space();
      if (this.#text[this.#at] !== ":") this.#fail("expected ':' after the key");
      this.#at++;
      this.#value(path ? `${path}.${key}` : key, depth + 1);
    });
  }

  #array(path: string, depth: number): void {
    let index = 0;
    this.#each("]", () => this.#value(`${path}[${index++}]`, depth + 1));
  }

  /** The members between brackets; `close` is the bracket that ends them. */
  #each(close: "}" | "]", member: () => void): void {
    this.#at++;
    this.#space();
    if (this.#text[this.#at] === close) {
      this.#at++;
      return;
    }
    for (;;) {
      this.#space();
      member();
      this.#space();
      const char = this.#text[this.#at];
      if (char !== close && char !== ",") this.#fail(`expected ',' or '${close}'`);
      this.#at++;
      if (char === close) return;
    }
  }

  #string(): string {
    const start = this.#at++;
    for (;;) {
      const char = this.#text[this.#at];
      if (char === undefined) this.#fail("the string that begins here never ends", start);
      if (char === '"') break;
      if (char < " ") this.#fail("a control character in a string must be written as an escape");
      if (char !== "\\") this.#at++;
      else if (this.#match(ESCAPE) === undefined) this.#fail("not an escape sequence of JSON");
    }
    const value = JSON.parse(this.#text.slice(start, ++this.#at)) as string;
    if (!value.isWellFormed()) this.#fail("the string has half of a surrogate pair", start);
    return value;
  }
}
