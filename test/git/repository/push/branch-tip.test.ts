import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { branchTip } from "../../../../git/repository/push/branch-tip.ts";
import { FLUSH, pktLine } from "../../../../git/transport/pkt-lines.ts";
import type { Transport } from "../../../../git/transport/transport.ts";

const A = "a".repeat(40);

/** A server of protocol 1 that answers with these lines. */
const server = (...lines: string[]): Transport => ({
  url: "https://git.example.com/x.git",
  request: async ({ url }) => ({
    url,
    method: "GET",
    headers: { "content-type": "application/x-git-upload-pack-advertisement" },
    body: (async function* () {
      yield Buffer.from([`# service=git-upload-pack\n`].map(pktLine).join("") + FLUSH);
      yield Buffer.from(lines.map(pktLine).join("") + FLUSH);
    })(),
    statusCode: 200,
    statusMessage: "OK",
  }),
  close: async () => {},
});
const head = (target: string, oid = A): string[] => [
  `${oid} HEAD\0symref=HEAD:${target} agent=x\n`,
  `${oid} ${target}\n`,
];

describe("the tip of a branch", () => {
  it("is that of the main one without a name, or of the named one", async () => {
    const all = [...head("refs/heads/trunk"), `${"b".repeat(40)} refs/heads/next\n`];
    assert.deepEqual(await branchTip(server(...all), undefined), { branch: "trunk", commit: A });
    assert.deepEqual(await branchTip(server(...all), "next"), { branch: "next", commit: "b".repeat(40) });
  });

  const refused: [what: string, lines: string[], branch: string | undefined, message: RegExp][] = [
    [
      "a HEAD of a name that nobody can give",
      head("refs/heads/a..b"),
      undefined,
      /HEAD of the repository is no branch/,
    ],
    ["a HEAD that is no branch", [...head("refs/tags/v1"), `${A} refs/heads/main\n`], undefined, /is no branch/],
    ["a branch that is not there", head("refs/heads/main"), "next", /no branch "next"/],
    ["a hash of another kind", head("refs/heads/main", "a".repeat(64)), undefined, /names no commit by its SHA-1 hash/],
  ];
  for (const [what, lines, branch, message] of refused) {
    it(`is refused: ${what}`, async () => {
      await assert.rejects(branchTip(server(...lines), branch), message);
    });
  }
});
