import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { describe, it } from "node:test";
import { parseTrustedKeys } from "../../../../git/signatures/trusted-keys.ts";
import { sshLine, sshString } from "./ssh-key.ts";

const KEY = sshLine(generateKeyPairSync("ed25519").publicKey);
const [TYPE, BASE64] = KEY.split(" ") as [string, string];
const RSA_1024 = sshLine(generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey);
const encoded = (...fields: (string | Buffer)[]): string => Buffer.concat(fields.map(sshString)).toString("base64");

async function parsed(entries: Record<string, string>) {
  const keys = await parseTrustedKeys(entries);
  if ("problem" in keys) assert.fail(keys.problem);
  return keys.ssh.map(({ publicKey, ...signer }) => ({ ...signer, key: publicKey.blob.toString("base64") === BASE64 }));
}

describe("the keys whose commits count", () => {
  it("are read from each entry", async () => {
    const entries = {
      allowed_signers: `# team\n\n  a@example.com,*@example.org ${KEY} comment\r\n"b c" ${KEY}\n`,
      "ci.pub": `${KEY} the build server\n`,
      "plain.pub": KEY,
    };
    const names = ["a@example.com,*@example.org", "b c", "the build server", "plain.pub"];
    assert.deepEqual(
      await parsed(entries),
      names.map((name) => ({ name, isForGit: true, key: true })),
    );
  });

  it("have options as ssh-keygen reads them", async () => {
    const one = async (options: string) => (await parsed({ allowed_signers: `a ${options} ${KEY}` }))[0]!;
    const from = { validAfter: new Date("2024-02-29T00:00:00Z") };
    const until = { validBefore: new Date("2024-12-31T23:59:58Z") };
    const base = { name: "a", key: true };
    assert.deepEqual(await one('valid-after="20240229Z"'), { ...base, isForGit: true, ...from });
    assert.deepEqual(await one("Valid-Before=20241231235958utc"), { ...base, isForGit: true, ...until });
    const all = 'namespaces="git,a file",valid-after=20240229Z,valid-before="20241231235958Z"';
    assert.deepEqual(await one(all), { ...base, isForGit: true, ...from, ...until });
    const local = { validAfter: new Date(2024, 1, 29, 13, 5) };
    assert.deepEqual(await one("valid-after=202402291305"), { ...base, isForGit: true, ...local });
    for (const namespaces of ["git", "*", "g*t", "gi?", "file,git", "*,!file"]) {
      assert.equal((await one(`namespaces="${namespaces}"`)).isForGit, true, namespaces);
    }
    for (const namespaces of ["", "file", "gi", "git?", "*,!git", "!g*,git", "!file", "GIT"]) {
      assert.equal((await one(`namespaces="${namespaces}"`)).isForGit, false, namespaces);
    }
  });

  const refused: [title: string, entries: Record<string, string>, problem: RegExp][] = [
    ["nothing", {}, /^no key is there/],
    ["only comments", { allowed_signers: "# none\n\n" }, /^no key is there/],
    ["an entry of another name", { "alice.pbu": KEY }, /^alice\.pbu: is none of allowed_signers, \*\.pub/],
    ["an authority", { allowed_signers: `\na cert-authority ${KEY}` }, /^allowed_signers: line 2 .*cert-authority/],
    ["an authority among options", { allowed_signers: `a namespaces="git",cert-authority ${KEY}` }, /authority/],
    [
      "an option that is not known",
      { allowed_signers: `a no-touch-required ${KEY}` },
      /line 1 has an option other than/,
    ],
    ["an option twice", { allowed_signers: `a valid-after=20240101,VALID-AFTER=20250101 ${KEY}` }, /valid-after twice/],
    ["options that end in the middle", { allowed_signers: `a namespaces="git ${KEY}` }, /line 1 /],
    ["options after garbage", { allowed_signers: `a =,= ${KEY}` }, /options that cannot be read/],
    ...["2024", "20240230", "20241301", "2024010125", "202401012460", "20240101z0", "", "-1"].map(
      (time): [string, Record<string, string>, RegExp] => [
        `the time ${time}`,
        { allowed_signers: `a valid-before="${time}" ${KEY}` },
        /must give valid-before as YYYYMMDD/,
      ],
    ),
    ["no principals", { allowed_signers: KEY }, /line 1 must be an ssh public key/],
    ["no key", { allowed_signers: "a" }, /line 1 must be an ssh public key/],
    ["principals in a .pub", { "a.pub": `a ${KEY}` }, /^a\.pub: line 1 must be an ssh public key/],
    ["a certificate", { "a.pub": `ssh-ed25519-cert-v01@openssh.com ${BASE64}` }, /is a certificate/],
    ["DSA", { "a.pub": `ssh-dss ${encoded("ssh-dss", "x")}` }, /of a type in ssh-ed25519, /],
    ["a name of Object's", { "a.pub": `constructor ${BASE64}` }, /of a type in/],
    ["short RSA", { "a.pub": RSA_1024 }, /line 1 has an RSA key of 1024 bits/],
    ["no base64", { "a.pub": TYPE }, /has no base64/],
    ["base64 with a bit too much", { "a.pub": `${TYPE} ${BASE64.slice(0, -1)}=x` }, /has no base64/],
    ["a key of another type", { "a.pub": `ecdsa-sha2-nistp256 ${BASE64}` }, /its key is damaged/],
    ["a key that goes on", { "a.pub": `${TYPE} ${encoded("ssh-ed25519", Buffer.alloc(32), "")}` }, /damaged/],
    ["a key that is short", { "a.pub": `${TYPE} ${encoded("ssh-ed25519", Buffer.alloc(31))}` }, /damaged/],
    ["a point that is on no curve", { "a.pub": ecdsa(Buffer.alloc(65, 4)) }, /damaged/],
    ["a point of another curve", { "a.pub": ecdsa(Buffer.alloc(97, 4)) }, /damaged/],
    ["an RSA key below zero", { "a.pub": `ssh-rsa ${encoded("ssh-rsa", "\x01", Buffer.alloc(257, 0xff))}` }, /damaged/],
    ["a private key", { "a.pub": "-----BEGIN OPENSSH PRIVATE KEY-----\ns3cret\n" }, /^(?!.*s3cret)a\.pub: line 1 must/],
  ];
  for (const [title, entries, problem] of refused) {
    it(`are not ${title}`, async () => {
      const result = await parseTrustedKeys(entries);
      assert.match("problem" in result ? result.problem : "trusted", problem);
    });
  }
});

function ecdsa(point: Buffer): string {
  return `ecdsa-sha2-nistp256 ${encoded("ecdsa-sha2-nistp256", "nistp256", point)}`;
}
