import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { Command } from "../../../../cmd/wctl/command/command.ts";
import { globalOptions } from "../../../../cmd/wctl/command/common-options.ts";
import { helpOf } from "../../../../cmd/wctl/command-line/help.ts";
import { otherWords } from "../../../../cmd/wctl/command-line/other-words.ts";
import { parseFlags } from "../../../../cmd/wctl/command-line/parse-flags.ts";
import { verbs } from "../../../../cmd/wctl/verb-table.ts";
import { type Ran, runWords } from "../run-words.ts";

const loaded: [string, Command][] = [];
for (const [name, verb] of Object.entries(verbs)) loaded.push([name, await verb.load()]);

/** The words of an example as a shell would hand them over: no pipes or variables are used, only simple quotes. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replaceAll("'", ""));

describe("every verb", () => {
  for (const [name, verb] of loaded) {
    it(`${name} has a name, usage, examples, and help that names its flags`, () => {
      assert.equal(verb.name, name);
      assert.ok(verb.usage.length > 0 && verb.usage.every((usage) => usage.startsWith(name)));
      const help = helpOf(verb, 80);
      for (const option of verb.options) assert.ok(help.includes(`--${option.name}`), option.name);
      assert.ok(
        help.split("\n").every((line) => line.length <= 120),
        "no line is endless",
      );
    });

    it(`${name} has examples that its own flags can read`, () => {
      const lines = verb.examples.flatMap((example) => example.line.split("\n"));
      const own = lines
        .flatMap((line) => line.split(/\|\|?/).map((part) => part.trim()))
        .filter((line) => line.startsWith(`wctl ${name}`));
      assert.ok(own.length > 0, "at least one example of the verb itself");
      const options = [...verb.options, ...globalOptions];
      for (const line of own) parseFlags(wordsOf(line).slice(1), options, name);
    });

    it(`${name} says what completion can offer where it names objects`, () => {
      const namesObjects = verb.usage.some((usage) =>
        /\bTYPE\b|\b(?:process|instance)e?s?\/NAME/.test(usage.replace(/--\S+ \S+/g, "")),
      );
      assert.equal(namesObjects && verb.takes === undefined, false);
    });

    it(`${name} uses no flag twice, nor one of the global letters for something else`, () => {
      const own = new Set(verb.options.map((option) => option.name));
      const all: { name: string; short?: string }[] = [
        ...verb.options,
        ...globalOptions.filter((option) => !own.has(option.name)),
      ];
      assert.equal(new Set(all.map((option) => option.name)).size, all.length);
      const letters = all.flatMap(({ short }) => short ?? []);
      assert.equal(new Set(letters).size, letters.length);
    });
  }

  it("is in docs/cli.md, with all of its flags", () => {
    const docs = readFileSync(join(import.meta.dirname, "../../../../docs/cli.md"), "utf8");
    for (const [name, verb] of loaded) {
      const start = docs.indexOf(`### ${name}\n`);
      assert.ok(start >= 0, name);
      const section = docs.slice(start, docs.indexOf("\n### ", start + 1) + 1 || undefined);
      for (const option of verb.options) assert.ok(section.includes(`--${option.name}`), `${name} --${option.name}`);
    }
  });
});

describe("the line of words", () => {
  const run = (...words: string[]): Promise<Ran> =>
    runWords(words, () => ({
      kubeconfig: undefined,
      namespace: undefined,
      open: () => Promise.reject(new Error("no server is needed for this")),
      whyNoAnswer: () => undefined,
    }));

  it("without a verb lists the verbs", async () => {
    const { code, out } = await run();
    assert.equal(code, 0);
    for (const name of Object.keys(verbs)) assert.match(out, new RegExp(`^ {2}${name} `, "m"));
    assert.equal((await run("--help")).out, out);
    assert.equal((await run("help")).out, out);
  });

  it("with -h anywhere shows the verb's help, whatever else is wrong on the line", async () => {
    const { code, out } = await run("get", "--help");
    assert.equal(code, 0);
    assert.match(out, /^List objects, or print some\.\n[\s\S]*\nExamples:\n/);
    for (const words of [
      ["get", "-h", "--nonsense"],
      ["help", "get"],
      ["-n", "x", "get", "-h"],
    ]) {
      assert.equal((await run(...words)).out, out);
    }
    assert.match((await run("rollout", "status", "-h")).out, /^Follow a rollout until it is done\.\n/);
    assert.match((await run("daemon", "--help")).out, /--data-dir DIR/);
  });

  it("after -- takes -h for an argument", async () => {
    assert.equal((await run("why", "--", "-h")).err, "error: no server is needed for this\n");
  });

  it("with the first of two words lists what can follow", async () => {
    assert.match((await run("rollout")).out, /rollout status +Follow/);
  });

  it("suggests what was probably meant", async () => {
    assert.deepEqual(await run("aply"), {
      code: 1,
      out: "",
      err: 'error: unknown command "aply" for "wctl"\nDid you mean this?\n\tapply\nSee \'wctl --help\' for all verbs.\n',
    });
    assert.match((await run("rollout", "stauts")).err, /\trollout status\n/);
    assert.doesNotMatch((await run("frobnicate")).err, /Did you mean/);
    assert.match(
      (await run("get", "--outptu=yaml")).err,
      /^error: unknown flag: --outptu \(did you mean --output\?\)\n/,
    );
  });

  it("tells who comes from elsewhere how it is said here", async () => {
    for (const [word, ours] of Object.entries(otherWords)) {
      assert.equal(Object.hasOwn(verbs, word), false, `${word} is a verb by now`);
      const { code, err } = await run(word, "web");
      assert.deepEqual(
        [code, err],
        [1, `error: unknown command "${word}" for "wctl"\n${ours}\nSee 'wctl --help' for all verbs.\n`],
      );
      for (const [, named] of ours.matchAll(/"wctl ((?:\w+)(?: \w+)?)/g)) {
        assert.ok(
          [named!, named!.split(" ")[0]!].some((one) => Object.hasOwn(verbs, one)),
          `${word} points to ${named}`,
        );
      }
    }
    assert.match(
      (await run("logs", "process/web", "--lines=5")).err,
      /unknown flag: --lines \(did you mean --tail\?\)/,
    );
    assert.match((await run("stop", "web", "--no-block")).err, /unknown flag: --no-block \(did you mean --wait\?\)/);
  });

  it("prints its version without a server", async () => {
    assert.match((await run("--version")).out, /^Client Version: v\d+\.\d+\.\d+\n$/);
    assert.match(JSON.parse((await run("version", "--client", "-o", "json")).out).clientVersion.gitVersion, /^v\d/);
  });
});
