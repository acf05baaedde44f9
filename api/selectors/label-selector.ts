import { badRequest } from "../errors.ts";
import { labelKeyError, labelValueError } from "./label-syntax.ts";

export type LabelOperator = "=" | "!=" | "in" | "notin" | "exists" | "!" | ">" | "<";

export interface LabelRequirement {
  key: string;
  operator: LabelOperator;
  /** One value for `=`, `!=`, `>` and `<`; none for `exists` and `!`; sorted and unique for the sets. */
  values: readonly string[];
}

export type Labels = Readonly<Record<string, string>>;

/** Every requirement must hold; no requirement matches everything. */
export class LabelSelector {
  readonly requirements: readonly LabelRequirement[];

  constructor(requirements: readonly LabelRequirement[]) {
    this.requirements = requirements;
  }

  get isEmpty(): boolean {
    return this.requirements.length === 0;
  }

  matches(labels: Labels | undefined): boolean {
    return this.requirements.every((requirement) => holds(requirement, labels ?? {}));
  }

  /** The canonical form: sorted by key; parsing it gives an equal selector. */
  toString(): string {
    return this.requirements.map(print).join(",");
  }
}

/** More than any person or controller writes, less than what costs time. */
export const MAX_SELECTOR_LENGTH = 16_384;

/**
 * Kubernetes' grammar (apimachinery `pkg/labels`): `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b)`, `a`, `!a`, `a>1`, `a<1`, joined
 * by commas. Throws BadRequest that quotes what was found. One pass, no backtracking.
 */
export function parseLabelSelector(text: string): LabelSelector {
  if (text.length > MAX_SELECTOR_LENGTH) {
    throw badRequest(`label selector is too long: ${text.length} characters, at most ${MAX_SELECTOR_LENGTH}`);
  }
  return new LabelSelector(new Parser(scan(text)).parse().sort((a, b) => compare(a.key, b.key)));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function holds({ key, operator, values }: LabelRequirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case "exists":
      return value !== undefined;
    case "!":
      return value === undefined;
    case "=":
    case "in":
      return value !== undefined && values.includes(value);
    case "!=":
    case "notin":
      return value === undefined || !values.includes(value);
    default:
      return value !== undefined && isInteger(value) && ordered(operator, BigInt(value), BigInt(values[0] ?? "0"));
  }
}

const isInteger = (text: string): boolean => /^-?\d{1,19}$/.test(text);
const ordered = (operator: ">" | "<", left: bigint, right: bigint): boolean =>
  operator === ">" ? left > right : left < right;

function print({ key, operator, values }: LabelRequirement): string {
  if (operator === "exists") return key;
  if (operator === "!") return `!${key}`;
  if (operator === "in" || operator === "notin") return `${key} ${operator} (${values.join(",")})`;
  return `${key}${operator}${values[0]}`;
}

interface Token {
  kind: "word" | "symbol" | "end";
  text: string;
}
const END: Token = { kind: "end", text: "" };
const SPACE = " \t\r\n";
const SPECIAL = "=!(),<>";

function scan(text: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length; ) {
    const char = text.charAt(at);
    if (SPACE.includes(char)) {
      at++;
      continue;
    }
    const start = at++;
    if (SPECIAL.includes(char)) {
      if ((char === "=" || char === "!") && text[at] === "=") at++;
      tokens.push({ kind: "symbol", text: text.slice(start, at) });
      continue;
    }
    while (at < text.length && !SPACE.includes(text.charAt(at)) && !SPECIAL.includes(text.charAt(at))) at++;
    tokens.push({ kind: "word", text: text.slice(start, at) });
  }
  return tokens;
}

class Parser {
  #tokens: Token[];
  #at = 0;

  constructor(tokens: Token[]) {
    this.#tokens = tokens;
  }

  parse(): LabelRequirement[] {
    const requirements: LabelRequirement[] = [];
    if (this.#peek.kind === "end") return requirements;
    for (;;) {
      requirements.push(this.#requirement());
      const next = this.#take();
      if (next.kind === "end") return requirements;
      if (next.text !== ",") throw found(next, "',' or 'end of string'");
      if (this.#peek.kind !== "word" && this.#peek.text !== "!") throw found(this.#peek, "identifier after ','");
    }
  }

  get #peek(): Token {
    return this.#tokens[this.#at] ?? END;
  }

  #take(): Token {
    const token = this.#peek;
    this.#at++;
    return token;
  }

  /** At `,` or the end: what came before stands alone. */
  get #atEdge(): boolean {
    return this.#peek.kind === "end" || this.#peek.text === ",";
  }

  #requirement(): LabelRequirement {
    const first = this.#take();
    const negated = first.text === "!";
    const key = negated ? this.#take() : first;
    if (key.kind !== "word") throw found(key, negated ? "identifier" : "!, identifier, or 'end of string'");
    const error = labelKeyError(key.text);
    if (error) throw refused("key", key.text, error);
    if (negated) return { key: key.text, operator: "!", values: [] };
    if (this.#atEdge) return { key: key.text, operator: "exists", values: [] };
    return this.#comparison(key.text);
  }

  #comparison(key: string): LabelRequirement {
    const token = this.#take();
    const operator = token.text === "==" ? "=" : token.text;
    switch (operator) {
      case "in":
      case "notin":
        return { key, operator, values: checked(key, this.#set()) };
      case "=":
      case "!=":
        return { key, operator, values: checked(key, [this.#value()]) };
      case ">":
      case "<": {
        const value = this.#value();
        if (!isInteger(value)) throw refused("value", value, "for 'Gt', 'Lt' operators, the value must be an integer");
        return { key, operator, values: [value] };
      }
      default:
        throw found(token, "in, notin, =, ==, !=, gt, lt");
    }
  }

  #value(): string {
    if (this.#atEdge) return "";
    const token = this.#take();
    if (token.kind !== "word") throw found(token, "identifier");
    return token.text;
  }

  /** `(a,b)`. An empty place between commas is the empty value, as in Kubernetes. */
  #set(): string[] {
    const open = this.#take();
    if (open.text !== "(") throw found(open, "'('");
    const values = new Set<string>();
    if (this.#peek.text === ")") throw badRequest("for 'in', 'notin' operators, values set can't be empty");
    for (;;) {
      values.add(this.#peek.kind === "word" ? this.#take().text : "");
      const next = this.#take();
      if (next.text === ")") return [...values].sort(compare);
      if (next.text !== ",") throw found(next, "',' or ')'");
    }
  }
}

function checked(key: string, values: string[]): string[] {
  for (const value of values) {
    const error = labelValueError(value);
    if (error) throw refused(`value of "${key}"`, value, error);
  }
  return values;
}

const found = (token: Token, expected: string) =>
  badRequest(`unable to parse requirement: found '${token.text}', expected: ${expected}`);
const refused = (what: string, text: string, why: string) =>
  badRequest(`unable to parse requirement: ${what}: Invalid value: ${JSON.stringify(text.slice(0, 300))}: ${why}`);
