import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Ran, runWords } from "../../run-words.ts";

const wctl = (...words: string[]): Promise<Ran> =>
  runWords(words, () => ({
    kubeconfig: undefined,
    namespace: undefined,
    open: () => Promise.reject(new Error("no server is needed for this")),
    whyNoAnswer: () => undefined,
  }));

const missing = (shell: string): string | false =>
  spawnSync(shell, ["-c", "true"]).status === 0 ? false : `there is no ${shell} here`;

/** Tells what it was asked, and offers what OFFERS says. */
const stub = `#!/bin/sh
for word in "$@"; do printf '<%s>' "$word" >> "$ASKED"; done
printf %b "$OFFERS"
`;

describe("the script of wctl completion", () => {
  let folder: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "wctl-completion-"));
    writeFileSync(join(folder, "wctl"), stub);
    chmodSync(join(folder, "wctl"), 0o755);
    for (const shell of ["bash", "zsh", "fish"])
      writeFileSync(join(folder, `script.${shell}`), (await wctl("completion", shell)).out);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function inShell(shell: string, script: string, offers: string): { asked: string; offered: string[]; err: string } {
    const asked = join(folder, "asked");
    writeFileSync(asked, "");
    const env = { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}`, ASKED: asked, OFFERS: offers };
    const { stdout, stderr } = spawnSync(shell, ["-c", `${script}\ncat "$ASKED"`], {
      env,
      cwd: folder,
      encoding: "utf8",
    });
    const lines = stdout.split("\n");
    return { asked: lines.pop() ?? "", offered: lines, err: stderr };
  }

  const inBash: [what: string, words: string, offers: string, asked: string, offered: string[]][] = [
    ["the first word", "wctl ge", "get\\tList objects\\n", "<__complete><=ge>", ["get"]],
    ["a word that has no letter yet", "wctl get ''", "a\\nb\\n", "<__complete><=><get>", ["a", "b"]],
    [
      "a flag with its value, which bash parts",
      "wctl get --output = ya",
      "--output=yaml\\n",
      "<__complete><=--output=ya><get>",
      ["yaml"],
    ],
    [
      "a flag whose value has no letter yet",
      "wctl get --output =",
      "--output=json\\n",
      "<__complete><=--output=><get>",
      ["json"],
    ],
    [
      "a word after such a flag",
      "wctl get --output = yaml pro",
      "processes\\n",
      "<__complete><=pro><get><--output=yaml>",
      ["processes"],
    ],
    [
      "a new word after such a flag",
      "wctl get --output = yaml ''",
      "x\\n",
      "<__complete><=><get><--output=yaml>",
      ["x"],
    ],
    [
      "what bash would read as a command",
      "wctl config use-context ''",
      "a b\\n$(x);y\\n",
      "<__complete><=><config><use-context>",
      ["a\\ b", "\\$\\(x\\)\\;y"],
    ],
    [
      "a context with colons",
      "wctl --context arn : aws : e",
      "arn:aws:eks\\n",
      "<__complete><=arn:aws:e><--context>",
      ["eks"],
    ],
    ["files", "wctl apply -f ''", ":files\\n", "<__complete><=><apply><-f>", []],
    ["nothing", "wctl x ''", "", "<__complete><=><x>", []],
    ["another name of the program", "/no/such/wctl ge", "get\\n", "<__complete><=ge>", ["get"]],
  ];
  for (const [what, words, offers, asked, offered] of inBash) {
    it(`asks in bash for ${what}`, { skip: missing("bash") }, () => {
      const script = `source script.bash; COMP_WORDS=(${words}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _wctl; for one in "\${COMPREPLY[@]}"; do printf '%s\\n' "$one"; done`;
      assert.deepEqual(inShell("bash", script, offers), { asked, offered, err: "" });
    });
  }

  it("asks in zsh", { skip: missing("zsh") }, () => {
    const script = `compdef() { :; }; compadd() { print -l -- "\${(@P)argv[-1]}"; }; source ./script.zsh
words=(wctl get 'a\\ b' pro); CURRENT=4; PREFIX=pro; _wctl`;
    const { asked, offered } = inShell("zsh", script, "processes\\tKind\\nprocess/\\n");
    assert.deepEqual([asked, offered], ["<__complete><=pro><get><a b>", ["processes", "process/"]]);
  });

  it("asks in fish", { skip: missing("fish") }, () => {
    const { asked, offered } = inShell("fish", "source script.fish; complete -C 'wctl get pro'", "processes\\tKind\\n");
    assert.deepEqual([asked, offered], ["<__complete><=pro><get>", ["processes\tKind"]]);
  });
});

describe("wctl completion", () => {
  it("prints a script for each shell that registers itself", async () => {
    for (const [shell, registers] of Object.entries({
      bash: /^complete .* _wctl wctl/m,
      zsh: /^ {2}compdef _wctl wctl$/m,
      fish: /^complete -c wctl /m,
      powershell: /^Register-ArgumentCompleter -Native -CommandName 'wctl'/m,
    }))
      assert.match((await wctl("completion", shell)).out, registers);
  });

  const refusals: [words: string[], message: string][] = [
    [[], "Shell not specified."],
    [["tcsh"], 'Unsupported shell type "tcsh".'],
    [["toString"], 'Unsupported shell type "toString".'],
    [["bash", "zsh"], "Too many arguments. Expected only the shell type."],
  ];
  for (const [words, message] of refusals)
    it(`refuses "${words.join(" ")}"`, async () =>
      assert.deepEqual(await wctl("completion", ...words), {
        code: 1,
        out: "",
        err: `error: ${message}\nSee 'wctl completion -h' for help and examples\n`,
      }));
});
