import type { Option } from "../command/option.ts";

/** What is on the line before the word that is being typed. */
export interface TypedLine {
  /** Words that are no flags and no values of flags. */
  words: string[];
  /** Flags, by name, as they were typed. */
  given: Map<string, string>;
  /** The last word is a flag that waits for its value. */
  pending: Option | undefined;
  /** After `--`, nothing is a flag any more. */
  isAfterDash: boolean;
}

/** Reads a line that is not finished, and may be wrong: what is not understood is passed over. */
export function typedLine(typed: readonly string[], options: readonly Option[]): TypedLine {
  const line: TypedLine = { words: [], given: new Map(), pending: undefined, isAfterDash: false };
  const rest = [...typed];
  while (rest.length > 0) {
    const word = rest.shift()!;
    if (line.isAfterDash || !word.startsWith("-") || word === "-") line.words.push(word);
    else if (word === "--") line.isAfterDash = true;
    else readFlag(word, rest, options, line);
  }
  return line;
}

function readFlag(word: string, rest: string[], options: readonly Option[], line: TypedLine): void {
  const { option, value } = word.startsWith("--") ? longFlag(word, options) : shortFlags(word, options);
  if (!option) return;
  if (value !== undefined || !takesNextWord(option)) line.given.set(option.name, value ?? "true");
  else if (rest.length > 0) line.given.set(option.name, rest.shift()!);
  else line.pending = option;
}

interface Flag {
  option: Option | undefined;
  value: string | undefined;
}

export function longFlag(word: string, options: readonly Option[]): Flag {
  const equals = word.indexOf("=");
  const name = word.slice(2, equals < 0 ? undefined : equals);
  const value = equals < 0 ? undefined : word.slice(equals + 1);
  return { option: options.find((option) => option.name === name), value };
}

/** `-Awn prod`: the last of them may have a value. */
function shortFlags(word: string, options: readonly Option[]): Flag {
  for (let at = 1; at < word.length; at++) {
    const option = options.find(({ short }) => short === word[at]);
    const after = word.slice(at + 1).replace(/^=/, "");
    if (!option || takesNextWord(option)) return { option, value: after === "" ? undefined : after };
    if (after === "") return { option, value: undefined };
  }
  return { option: undefined, value: undefined };
}

/** A value that may be left out is given with `=`. */
export const takesNextWord = ({ type, implied }: Option): boolean => type !== "boolean" && implied === undefined;
