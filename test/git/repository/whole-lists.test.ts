import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { wholeLists } from "../../../git/repository/whole-lists.ts";
import { joined } from "../../../git/transport/joined.ts";
import { FLUSH, pktLine } from "../../../git/transport/pkt-lines.ts";

const SERVICE = pktLine("# service=git-upload-pack\n") + FLUSH;
const HEAD = pktLine(`${"1".repeat(40)} HEAD\n`);
const MAIN = pktLine(`${"1".repeat(40)} refs/heads/main\n`);

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

/** What the library sees of it. */
async function seen(answer: string, question?: string): Promise<string> {
  const http = wholeLists({
    request: async ({ url }) => ({ url, statusCode: 200, statusMessage: "OK", headers: {}, body: once(answer) }),
  });
  const asked = { url: "https://git.example.com", ...(question !== undefined && { body: once(question) }) };
  return (await joined((await http.request(asked)).body ?? [])).toString();
}

describe("a list of refs", () => {
  it("is seen as it is when it is whole", async () => {
    for (const list of [SERVICE + HEAD + MAIN + FLUSH, HEAD + FLUSH, FLUSH, `${HEAD}${FLUSH}\n`])
      assert.equal(await seen(list), list);
    assert.equal(await seen(HEAD + FLUSH, pktLine("command=ls-refs\n")), HEAD + FLUSH);
  });

  it("is not seen when it ends before its end", async () => {
    for (const list of ["", SERVICE, SERVICE + HEAD, HEAD, HEAD + MAIN.slice(0, -3), `${HEAD}00`])
      await assert.rejects(seen(list), { reason: "FetchFailed", message: /ends before it is whole/ });
    await assert.rejects(seen(HEAD, pktLine("command=ls-refs\n")), { message: /ends before it is whole/ });
  });

  it("is told from a page, and from a refusal", async () => {
    await assert.rejects(seen("<html>"), { reason: "FetchFailed", message: /does not answer as a git server/ });
    for (const before of ["", SERVICE])
      await assert.rejects(seen(`${before}${pktLine("ERR no\x1bsuch repository\n")}`), {
        reason: "FetchFailed",
        message: /refuses to give the repository: no\\x1bsuch repository$/,
      });
  });

  it("is not looked for in a pack", async () => {
    assert.equal(await seen("PACK", pktLine(`want ${"1".repeat(40)}\n`)), "PACK");
  });
});
