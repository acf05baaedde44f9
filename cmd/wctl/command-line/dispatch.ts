import type { Context } from "../command/command.ts";
import { type GlobalFlags, globalOptions } from "../command/common-options.ts";
import type { Option } from "../command/option.ts";
import { usageFailure } from "../errors/failure.ts";
import { verbNamed, verbs } from "../verb-table.ts";
import { parseFlags } from "./parse-flags.ts";

/** No verb of people: the scripts of `wctl completion` ask it. */
const COMPLETE = "__complete";

/** Makes the services of a verb from the global flags. */
export type MakeContext = (flags: GlobalFlags) => Context;

/** Finds the verb, reads its flags, runs it. Resolves with the exit code; throws what the user must read. */
export async function dispatch(words: readonly string[], makeContext: MakeContext): Promise<number> {
  if (words[0] === COMPLETE) return (await import("../completion/complete.ts")).complete(words.slice(1), makeContext);
  const before = parseFlags(words, [...globalOptions, versionFlag], "", { untilWord: true });
  const flagsBefore = words.slice(0, words.length - before.args.length);
  if (before.flags[versionFlag.name]) return dispatch(["version", "--client"], makeContext);
  const helpFirst = before.args[0] === "help";
  const line = helpFirst ? before.args.slice(1) : before.args;
  const verb = verbNamed(line);
  if (!verb) return printOverview(line, makeContext(before.flags as GlobalFlags));
  return runVerb(verb.name, [...flagsBefore, ...line.slice(verb.words)], helpFirst, makeContext);
}

const versionFlag = { name: "version", type: "boolean", description: "Print the version." } as const satisfies Option;

async function runVerb(
  name: string,
  words: readonly string[],
  wantsHelp: boolean,
  makeContext: MakeContext,
): Promise<number> {
  const verb = await verbs[name]!.load();
  const helpAsked = wantsHelp || asksForHelp(words);
  const options = [...verb.options, ...globalOptions.filter((option) => !shadowed(option, verb.options))];
  const parsed = parseFlags(helpAsked ? [] : words, options, name);
  const context = makeContext(unshadowed(parsed.flags, verb.options) as GlobalFlags);
  if (helpAsked) {
    const { helpOf } = await import("./help.ts");
    await context.out.write(helpOf(verb, context.out.columns));
    return 0;
  }
  return (await verb.run(parsed.args, parsed.flags as never, context, parsed.atDash)) ?? 0;
}

const shadowed = (option: Option, own: readonly Option[]): boolean => own.some(({ name }) => name === option.name);

/** What a verb calls by the name of a global flag is its own: `--user` of `kubeconfig create` is not whose credentials are used. */
const unshadowed = (flags: object, own: readonly Option[]): object =>
  Object.fromEntries(Object.entries(flags).filter(([name]) => !own.some((option) => option.name === name)));

/** Help wins over every mistake on the same line. */
function asksForHelp(words: readonly string[]): boolean {
  const end = words.indexOf("--");
  return (end < 0 ? words : words.slice(0, end)).some((word) => word === "--help" || word === "-h");
}

/** No verb, or the first word of several verbs: list them. An unknown word is an error. */
async function printOverview(line: readonly string[], context: Context): Promise<number> {
  const { overview, isFamily, unknownVerb } = await import("./overview.ts");
  const [first, second] = line;
  if (first !== undefined && !isFamily(first)) throw unknownVerb(first);
  if (second !== undefined && !second.startsWith("-")) throw unknownVerb(`${first} ${second}`);
  if (second !== undefined && second !== "-h" && second !== "--help")
    throw usageFailure(first!, `unknown flag: ${second}`);
  await context.out.write(overview(first, context.out.columns));
  return 0;
}
