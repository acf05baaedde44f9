import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, describe, it } from "node:test";
import type { Commit } from "../../../git/repository/commit.ts";
import { parseTrustedKeys, type TrustedKeys } from "../../../git/signatures/trusted-keys.ts";
import { verifyCommit } from "../../../git/signatures/verify-commit.ts";
import { Signing, withoutSsh } from "./signing.ts";

const NOW = new Date();

async function trust(entries: Record<string, string>): Promise<TrustedKeys> {
  const keys = await parseTrustedKeys(entries);
  if ("problem" in keys) assert.fail(keys.problem);
  return keys;
}

describe("a commit signed by ssh", { skip: withoutSsh }, () => {
  let signing: Signing;
  let alice: { file: string; pub: string };
  let commit: Commit;
  let trusted: TrustedKeys;

  before(async () => {
    signing = new Signing();
    alice = signing.sshKey("alice", "-t", "ed25519");
    commit = signing.commitBySsh(alice.file);
    trusted = await trust({ allowed_signers: `alice@example.com ${alice.pub}\n` });
  });
  after(() => signing.close());

  const shownBy = (file: string): string =>
    execFileSync("ssh-keygen", ["-l", "-f", file], { encoding: "utf8" }).split(" ")[1]!;
  const refused = async (one: Pick<Commit, "payload" | "signature">, keys: TrustedKeys, problem: RegExp) => {
    const result = await verifyCommit(one, keys, NOW);
    assert.match("problem" in result ? result.problem : `signed by ${result.signer}`, problem);
  };
  /** What a signature of this commit's payload would be, made for something else. */
  const signedFor = (namespace: string): string =>
    execFileSync("ssh-keygen", ["-q", "-Y", "sign", "-f", alice.file, "-n", namespace], {
      input: commit.payload,
      encoding: "utf8",
      stdio: ["pipe", "pipe", "ignore"],
    });

  for (const [type, bits] of [
    ["ed25519"],
    ["ecdsa", "256"],
    ["ecdsa", "384"],
    ["ecdsa", "521"],
    ["rsa", "2048"],
    ["rsa", "3072"],
  ]) {
    it(`is its signer's, by a key of ${type} ${bits ?? ""}`, async () => {
      const { file, pub } = signing.sshKey(`${type}${bits}`, "-t", type!, ...(bits ? ["-b", bits] : []));
      const name = `${type}${bits}@example.com`;
      const keys = await trust({ "one.pub": pub });
      // Numbers of ECDSA and RSA have leading zeros now and then.
      for (let round = 0; round < (type === "ed25519" ? 1 : 6); round++) {
        const one = signing.commitBySsh(file, `round ${round}`);
        assert.deepEqual(await verifyCommit(one, keys, NOW), { signer: `${name} (${shownBy(file)})` });
        await refused({ ...one, payload: commit.payload }, keys, /not what the ssh key SHA256:.* signed/);
      }
    });
  }

  it("is told with the principals, the comment of the key or the name of the entry", async () => {
    const bare = alice.pub.split(" ").slice(0, 2).join(" ");
    const cases: [Record<string, string>, string][] = [
      [{ allowed_signers: `a@example.com,"b c@example.com" ${bare}` }, "a@example.com,b c@example.com"],
      [{ "x.pub": `${bare} Alice's  laptop` }, "Alice's laptop"],
      [{ "x.pub": `# keys\n\n${bare}\r\n` }, "x.pub"],
    ];
    for (const [entries, name] of cases) {
      const result = await verifyCommit(commit, await trust(entries), NOW);
      assert.deepEqual(result, { signer: `${name} (${shownBy(alice.file)})` });
    }
  });

  it("counts whatever its message and people are made of", async () => {
    for (const message of [
      "ünïcödé \u{1f600}",
      "gpgsig -----BEGIN SSH SIGNATURE-----",
      "x\n\n-----BEGIN SSH SIGNATURE-----\n",
    ]) {
      const one = signing.commitBySsh(alice.file, message);
      assert.ok("signer" in (await verifyCommit(one, trusted, NOW)), message);
    }
    signing.git(["config", "i18n.commitEncoding", "ISO-8859-1"]);
    const latin = signing.commitBySsh(alice.file, "caf\u00e9");
    signing.git(["config", "--unset", "i18n.commitEncoding"]);
    assert.ok("signer" in (await verifyCommit(latin, trusted, NOW)));
  });

  it("counts as a merge of a signed tag", async () => {
    const sign = ["-c", "gpg.format=ssh", "-c", `user.signingKey=${alice.file}`];
    signing.git(["checkout", "--quiet", "-b", "side"]);
    signing.git(["commit", "--quiet", "--allow-empty", "-m", "aside"]);
    signing.git([...sign, "tag", "-s", "-m", "a tag", "v1"]);
    signing.git(["checkout", "--quiet", "main"]);
    signing.git([...sign, "merge", "--quiet", "--no-ff", "--gpg-sign", "-m", "merged", "v1"]);
    const merge = signing.head();
    assert.match(Buffer.from(merge.payload).toString(), /^mergetag object/m);
    assert.ok("signer" in (await verifyCommit(merge, trusted, NOW)));
  });

  it("is refused unsigned, changed, or with the signature of another commit", async () => {
    const other = signing.commitBySsh(alice.file, "another");
    const { signature, ...unsigned } = commit;
    assert.ok(signature);
    await refused(unsigned, trusted, /^it is not signed$/);
    await refused({ ...commit, signature: other.signature! }, trusted, /it is not what the ssh key .* signed/);
    for (const at of [5, 60, commit.payload.length - 1]) {
      const payload = Uint8Array.from(commit.payload);
      payload[at]! ^= 1;
      await refused({ ...commit, payload }, trusted, /it is not what the ssh key .* signed/);
    }
  });

  it("is refused by a key that is not trusted, also when it says it is another", async () => {
    const mallory = signing.sshKey("mallory", "-t", "ed25519");
    const forged = signing.commitBySsh(mallory.file);
    await refused(forged, trusted, /signed by the ssh key SHA256:\S+, which is not trusted/);
    const blobOf = (pub: string): Buffer => Buffer.from(pub.split(" ")[1]!, "base64");
    const raw = Buffer.from(forged.signature!.split("\n").slice(1, -1).join(""), "base64");
    blobOf(alice.pub).copy(raw, raw.indexOf(blobOf(mallory.pub)));
    const signature = `-----BEGIN SSH SIGNATURE-----\n${raw.toString("base64")}\n-----END SSH SIGNATURE-----`;
    await refused({ ...forged, signature }, trusted, /it is not what the ssh key .* signed/);
  });

  it("is refused with a signature for anything else than git", async () => {
    assert.ok("signer" in (await verifyCommit({ ...commit, signature: signedFor("git") }, trusted, NOW)));
    for (const namespace of ["file", "email", "git@example.com", "gi"]) {
      await refused({ ...commit, signature: signedFor(namespace) }, trusted, /is for ".*", and not for git/);
    }
  });

  it("is refused when what was signed is a tag", async () => {
    const payload = signing.git(["cat-file", "tag", "v1"]);
    const at = payload.indexOf("-----BEGIN");
    const tag = { payload: payload.subarray(0, at), signature: payload.toString("latin1", at) };
    await refused(tag, trusted, /^it is no commit$/);
  });

  it("is refused with several signatures, one of them for another hash or not", async () => {
    const other = signing.commitBySsh(alice.file, "another");
    for (const signature of [`${commit.signature}\n${other.signature}`, `${commit.signature}\n${commit.signature}`]) {
      await refused({ ...commit, signature }, trusted, /more than one signature/);
    }
    const text = Buffer.from(commit.payload).toString();
    const payload = Buffer.from(text.replace("\n\n", "\ngpgsig-sha256 x\n\n"));
    await refused({ ...commit, payload }, trusted, /more than one signature/);
  });

  it("is refused by a certificate of a trusted key", async () => {
    const user = signing.sshKey("user", "-t", "ed25519");
    execFileSync("ssh-keygen", ["-q", "-s", alice.file, "-I", "user", "-n", "alice@example.com", `${user.file}.pub`]);
    const one = signing.commitBySsh(`${user.file}-cert.pub`);
    await refused(one, trusted, /which is not trusted/);
  });

  it("counts while its key was valid, when it was committed", async () => {
    const at = (from: string, to: string) =>
      trust({ allowed_signers: `* valid-after="${from}",valid-before=${to} ${alice.pub}` });
    const one = signing.commitBySsh(alice.file, "dated", "2024-06-15T12:00:00Z");
    assert.ok("signer" in (await verifyCommit(one, await at("20240615", "20240616Z"), NOW)));
    await refused(one, await at("20240616Z", "20250101Z"), /valid after 2024-06-16T00:00:00.000Z only/);
    await refused(one, await at("20240101Z", "202406151159Z"), /valid until 2024-06-15T11:59:00.000Z/);
    const later = signing.commitBySsh(alice.file, "dated", "2099-01-01T00:00:00Z");
    await refused(later, trusted, /committed in the future/);
    const none = Buffer.from(
      Buffer.from(one.payload)
        .toString()
        .replace(/^committer .*\n/m, ""),
    );
    await refused({ ...one, payload: none }, trusted, /does not say when it was committed/);
  });

  it("counts only for the namespaces of its key; one line for git is enough", async () => {
    const line = (namespaces: string): string => `* namespaces="${namespaces}" ${alice.pub}\n`;
    await refused(commit, await trust({ allowed_signers: line("file,!git,*") }), /namespaces .* leave git out/);
    const both = await trust({ allowed_signers: line("file") + line("file,g?t") });
    assert.ok("signer" in (await verifyCommit(commit, both, NOW)));
  });

  it("is refused by what no key signed: X.509, OpenPGP, or nothing that is known", async () => {
    const cases: [string, RegExp][] = [
      ["-----BEGIN SIGNED MESSAGE-----\nx\n-----END SIGNED MESSAGE-----", /neither one of ssh nor of OpenPGP/],
      ["-----BEGIN PGP SIGNATURE-----\n\nx\n-----END PGP SIGNATURE-----", /an OpenPGP key, and none is trusted/],
      ["", /neither/],
      ["-----BEGIN SSH SIGNATURE-----", /damaged/],
      [`${commit.signature}\nx`, /damaged/],
      [` ${commit.signature}`, /neither/],
      [commit.signature!.replaceAll("\n", "\r\n"), /damaged/],
      [`-----BEGIN SSH SIGNATURE-----\n${"A".repeat(1 << 20)}\n-----END SSH SIGNATURE-----`, /more than 16384/],
      [commit.signature!.replace("\n", "\n".repeat(16_384)), /more than 16384/],
    ];
    for (const [signature, problem] of cases) await refused({ ...commit, signature }, trusted, problem);
  });
});
