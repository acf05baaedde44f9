import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parseTrustedKeys, type TrustedKeys } from "../../../../git/signatures/trusted-keys.ts";
import { verifyCommit } from "../../../../git/signatures/verify-commit.ts";
import { repeats } from "../../../repeats.ts";
import { withoutSsh } from "../signing.ts";
import { armored, SecurityKey, type SignatureParts, sshLine, sshString, toSign } from "./ssh-key.ts";

const NOW = new Date();
const payload = Buffer.from(
  `tree ${"a".repeat(40)}\nauthor A <a@example.com> 1700000000 +0000\ncommitter A <a@example.com> 1700000000 +0000\n\nm\n`,
);

async function result(signature: string, trusted: TrustedKeys, of: Uint8Array = payload): Promise<string> {
  const said = await verifyCommit({ payload: of, signature }, trusted, NOW);
  return "signer" in said ? `signed by ${said.signer}` : said.problem;
}

async function trust(line: string): Promise<TrustedKeys> {
  const keys = await parseTrustedKeys({ "a.pub": line });
  if ("problem" in keys) assert.fail(keys.problem);
  return keys;
}

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const line = sshLine(publicKey);
const blob = Buffer.from(line.split(" ")[1]!, "base64");
const signatureOf = (data: Buffer, key: KeyObject = privateKey, type = "ssh-ed25519", hash: string | null = null) =>
  Buffer.concat([sshString(type), sshString(sign(hash, data, key))]);
const good = (parts: Partial<SignatureParts> = {}): string =>
  armored({ publicKey: blob, signature: signatureOf(toSign(payload)), ...parts });

describe("an ssh signature", () => {
  it("may be of SHA-256 or SHA-512", async () => {
    const trusted = await trust(line);
    assert.match(await result(good(), trusted), /^signed by a\.pub \(SHA256:/);
    const shorter = good({ hash: "sha256", signature: signatureOf(toSign(payload, "sha256")) });
    assert.match(await result(shorter, trusted), /^signed by/);
    for (const hash of ["sha1", "md5", "SHA512", "", "sha384"]) {
      assert.match(await result(good({ hash }), trusted), /^its ssh signature is damaged$/);
    }
    assert.match(await result(good({ hash: "sha256" }), trusted), /it is not what the ssh key/);
  });

  it("has each of its parts, and no more", async () => {
    const trusted = await trust(line);
    const signature = signatureOf(toSign(payload));
    const huge = Buffer.from(signature);
    huge.writeUInt32BE(0xffff_ffff, 0);
    const damaged: Partial<SignatureParts>[] = [
      { magic: "SSHSIX" },
      { version: 0 },
      { version: 2 },
      { more: Buffer.alloc(1) },
      { reserved: "x", signature: signatureOf(toSign(payload, "sha512", "git", "x")) },
      { signature: Buffer.concat([signature, Buffer.alloc(1)]) },
      { signature: signature.subarray(0, -1) },
      { signature: huge },
      { signature: Buffer.alloc(0) },
      { signature: signatureOf(toSign(payload), privateKey, "ssh-rsa") },
      { signature: signatureOf(toSign(payload), privateKey, "sk-ssh-ed25519@openssh.com") },
    ];
    for (const parts of damaged) assert.equal(await result(good(parts), trusted), "its ssh signature is damaged");
    for (const length of [0, 63, 65]) {
      const parts = { signature: Buffer.concat([sshString("ssh-ed25519"), sshString(Buffer.alloc(length))]) };
      assert.match(await result(good(parts), trusted), /it is not what the ssh key/);
    }
    for (const namespace of ["", "git\0", "GIT", "file"]) {
      const parts = { namespace, signature: signatureOf(toSign(payload, "sha512", namespace)) };
      assert.match(await result(good(parts), trusted), /is for ".*", and not for git$/);
    }
  });

  it("of an RSA key is of SHA-2, whatever it says, and may lack leading zeros", async () => {
    const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const own = sshLine(pair.publicKey);
    const trusted = await trust(own);
    const of = (type: string, hash: string, cut = 0, pad = 0): string => {
      let data: Buffer;
      let raw: Buffer;
      let body = Buffer.from(payload);
      do {
        body = Buffer.concat([body, Buffer.from("x")]);
        data = toSign(body);
        raw = sign(hash, data, pair.privateKey);
      } while (raw.subarray(0, cut).some((byte) => byte !== 0));
      changed = body;
      const bytes = Buffer.concat([Buffer.alloc(pad), raw.subarray(cut)]);
      const signature = Buffer.concat([sshString(type), sshString(bytes)]);
      return armored({ publicKey: Buffer.from(own.split(" ")[1]!, "base64"), signature });
    };
    let changed = payload;
    const said = async (signature: string): Promise<string> => result(signature, trusted, changed);
    assert.match(await said(of("rsa-sha2-256", "sha256")), /^signed by/);
    assert.match(await said(of("rsa-sha2-512", "sha512")), /^signed by/);
    assert.match(await said(of("rsa-sha2-512", "sha512", 1)), /^signed by/);
    assert.match(await said(of("rsa-sha2-512", "sha512", 0, 1)), /it is not what the ssh key/);
    assert.match(await said(of("rsa-sha2-512", "sha256")), /it is not what the ssh key/);
    assert.match(await said(of("rsa-sha2-512", "sha1")), /it is not what the ssh key/);
    for (const type of ["ssh-rsa", "rsa-sha1", "constructor", ""]) {
      assert.match(await said(of(type, "sha1")), /RSA key with a hash that is not trusted/);
    }
  });

  for (const kind of ["ed25519", "ecdsa"] as const) {
    describe(`of a security key of ${kind}`, () => {
      const made =
        kind === "ed25519" ? generateKeyPairSync("ed25519") : generateKeyPairSync("ec", { namedCurve: "P-256" });
      const key = new SecurityKey(made);
      const of = (given?: Parameters<SecurityKey["sign"]>[1]): string =>
        armored({ publicKey: key.publicKey, signature: key.sign(toSign(payload), given) });

      it("counts when somebody touched the key, for its application only", async () => {
        const trusted = await trust(key.line);
        assert.match(await result(of(), trusted), /^signed by/);
        assert.match(await result(of({ flags: 5, counter: 0xffff_ffff }), trusted), /^signed by/);
        assert.match(await result(of({ flags: 4 }), trusted), /that nobody touched/);
        assert.match(await result(of({ application: "ssh:other" }), trusted), /it is not what the ssh key/);
        const signature = key.sign(toSign(payload));
        signature[signature.length - 1]! ^= 1;
        const counted = armored({ publicKey: key.publicKey, signature });
        assert.match(await result(counted, trusted), /it is not what the ssh key/);
        const plain = armored({ publicKey: key.publicKey, signature: signature.subarray(0, -5) });
        assert.equal(await result(plain, trusted), "its ssh signature is damaged");
      });

      it("is what ssh-keygen takes for one", { skip: withoutSsh }, () => {
        const folder = mkdtempSync(join(tmpdir(), "wctl-sk-"));
        try {
          writeFileSync(join(folder, "signers"), `a ${key.line}\n`);
          writeFileSync(join(folder, "sig"), `${of()}\n`);
          const args = [
            "-Y",
            "verify",
            "-f",
            join(folder, "signers"),
            "-I",
            "a",
            "-n",
            "git",
            "-s",
            join(folder, "sig"),
          ];
          assert.match(execFileSync("ssh-keygen", args, { input: payload, encoding: "utf8" }), /^Good "git" signature/);
        } finally {
          rmSync(folder, { recursive: true });
        }
      });
    });
  }

  it("counts with none of its bytes changed", async () => {
    const trusted = await trust(line);
    const bytes = Buffer.from(good().split("\n")[1]!, "base64");
    for (let at = 0; at < bytes.length; at++) {
      const other = Buffer.from(bytes);
      other[at]! ^= 1 << (at % 8);
      const text = `-----BEGIN SSH SIGNATURE-----\n${other.toString("base64")}\n-----END SSH SIGNATURE-----`;
      assert.doesNotMatch(await result(text, trusted), /^signed by/, `byte ${at}`);
    }
    for (let length = 0; length < bytes.length; length++) {
      const text = `-----BEGIN SSH SIGNATURE-----\n${bytes.toString("base64", 0, length)}\n-----END SSH SIGNATURE-----`;
      assert.equal(await result(text, trusted), "its ssh signature is damaged", `${length} bytes`);
    }
  });

  it("is a problem and never an error, whatever it is", async () => {
    const trusted = await trust(line);
    const part = fc.oneof(fc.uint8Array({ maxLength: 80 }).map(Buffer.from), fc.constant(blob));
    const parts = fc.record({ publicKey: part, signature: part }, { requiredKeys: ["publicKey", "signature"] });
    const body = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString("base64"));
    const wrapped = body.map((text) => `-----BEGIN SSH SIGNATURE-----\n${text}\n-----END SSH SIGNATURE-----`);
    const any = fc.oneof(parts.map(armored), wrapped, fc.string({ unit: "binary" }));
    await fc.assert(
      fc.asyncProperty(any, fc.uint8Array(), async (signature, of) => {
        assert.doesNotMatch(await result(signature, trusted), /^signed by|cannot be read/);
        assert.doesNotMatch(await result(signature, trusted, of), /^signed by|cannot be read/);
      }),
      { numRuns: repeats(300) },
    );
  });
});
