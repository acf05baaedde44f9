import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { GitRef } from "../../../api/git/git-ref.ts";
import { branchTip } from "../../../git/repository/push/branch-tip.ts";
import { resolveRef } from "../../../git/repository/resolve-ref.ts";
import { FLUSH, pktLine } from "../../../git/transport/pkt-lines.ts";
import type { Transport } from "../../../git/transport/transport.ts";

const ONE = "1".repeat(40);
const TWO = "2".repeat(40);

/** A server of protocol 2 that says these lines, whatever it is asked for. */
function serverOf(lines: readonly string[]): Transport {
  const capabilities = ["version 2\n", "ls-refs\n", "fetch\n"].map(pktLine).join("");
  const head = pktLine("# service=git-upload-pack\n") + FLUSH;
  return {
    url: "https://git.example.com/x",
    async request({ url, method = "GET" }) {
      const text =
        (method === "GET" ? head + capabilities : lines.map((line) => pktLine(`${line}\n`)).join("")) + FLUSH;
      const type = method === "GET" ? "advertisement" : "result";
      const headers = { "content-type": `application/x-git-upload-pack-${type}` };
      const body = (async function* () {
        yield Buffer.from(text);
      })();
      return { url, method, headers, statusCode: 200, statusMessage: "OK", body };
    },
    async close() {},
  };
}

const found = (lines: readonly string[], ref?: GitRef) => resolveRef(serverOf(lines), ref);

describe("what a server says of its refs", () => {
  it("is found by the whole name", async () => {
    const lines = [`${ONE} refs/heads/a/b`, `${ONE} refs/heads/ab`, `${ONE} refs/tags/a`, `${TWO} refs/heads/a`];
    assert.deepEqual(await found(lines, { branch: "a" }), { name: "a", commit: TWO });
    await assert.rejects(found(lines.slice(0, 3), { branch: "a" }), { reason: "RefNotFound" });
  });

  it("is refused where it is no hash of a commit, and is not repeated", async () => {
    for (const commit of ["x".repeat(50_000), "../../../HEAD", "A".repeat(40), ONE.slice(1), `${ONE}0`, ""]) {
      const refused = { reason: "RepositoryInvalid", message: /^the server names no commit by its SHA-1 hash/ };
      await assert.rejects(found([`${commit} HEAD`]), refused);
      await assert.rejects(found([`${commit} refs/heads/a`], { branch: "a" }), refused);
      await assert.rejects(found([`${ONE} refs/tags/v1.0.0 peeled:${commit || "x"}`], { semver: "*" }), refused);
    }
    await assert.rejects(found([`${"a".repeat(64)} HEAD`]), { message: /SHA-256 .*is not read/ });
  });

  it("is a branch where HEAD leads to one, and HEAD where it leads to what could be none", async () => {
    const head = (target: string) => found([`${ONE} HEAD symref-target:${target}`]);
    assert.deepEqual(await head("refs/heads/release/1"), { name: "release/1", commit: ONE });
    for (const target of [
      "refs/tags/v1",
      "refs/heads/",
      "x\nmain",
      "refs/heads/a@{1}",
      `refs/heads/${"x".repeat(9_000)}`,
    ])
      assert.deepEqual(await head(target), { name: "HEAD", commit: ONE });
  });

  it("has no version in a name that no tag can have", async () => {
    const lines = [`${ONE} refs/tags/v1.0.0`, `${TWO} refs/tags/v3.0.0\t`, `${TWO} refs/heads/v2.0.0`];
    assert.deepEqual(await found(lines, { semver: "*" }), { name: "v1.0.0", commit: ONE });
  });

  it("has the same tag each time where two are one version", async () => {
    const lines = [`${TWO} refs/tags/v1.0.0`, `${ONE} refs/tags/1.0.0+build`, `${TWO} refs/tags/1.1.0-rc.1`];
    for (const order of [lines, lines.toReversed()])
      assert.deepEqual(await found(order, { semver: "*" }), { name: "1.0.0+build", commit: ONE });
  });

  it("is as little believed by whoever pushes", async () => {
    const tip = (lines: readonly string[], branch?: string) => branchTip(serverOf(lines), branch);
    const head = `${ONE} HEAD symref-target:`;
    assert.deepEqual(await tip([`${head}refs/heads/trunk`, `${ONE} refs/heads/trunk`]), {
      branch: "trunk",
      commit: ONE,
    });
    assert.deepEqual(await tip([`${head}refs/heads/a@{1}`]), { branch: "main", commit: undefined });
    const refused = { reason: "RefNotFound", message: /HEAD of the repository is no branch/ };
    await assert.rejects(tip([`${head}refs/heads/-x`, `${ONE} refs/heads/-x`]), refused);
    await assert.rejects(tip(["../../x refs/heads/main"], "main"), { reason: "RepositoryInvalid" });
  });
});
