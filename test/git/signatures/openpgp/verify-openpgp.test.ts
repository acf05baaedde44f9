import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import fc from "fast-check";
import { createMessage, enums, generateKey, type PrivateKey, readSignature, sign } from "openpgp";
import { parseTrustedKeys, type TrustedKeys } from "../../../../git/signatures/trusted-keys.ts";
import { verifyCommit } from "../../../../git/signatures/verify-commit.ts";
import { repeats } from "../../../repeats.ts";

const NOW = new Date();
const payload = Buffer.from(`tree ${"a".repeat(40)}\nauthor A <a> 1 +0000\ncommitter A <a> 1 +0000\n\nm\n`);
const ARMOR = 16 * 1024;

const armored = (bytes: Uint8Array, headers = ""): string => {
  const lines =
    Buffer.from(bytes)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return ["-----BEGIN PGP SIGNATURE-----", headers, ...lines, "-----END PGP SIGNATURE-----"].join("\n");
};
const uint16 = (value: number): Buffer => Buffer.of(value >> 8, value & 0xff);
const packet = (body: Buffer): Buffer => Buffer.concat([Buffer.of(0xc2, 0xff, 0, 0), uint16(body.length), body]);

describe("an OpenPGP signature", () => {
  let key: PrivateKey;
  let trusted: TrustedKeys;
  let good: Uint8Array;
  let signer: string;

  before(async () => {
    const made = await generateKey({ userIDs: { name: "Alice" }, curve: "ed25519Legacy", format: "object" });
    key = made.privateKey;
    const keys = await parseTrustedKeys({ "alice.asc": made.publicKey.armor() });
    if ("problem" in keys) assert.fail(keys.problem);
    trusted = keys;
    good = await signed({});
    signer = `Alice (${key.getFingerprint().toUpperCase()})`;
  });

  const signed = async (more: { date?: Date }): Promise<Uint8Array> => {
    const message = await createMessage({ binary: payload });
    const text = await sign({ message, signingKeys: key, detached: true, ...more });
    return (await readSignature({ armoredSignature: text })).write() as Uint8Array;
  };
  const result = async (signature: string): Promise<string> => {
    const said = await verifyCommit({ payload, signature }, trusted, NOW);
    if ("problem" in said) return said.problem;
    assert.equal(said.signer, signer);
    return "signed";
  };

  it("counts, with what armor may say of itself", async () => {
    assert.equal(await result(armored(good)), "signed");
    assert.equal(await result(`${armored(good, "Version: GnuPG v2\nComment: x\n")}\n`), "signed");
  });

  it("may be a little ahead of this host's clock, and no more", async () => {
    const after = (minutes: number): Date => new Date(NOW.getTime() + minutes * 60_000);
    assert.equal(await result(armored(await signed({ date: after(5) }))), "signed");
    assert.match(await result(armored(await signed({ date: after(15) }))), /in the future/);
  });

  it("is one packet", async () => {
    assert.match(await result(armored(Buffer.concat([good, good]))), /not one signature/);
    // A marker, padding, and a literal text beside it.
    for (const other of [
      Buffer.from([0xca, 3, 0x50, 0x47, 0x50]),
      Buffer.from([0xcb, 8, 0x62, 0, 0, 0, 0, 0, 65, 66]),
    ]) {
      assert.notEqual(await result(armored(Buffer.concat([good, other, good]))), "signed");
    }
  });

  it("is a signature of bytes, and of no other kind", async () => {
    const at = Buffer.from(good).indexOf(Buffer.of(4, enums.signature.binary)) + 1;
    for (const type of [1, 2, 0x10, 0x18, 0x19, 0x20, 0x30, 0x40, 0x50, 0xff]) {
      const other = Uint8Array.from(good);
      other[at] = type;
      assert.match(await result(armored(other)), /not one signature of bytes|cannot be read/);
    }
  });

  it("takes no longer and no more than its size, however its parts are nested", async () => {
    let body = Buffer.of(4, 0, 22, 8, 0, 0, 0, 0, 0, 0);
    const EMBEDDED = 32;
    for (;;) {
      const subpacket = Buffer.concat([Buffer.of(0xff, 0, 0), uint16(body.length + 1), Buffer.of(EMBEDDED), body]);
      const next = Buffer.concat([Buffer.of(4, 0, 22, 8, 0, 0), uint16(subpacket.length), subpacket, Buffer.alloc(2)]);
      if (armored(packet(next)).length > ARMOR) break;
      body = next;
    }
    assert.ok(body.length > ARMOR / 2);
    assert.doesNotMatch(await result(armored(packet(body))), /^signed/);
    assert.match(await result(armored(Buffer.concat([good, Buffer.alloc(ARMOR)]))), /more than 16384/);
    assert.match(await result(armored(good, "Comment: x\n".repeat(ARMOR / 11))), /more than 16384/);
  });

  it("is a problem or the signer's, and never an error, whatever one of its bytes is", async () => {
    const change = fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }));
    await fc.assert(
      fc.asyncProperty(change, async ([at, bits]) => {
        const other = Uint8Array.from(good);
        other[at]! ^= bits;
        assert.ok(await result(armored(other)));
      }),
      { numRuns: repeats(100) },
    );
    for (let length = 0; length < good.length; length += 7) {
      assert.notEqual(await result(armored(good.subarray(0, length))), "signed");
    }
  });

  it("is a problem and never an error, whatever its bytes and its armor are", async () => {
    const bytes = fc.uint8Array({ maxLength: 200 });
    const any = fc.oneof(
      bytes.map((one) => armored(one)),
      bytes.map((one) => armored(packet(Buffer.concat([Buffer.of(4, 0), one])))),
      fc.string({ unit: "binary" }).map((text) => armored(good).replace("\n\n", `\n${text}\n`)),
      fc
        .string({ unit: "binary" })
        .map((text) => `-----BEGIN PGP SIGNATURE-----\n\n${text}\n-----END PGP SIGNATURE-----`),
    );
    await fc.assert(
      fc.asyncProperty(any, async (signature) => {
        assert.ok(await result(signature));
      }),
      { numRuns: repeats(100) },
    );
  });
});
