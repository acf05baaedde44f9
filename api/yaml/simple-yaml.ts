/**
 * The plain part of YAML in which programs write kubeconfigs: block maps and lists of maps, one `key: value` per line. It exists
 * so that the CLI need not load a YAML parser to start. Returns undefined for everything it is not sure of; then `yaml-document.ts` reads
 * the text. What it does return is what a YAML parser returns.
 */
export function parseSimpleYaml(text: string): Record<string, unknown> | undefined {
  try {
    return new SimpleYaml(text).document();
  } catch (error) {
    if (error === unsure) return undefined;
    throw error;
  }
}

const unsure = new Error("not the plain part of YAML");

interface Line {
  indent: number;
  /** The line begins an item of a list. */
  item: boolean;
  key: string;
  /** Text after the colon; absent when the value is on the next lines. */
  value?: string;
}

const LINE = /^( {0,40})(- )?([A-Za-z][A-Za-z0-9_-]{0,62}):(?: ([^\r\n]*))?$/;
const STRING = /^[A-Za-z/][A-Za-z0-9+/=._@-]*(?::[A-Za-z0-9+/=._@-]+)*$/;
/** Words and numbers that YAML reads, or once read, as something else. */
const NOT_STRING = /^(?:true|false|null|yes|no|on|off|y|n)$/i;

class SimpleYaml {
  #lines: Line[];
  #at = 0;

  constructor(text: string) {
    this.#lines = text
      .replace(/\r\n/g, "\n")
      .replace(/\n$/, "")
      .split("\n")
      .filter((line) => line !== "")
      .map(parseLine);
  }

  document(): Record<string, unknown> {
    const value = this.#map(0);
    if (this.#at < this.#lines.length) throw unsure;
    return value;
  }

  /** Members whose keys begin in column `indent`; the first may stand behind the dash of an item. */
  #map(indent: number): Record<string, unknown> {
    const map: Record<string, unknown> = {};
    for (let first = true; ; first = false) {
      const line = this.#lines[this.#at];
      const column = line && (line.item ? line.indent + 2 : line.indent);
      if (!line || column !== indent || (line.item && !first)) {
        if (first) throw unsure;
        return map;
      }
      if (Object.hasOwn(map, line.key) || line.key === "constructor" || line.key === "prototype") throw unsure;
      this.#at++;
      map[line.key] = line.value === undefined ? this.#nested(indent) : scalar(line.value);
    }
  }

  #nested(indent: number): unknown {
    const next = this.#lines[this.#at];
    if (next?.item && next.indent >= indent) return this.#list(next.indent);
    if (next && !next.item && next.indent > indent) return this.#map(next.indent);
    throw unsure;
  }

  #list(indent: number): unknown[] {
    const items: unknown[] = [];
    while (this.#lines[this.#at]?.item && this.#lines[this.#at]?.indent === indent) items.push(this.#map(indent + 2));
    return items;
  }
}

function parseLine(text: string): Line {
  const match = LINE.exec(text);
  if (!match) throw unsure;
  const [, spaces = "", dash, key = "", value] = match;
  return { indent: spaces.length, item: dash !== undefined, key, ...(value === undefined ? {} : { value }) };
}

function scalar(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  if (text === "{}") return {};
  if (text === "[]") return [];
  if (STRING.test(text) && !NOT_STRING.test(text)) return text;
  // A JSON string of plain characters means the same in YAML.
  if (/^"[ !#-[\]-~]*"$/.test(text)) return text.slice(1, -1);
  throw unsure;
}
