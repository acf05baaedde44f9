/** What begins a comment, where a name could begin. */
const COMMENT = "#;";
/** What a backslash takes its meaning from inside double quotes. */
const ESCAPABLE = '"\\`$';
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

type State = "line" | "name" | "value" | "text" | "escape" | "single" | "double" | "double-escape" | "comment";

const isLineEnd = (char: string): boolean => char === "\n" || char === "\r";
const isBlank = (char: string): boolean => char === " " || char === "\t" || isLineEnd(char);

/**
 * The variables in a text, by the grammar of systemd's EnvironmentFile (systemd.exec(5)): `NAME=value` lines; `#` or `;` begin a comment; blanks around a
 * value go unless it is quoted; a backslash at the end of a line joins the next one; quoted parts may go over several lines. Nothing is expanded. A
 * line without `=`, or with what is no name of a variable, is left out.
 */
export function parseEnvFile(text: string): Map<string, string> {
  const reader = new Reader();
  for (const char of text) reader.take(char);
  reader.end();
  return reader.variables;
}

/** One character after another; each state is a method of its name in `#next`. */
class Reader {
  readonly variables = new Map<string, string>();
  #state: State = "line";
  #name = "";
  #value = "";
  /** How much of the value stays, whatever blanks come at its end. */
  #kept = 0;

  take(char: string): void {
    this.#state = this.#next[this.#state](char);
  }

  end(): void {
    if (this.#state !== "line" && this.#state !== "name" && this.#state !== "comment") this.#finish();
  }

  readonly #next: Readonly<Record<State, (char: string) => State>> = {
    line: (char) => {
      if (COMMENT.includes(char)) return "comment";
      if (isBlank(char)) return "line";
      this.#name = char;
      return char === "=" ? "comment" : "name";
    },
    name: (char) => {
      if (isLineEnd(char)) return "line";
      if (char === "=") return this.#begin();
      this.#name += char;
      return "name";
    },
    value: (char) => {
      if (isLineEnd(char)) return this.#finish();
      if (char === "'") return "single";
      if (char === '"') return "double";
      if (char === "\\") return "escape";
      return isBlank(char) ? "value" : this.#add(char);
    },
    text: (char) => {
      if (isLineEnd(char)) return this.#finish();
      if (char === "\\") return "escape";
      return this.#add(char, isBlank(char));
    },
    escape: (char) => (isLineEnd(char) ? "text" : this.#add(char)),
    single: (char) => {
      if (char === "'") return "value";
      this.#add(char);
      return "single";
    },
    double: (char) => {
      if (char === '"') return "value";
      if (char === "\\") return "double-escape";
      this.#add(char);
      return "double";
    },
    "double-escape": (char) => {
      if (!isLineEnd(char)) this.#add(ESCAPABLE.includes(char) ? char : `\\${char}`);
      return "double";
    },
    comment: (char) => (isLineEnd(char) ? "line" : "comment"),
  };

  #begin(): State {
    this.#value = "";
    this.#kept = 0;
    return "value";
  }

  #add(text: string, isTrailing = false): State {
    this.#value += text;
    if (!isTrailing) this.#kept = this.#value.length;
    return "text";
  }

  #finish(): State {
    const name = this.#name.trimEnd();
    if (NAME.test(name)) this.variables.set(name, this.#value.slice(0, this.#kept));
    return "line";
  }
}
