/** The commands that the documentation tells people to type are there, with their flags. docs/cli.md has tests of its own. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { globalOptions } from "../../../cmd/wctl/command/common-options.ts";
import { parseFlags } from "../../../cmd/wctl/command-line/parse-flags.ts";
import { verbs } from "../../../cmd/wctl/verb-table.ts";

const root = join(import.meta.dirname, "../../..");
const pages = globSync("{README.md,docs/*.md,docs/guides/*.md,docs/kinds/*.md}", { cwd: root }).filter(
  (page) => !page.endsWith("cli.md"),
);

interface Written {
  place: string;
  words: string[];
}

/** What stands alone on a line, after a prompt or not, or between backticks. */
function commandsOf(page: string): Written[] {
  const lines = readFileSync(join(root, page), "utf8").split("\n");
  return lines.flatMap((line, index) => {
    const isShownAsRefused = lines[index + 1]?.startsWith("error: unknown command") ?? false;
    const typed = /^(?:[$>#] )?(wctl(?:\.exe)? .*)$/.exec(line)?.[1];
    const texts = typed ? [typed] : Array.from(line.matchAll(/`(wctl [a-z][^`\\]*)`/g), ([, text]) => text!);
    return isShownAsRefused ? [] : texts.map((text) => ({ place: `${page}:${index + 1}`, words: wordsOf(text) }));
  });
}

/** Up to what belongs to the shell, without quotes. */
const wordsOf = (text: string): string[] =>
  [...text.replace(/\s(?:[|>#]|&&|\|\||;).*$/, "").matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)]
    .slice(1)
    .map(([word]) => word.replaceAll(/['"]/g, ""));

async function faultOf({ words }: Written): Promise<string | undefined> {
  const name = [3, 2, 1].map((count) => words.slice(0, count).join(" ")).find((one) => Object.hasOwn(verbs, one));
  if (name === undefined)
    return Object.keys(verbs).some((one) => one.startsWith(`${words[0]} `)) ? undefined : "no such verb";
  const verb = await verbs[name]!.load();
  try {
    parseFlags(words.slice(name.split(" ").length), [...verb.options, ...globalOptions], name);
  } catch (error) {
    const { message } = error as Error;
    return /needs an argument/.test(message) ? undefined : message; // A flag may be named without its value.
  }
  return undefined;
}

describe("the commands in the documentation", () => {
  it("are there, with their flags", async () => {
    const written = pages.flatMap(commandsOf);
    assert.ok(written.length > 100, `${written.length} found`);
    const faults: string[] = [];
    for (const one of written) {
      const fault = await faultOf(one);
      if (fault !== undefined) faults.push(`${one.place}: wctl ${one.words.join(" ")}: ${fault}`);
    }
    assert.deepEqual(faults, []);
  });
});
