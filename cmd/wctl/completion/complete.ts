import type { Command, Context } from "../command/command.ts";
import { type GlobalFlags, globalOptions } from "../command/common-options.ts";
import type { Option } from "../command/option.ts";
import { parseFlags } from "../command-line/parse-flags.ts";
import { verbNamed, verbs } from "../verb-table.ts";
import { flagValues } from "./flag-values.ts";
import { wordsAfter } from "./objects.ts";
import { behind, type Candidate, nothing, type Offer } from "./offer.ts";
import { longFlag, type TypedLine, takesNextWord, typedLine } from "./typed-line.ts";

/** Tells the shell to go on with names of files. */
const FILES = ":files";

/**
 * What the scripts of `wctl completion` ask: `=WORD` is the word that is being typed, so that it is never an empty argument; then come those before it. Prints a
 * line for each word that it may become, a tab, and what that means. Never fails: a Tab is no place for errors.
 */
export async function complete(
  [marked = "=", ...before]: readonly string[],
  makeContext: (flags: GlobalFlags) => Context,
): Promise<number> {
  const current = marked.replace(/^=/, "");
  const flags = globalFlags(typedLine(before, globalOptions));
  const context = makeContext(flags);
  const { candidates, files } = await offerFor(current, before, context).catch(() => nothing);
  const lines = candidates.filter(({ value }) => value.startsWith(current)).map(lineOf);
  await context.out.write([...lines, ...(files ? [`${FILES}\n`] : [])].join(""));
  return 0;
}

const lineOf = ({ value, about }: Candidate): string => (about ? `${value}\t${about}\n` : `${value}\n`);

async function offerFor(current: string, before: readonly string[], context: Context): Promise<Offer> {
  const typed = before[0] === "help" ? before.slice(1) : before;
  const { name, command, options } = await verbIn(typedLine(typed, globalOptions).words);
  const line = typedLine(typed, options);
  if (line.pending) return flagValues(line.pending, context);
  if (current.startsWith("-") && !line.isAfterDash) return flagsFor(current, options, line, context);
  if (line.isAfterDash) return { candidates: [], files: true };
  const more = moreOfVerb(line.words);
  const after = name.split(" ").length;
  const own = command?.takes ? await wordsAfter(command.takes, line.words.slice(after), current, context) : nothing;
  return { ...own, candidates: [...more, ...own.candidates] };
}

/** The verb that the words begin with, and every flag that may follow it. */
async function verbIn(
  words: readonly string[],
): Promise<{ name: string; command?: Command; options: readonly Option[] }> {
  const verb = verbNamed(words);
  if (!verb) return { name: "", options: globalOptions };
  const command = await verbs[verb.name]!.load();
  const options = [
    ...command.options,
    ...globalOptions.filter(({ name }) => !command.options.some((own) => own.name === name)),
  ];
  return { name: words.slice(0, verb.words).join(" "), command, options };
}

/** The next words of verbs that begin with all of these: `rollout` goes on with `status`. */
function moreOfVerb(words: readonly string[]): Candidate[] {
  const start = words.map((word) => `${word} `).join("");
  const found = new Map<string, Candidate>();
  for (const [name, { summary }] of Object.entries(verbs)) {
    if (!name.startsWith(start)) continue;
    const [value = "", ...rest] = name.slice(start.length).split(" ");
    if (!found.has(value)) found.set(value, rest.length === 0 ? { value, about: summary } : { value });
  }
  return [...found.values()];
}

async function flagsFor(
  current: string,
  options: readonly Option[],
  line: TypedLine,
  context: Context,
): Promise<Offer> {
  if (current.includes("=")) {
    const { option } = longFlag(current, options);
    return option ? behind(current.slice(0, current.indexOf("=") + 1), await flagValues(option, context)) : nothing;
  }
  const left = options.filter(({ name, type }) => type === "list" || !line.given.has(name));
  return {
    candidates: left.map((option) => ({
      value: `--${option.name}${takesNextWord(option) ? "=" : ""}`,
      about: option.description.replace(/\s+/g, " "),
    })),
  };
}

/** Those that say where the server is, as far as they are understood. */
function globalFlags({ given }: TypedLine): GlobalFlags {
  const words = [...given].map(([name, value]) => `--${name}=${value}`);
  try {
    return parseFlags(words, globalOptions).flags as GlobalFlags;
  } catch {
    return parseFlags([], globalOptions).flags as GlobalFlags;
  }
}
