import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { deflateSync } from "node:zlib";
import { checkPack } from "../../../git/repository/pack-check.ts";

const BLOB = 3;
const REF_DELTA = 7;
const LIMITS = { objects: 10, bytes: 4 * 1024 ** 3 };
const hash = (bytes: Uint8Array): Buffer => createHash("sha1").update(bytes).digest();

function header(type: number, size: number): Buffer {
  const bytes = [(type << 4) | (size % 16)];
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes[bytes.length - 1]! |= 0x80;
    bytes.push(rest % 128);
  }
  return Buffer.from(bytes);
}

/** `says`: how large the object is. */
const blob = (text: string, says = text.length): Buffer => Buffer.concat([header(BLOB, says), deflateSync(text)]);

function delta(bytes: readonly number[]): Buffer {
  return Buffer.concat([header(REF_DELTA, bytes.length), Buffer.alloc(20, 1), deflateSync(Buffer.from(bytes))]);
}

function pack(objects: readonly Buffer[], count = objects.length): Buffer {
  const head = Buffer.from("PACK\0\0\0\x02\0\0\0\0");
  head.writeUInt32BE(count, 8);
  const bytes = Buffer.concat([head, ...objects]);
  return Buffer.concat([bytes, hash(bytes)]);
}

describe("a pack", () => {
  it("is let through when it is what it says", () => {
    checkPack(pack([]), LIMITS);
    checkPack(pack([blob("a"), blob(""), delta([1, 1, 1, 0x61])]), LIMITS);
  });

  it("is refused when it is not, before any object of it is believed", () => {
    const whole = pack([blob("abc")]);
    for (const [bad, message] of [
      [Buffer.alloc(0), /it is no pack/],
      [whole.subarray(0, -1), /its hash is not that of its contents/],
      [pack([blob("abc")], 2), /in the middle of an object/],
      [pack([blob("abc"), blob("abc")], 1), /goes on after its last object/],
      [pack([blob("abcdef", 2)]), /longer than it says/],
      [pack([blob("abc", 4)]), /not as long as it says/],
      [pack([header(0, 1)]), /has no type/],
      [pack([Buffer.concat([header(6, 1), Buffer.from([0])])]), /a delta has no base/],
      [pack([Buffer.concat([header(6, 1), Buffer.from([100])])]), /a delta has no base/],
      [pack([delta([1, 2, 1, 0x61])]), /does not make what it says/],
    ] as const)
      assert.throws(() => checkPack(bad, LIMITS), { reason: "RepositoryInvalid", message });
  });

  it("is refused when it would be too large, by what it says and before it is unpacked", () => {
    const most = 128 * 1024 * 1024;
    for (const [bad, message, limits] of [
      [pack([blob("x", most + 1)]), /an object of more than 134217728 bytes/, LIMITS],
      [pack([blob("x", 2 ** 40)]), /an object of more than 134217728 bytes/, LIMITS],
      [pack([blob("abc"), blob("abc")]), /more than 5 bytes when it is unpacked/, { ...LIMITS, bytes: 5 }],
      [pack([], 11), /11 objects, at most 10/, LIMITS],
    ] as const)
      assert.throws(() => checkPack(bad, limits), { reason: "LimitExceeded", message });
  });
});
