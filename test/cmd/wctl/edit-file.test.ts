import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { editFile, editorIn } from "../../../cmd/wctl/edit-file.ts";

describe("the editor", () => {
  const cases: [env: Record<string, string>, words: string[]][] = [
    [{}, ["vi"]],
    [{ EDITOR: "nano" }, ["nano"]],
    [{ EDITOR: "nano", VISUAL: "code --wait" }, ["code", "--wait"]],
    [{ EDITOR: "nano", VISUAL: "code", KUBE_EDITOR: "vim -u NONE" }, ["vim", "-u", "NONE"]],
    [{ EDITOR: "  " }, ["vi"]],
    [{ EDITOR: '"C:\\Program Files\\ed.exe" -w' }, ["C:\\Program Files\\ed.exe", "-w"]],
    [{ EDITOR: "ed '' --x='a b'" }, ["ed", "", "--x=a b"]],
  ];
  for (const [env, words] of cases)
    it(`of ${JSON.stringify(env)} is ${words.join(" ")}`, () => assert.deepEqual(editorIn(env, "vi"), words));

  it("is a program, which is told by its exit code whether to go on", async () => {
    const node = (code: string) => editFile("x", { EDITOR: `"${process.execPath}" -e "process.exit(${code})"` });
    await node("process.argv[1] === 'x' ? 0 : 1");
    await assert.rejects(node("3"), /^Failure: there was a problem with the editor /);
    await assert.rejects(editFile("x", { EDITOR: "/no/such/editor" }), /^Failure: unable to launch the editor /);
  });
});
