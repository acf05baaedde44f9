import { nearest } from "../../../lib/near-miss.ts";
import { Failure } from "../errors/failure.ts";
import { groups, verbs } from "../verb-table.ts";
import { twoColumns } from "./help.ts";
import { otherWords } from "./other-words.ts";

/** The first of two words, as `rollout`. */
export const isFamily = (word: string): boolean => Object.keys(verbs).some((name) => name.startsWith(`${word} `));

/** All verbs in groups, or those of one family. */
export function overview(family: string | undefined, columns: number): string {
  const wanted = Object.entries(verbs).filter(([name]) => !family || name.startsWith(`${family} `));
  const widest = Math.max(...wanted.map(([name]) => name.length));
  const sections = groups
    .map((group) => [group, wanted.filter(([, verb]) => verb.group === group)] as const)
    .filter(([, members]) => members.length > 0)
    .map(([group, members]) => {
      const rows = members.map(([name, verb]) => [name, verb.summary] as const);
      return `${family ? `Verbs of ${family}` : group}:\n${twoColumns(rows, columns, widest)}`;
    });
  return [
    ...(family ? [] : ["wctl keeps processes as declared."]),
    ...sections,
    `Usage:\n  wctl ${family ? `${family} ` : ""}VERB [TYPE[/NAME]] [flags]`,
    `Use 'wctl ${family ? `${family} ` : ""}VERB --help' for the flags and examples of a verb.\n`,
  ].join("\n\n");
}

export function unknownVerb(word: string): Failure {
  const family = word.split(" ")[0]!;
  const pool = word.includes(" ")
    ? Object.keys(verbs).filter((name) => name.startsWith(`${family} `))
    : [...new Set(Object.keys(verbs).map((name) => name.split(" ")[0]!))];
  const ours = Object.hasOwn(otherWords, word) ? otherWords[word] : undefined;
  const meant = ours === undefined ? nearest(word, pool) : undefined;
  const hint = ours !== undefined ? `\n${ours}` : meant ? `\nDid you mean this?\n\t${meant}` : "";
  return new Failure(`unknown command ${JSON.stringify(word)} for "wctl"`, {
    hint: `${hint ? `${hint.slice(1)}\n` : ""}See 'wctl --help' for all verbs.`,
  });
}
