import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Commit } from "../../../git/repository/commit.ts";
import { parseTrustedKeys, type TrustedKeys } from "../../../git/signatures/trusted-keys.ts";
import { verifyCommit } from "../../../git/signatures/verify-commit.ts";
import { Signing, withoutGpg } from "./signing.ts";

const NOW = new Date();
const AT_2020 = ["--faked-system-time", "20200101T000000"];
const AT_2021 = ["--faked-system-time", "20210601T000000"];

async function trust(...armored: string[]): Promise<TrustedKeys> {
  const keys = await parseTrustedKeys(Object.fromEntries(armored.map((text, index) => [`${index}.asc`, text])));
  if ("problem" in keys) assert.fail(keys.problem);
  return keys;
}

describe("a commit signed by gpg", { skip: withoutGpg }, () => {
  let signing: Signing;
  let alice: string;
  let commit: Commit;
  let trusted: TrustedKeys;

  before(async () => {
    signing = new Signing();
    alice = signing.gpgKey("Alice <alice@example.com>", "ed25519");
    commit = signing.commitByGpg(alice);
    trusted = await trust(exported(alice));
  });
  after(() => signing.close());

  const exported = (key: string): string => signing.gpg(["--armor", "--export", key]);
  const refused = async (one: Pick<Commit, "payload" | "signature">, keys: TrustedKeys, problem: RegExp) => {
    const result = await verifyCommit(one, keys, NOW);
    assert.match("problem" in result ? result.problem : `signed by ${result.signer}`, problem);
  };
  const counts = async (one: Commit, keys: TrustedKeys, signer: string) =>
    assert.deepEqual(await verifyCommit(one, keys, NOW), { signer });

  for (const algorithm of ["ed25519", "rsa2048", "rsa3072", "nistp256", "nistp384", "nistp521"]) {
    it(`is its signer's, by a key of ${algorithm}`, async () => {
      const user = `${algorithm} <${algorithm}@example.com>`;
      const key = signing.gpgKey(user, algorithm);
      const one = signing.commitByGpg(key);
      const keys = await trust(exported(alice), exported(key));
      await counts(one, keys, `${user} (${key})`);
      await refused({ ...one, payload: commit.payload }, keys, /does not count: Signed digest did not match/);
    });
  }

  it("is its signer's, by a subkey, and by one of several keys in one entry", async () => {
    const bob = signing.gpgKey("Bob <bob@example.com>", "ed25519", "cert");
    signing.gpg(["--quick-add-key", bob, "ed25519", "sign", "never"]);
    const one = signing.commitByGpg(bob);
    await counts(one, await trust(exported(bob) + exported(alice)), `Bob <bob@example.com> (${bob})`);
    await counts(
      commit,
      await trust(`for us\n${exported(bob)}\n${exported(alice)}`),
      `Alice <alice@example.com> (${alice})`,
    );
    await counts(
      commit,
      await trust(signing.gpg(["--armor", "--export", bob, alice])),
      `Alice <alice@example.com> (${alice})`,
    );
  });

  it("is refused unsigned, changed, or with the signature of another commit", async () => {
    const other = signing.commitByGpg(alice, [], "another");
    await refused({ payload: commit.payload }, trusted, /^it is not signed$/);
    await refused({ ...commit, signature: other.signature! }, trusted, /Signed digest did not match/);
    const payload = Uint8Array.from([...commit.payload, 0x0a]);
    await refused({ ...commit, payload }, trusted, /Signed digest did not match/);
  });

  it("is refused by a key that is not trusted, or with several signatures", async () => {
    const mallory = signing.gpgKey("Alice <alice@example.org>", "ed25519");
    const forged = signing.commitByGpg(`${mallory}!`);
    await refused(forged, trusted, /signed by the OpenPGP key [0-9A-F]{16}, which is not trusted/);
    const both = signing.commitByGpg(alice, ["--local-user", mallory]);
    await refused(both, trusted, /is not one signature of bytes/);
    await refused({ ...commit, signature: `${commit.signature}\n${commit.signature}` }, trusted, /more than one/);
  });

  it("is refused as a signature of text", async () => {
    const text = signing.commitByGpg(alice, ["--textmode"]);
    await refused(text, trusted, /is not one signature of bytes/);
  });

  it("is refused by weak hashes and keys", async () => {
    const sha1 = ["--allow-weak-digest-algos", "--digest-algo", "SHA1"];
    const rsa = signing.gpgKey("Rsa <weak@example.com>", "rsa2048");
    await refused(
      signing.commitByGpg(rsa, sha1),
      await trust(exported(rsa)),
      /Insecure (message )?hash algorithm: SHA1/,
    );
    const certified = signing.gpgKey("Old <old@example.com>", "rsa2048", "sign", "never", "--cert-digest-algo", "SHA1");
    await refused(signing.commitByGpg(certified), await trust(exported(certified)), /does not count/);
    const short = signing.gpgKey("Short <short@example.com>", "rsa1024");
    await refused(signing.commitByGpg(short), await trust(exported(short)), /considered too weak/);
    const dsa = signing.gpgKey("Dsa <dsa@example.com>", "dsa2048");
    await refused(signing.commitByGpg(dsa), await trust(exported(dsa)), /does not count/);
  });

  it("counts when its key was valid at the time of the signature", async () => {
    const key = signing.gpgKey("Then <then@example.com>", "ed25519", "sign", "1y", ...AT_2020);
    const then = signing.commitByGpg(key, ["--faked-system-time", "20200601T000000"]);
    await counts(then, await trust(exported(key)), `Then <then@example.com> (${key})`);
    // Such a key does not sign with gpg any more: its time is set, and what is trusted is what was exported before.
    const before = exported(key);
    signing.gpg([...AT_2020, "--quick-set-expire", key, "5y"]);
    const late = signing.commitByGpg(key, AT_2021);
    await refused(late, await trust(before), /does not count: .*expired/);
    await counts(late, await trust(exported(key)), `Then <then@example.com> (${key})`);
    await counts(late, await trust(before, exported(key)), `Then <then@example.com> (${key})`);
    const early = signing.commitByGpg(alice, ["--faked-system-time", "20991231T000000"]);
    await refused(early, trusted, /creation time is in the future/);
  });

  it("does not count when its key was revoked, in whichever copy of it", async () => {
    const key = signing.gpgKey("Lost <lost@example.com>", "ed25519");
    const before = exported(key);
    const one = signing.commitByGpg(key);
    const certificate = readFileSync(join(signing.root, "openpgp-revocs.d", `${key}.rev`), "utf8");
    signing.gpg(["--import"], certificate.replace(":-----BEGIN", "-----BEGIN"));
    await counts(one, await trust(before), `Lost <lost@example.com> (${key})`);
    await refused(one, await trust(exported(key)), /does not count: .*revoked/);
    await refused(one, await trust(before, exported(key)), /does not count: .*revoked/);
    await refused(one, await trust(exported(key), before), /does not count: .*revoked/);
  });

  it("is refused when its armor is something else, is damaged or huge", async () => {
    const armored = commit.signature!;
    const cases: [string, RegExp][] = [
      [armored.replaceAll("SIGNATURE", "MESSAGE"), /neither/],
      [armored.replace("-----END PGP SIGNATURE-----", ""), /cannot be read/],
      [`${armored}\nmore`, /cannot be read/],
      [armored.replace("\n\n", `\n\n${"A".repeat(1 << 20)}\n`), /more than 16384/],
      [exported(alice).replaceAll("PUBLIC KEY BLOCK", "SIGNATURE"), /cannot be read|is not one signature/],
      ["-----BEGIN PGP SIGNATURE-----\n\n-----END PGP SIGNATURE-----", /cannot be read|is not one signature/],
    ];
    for (const [signature, problem] of cases) await refused({ ...commit, signature }, trusted, problem);
    await refused(commit, { ssh: [], openpgp: [] }, /an OpenPGP key, and none is trusted/);
  });

  it("needs keys that are public, whole and of OpenPGP", async () => {
    const cases: [string, RegExp][] = [
      [signing.gpg(["--armor", "--export-secret-keys", alice]), /^a\.asc: has something else than public keys/],
      [
        signing.gpg(["--armor", "--export-secret-keys", alice]).replaceAll("PRIVATE", "PUBLIC"),
        /private key|cannot be read/,
      ],
      [exported(alice).slice(0, 200), /has a key that cannot be read/],
      ["hello", /has no armored key/],
      [commit.signature!, /has something else than public keys/],
    ];
    for (const [text, problem] of cases) {
      const result = await parseTrustedKeys({ "a.asc": text });
      assert.match("problem" in result ? result.problem : "trusted", problem);
    }
  });
});
