import { parseDuration } from "../../../lib/duration.ts";
import { didYouMean, nearest } from "../../../lib/near-miss.ts";
import type { Option } from "../command/option.ts";
import { type Failure, usageFailure } from "../errors/failure.ts";
import { otherFlags } from "./other-words.ts";

export interface ParsedLine {
  flags: Record<string, boolean | string | number | string[] | undefined>;
  /** Names of the flags that were really typed. */
  given: Set<string>;
  args: string[];
  /** How many of them stand before `--`; absent without one. */
  atDash?: number;
}

/**
 * Flags as kubectl's parser (spf13/pflag) reads them: anywhere on the line until `--`; `-o yaml`, `-oyaml`, `-o=yaml`,
 * `--output=yaml`, `--output yaml`; booleans combine (`-Aw`, `-Awn prod`) and take a value only with `=`.
 * With `untilWord`, the first word that is no flag and all after it stay unread in `args`.
 */
export function parseFlags(
  words: readonly string[],
  options: readonly Option[],
  verb = "",
  mode: { untilWord?: boolean } = {},
): ParsedLine {
  const line: ParsedLine = { flags: defaultsOf(options), given: new Set(), args: [] };
  const rest = [...words];
  while (rest.length > 0) {
    const word = rest.shift()!;
    if (word === "--") return { ...line, args: [...line.args, ...rest], atDash: line.args.length };
    if (word.startsWith("--")) readLong(word, rest, options, line, verb);
    else if (word.length > 1 && word.startsWith("-")) readShorts(word, rest, options, line, verb);
    else if (mode.untilWord) return { ...line, args: [word, ...rest] };
    else line.args.push(word);
  }
  return line;
}

function defaultsOf(options: readonly Option[]): ParsedLine["flags"] {
  const empty = { boolean: false, list: [], string: undefined, integer: undefined, duration: undefined };
  return Object.fromEntries(
    options.map((option) => [option.name, option.default ?? structuredClone(empty[option.type])]),
  );
}

function readLong(word: string, rest: string[], options: readonly Option[], line: ParsedLine, verb: string): void {
  const equals = word.indexOf("=");
  const name = word.slice(2, equals < 0 ? undefined : equals);
  const option = options.find((candidate) => candidate.name === name);
  if (!option) throw unknownFlag(`--${name}`, name, options, verb);
  const value = equals < 0 ? undefined : word.slice(equals + 1);
  assign(option, value ?? bareValue(option) ?? nextWord(rest, `--${name}`, verb), line, `--${name}`, verb);
}

function readShorts(word: string, rest: string[], options: readonly Option[], line: ParsedLine, verb: string): void {
  for (let at = 1; at < word.length; at++) {
    const letter = word[at]!;
    const shown = `'${letter}' in ${word}`;
    const option = options.find((candidate) => candidate.short === letter);
    if (!option) throw usageFailure(verb, `unknown shorthand flag: ${shown}`);
    const after = word.slice(at + 1);
    const bare = after.startsWith("=") ? undefined : bareValue(option);
    const value = bare ?? (after.replace(/^=/, "") || nextWord(rest, shown, verb));
    assign(option, value, line, `-${letter}, --${option.name}`, verb);
    if (bare === undefined) return;
  }
}

const bareValue = (option: Option): string | undefined => (option.type === "boolean" ? "true" : option.implied);

function nextWord(rest: string[], shown: string, verb: string): string {
  const word = rest.shift();
  if (word === undefined) throw usageFailure(verb, `flag needs an argument: ${shown}`);
  return word;
}

function unknownFlag(shown: string, name: string, options: readonly Option[], verb: string): Failure {
  const names = options.map((option) => option.name);
  const ours = Object.hasOwn(otherFlags, name) ? otherFlags[name] : undefined;
  const meant = names.find((one) => one === ours) ?? nearest(name, names);
  return usageFailure(verb, `unknown flag: ${shown}${meant ? ` (did you mean --${meant}?)` : ""}`);
}

function assign(option: Option, text: string, line: ParsedLine, shown: string, verb: string): void {
  const refuse = (why: string): never => {
    throw usageFailure(verb, `invalid argument ${JSON.stringify(text)} for "${shown}" flag: ${why}`);
  };
  if (option.oneOf && !option.oneOf.includes(text))
    refuse(`must be one of ${option.oneOf.join(", ")}${didYouMean(text, option.oneOf)}`);
  line.given.add(option.name);
  if (option.type === "list") {
    const sofar = line.flags[option.name] as string[];
    line.flags[option.name] = [...sofar, ...(option.whole ? [text] : text.split(",").filter((part) => part !== ""))];
  } else line.flags[option.name] = plainValue(option, text, refuse);
}

function plainValue(option: Option, text: string, refuse: (why: string) => never): boolean | string | number {
  if (option.type === "boolean") {
    if (["true", "t", "1", "TRUE", "True", "T"].includes(text)) return true;
    return ["false", "f", "0", "FALSE", "False", "F"].includes(text) ? false : refuse("must be true or false");
  }
  if (option.type === "integer") {
    return /^[+-]?\d{1,15}$/.test(text) ? Number(text) : refuse("must be a whole number");
  }
  if (option.type === "duration") {
    return secondsOf(text) ?? refuse("must be a duration such as 90s, 5m or 1h30m");
  }
  return text;
}

/** A bare number is seconds. */
function secondsOf(text: string): number | undefined {
  if (/^[+-]?\d{1,9}$/.test(text)) return Number(text);
  try {
    return parseDuration(text) / 1000;
  } catch {
    return undefined;
  }
}
