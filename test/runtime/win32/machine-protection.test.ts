import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DataProtectionApi } from "../../../runtime/win32/ffi/data-protection-api.ts";
import { MachineProtection } from "../../../runtime/win32/service/machine-protection.ts";

interface Seen {
  call: string;
  input: Buffer;
  entropy: string;
  flags: number;
}

/** Records what is asked, as it was at the call; the answer is the input backwards. */
function recording(lastError?: number) {
  const seen: Seen[] = [];
  const freed: bigint[] = [];
  const memory = new Map<bigint, Buffer>();
  let next = 0x1000n;
  const put = (buffer: Buffer): bigint => {
    next += 0x1000n;
    memory.set(next, buffer);
    return next;
  };
  const at = (blob: Buffer): Buffer => memory.get(blob.readBigUInt64LE(8))!.subarray(0, blob.readUInt32LE(0));
  const answer =
    (call: string): DataProtectionApi["CryptProtectData"] =>
    (input, _description, entropy, _reserved, _prompt, flags, output) => {
      seen.push({ call, input: Buffer.from(at(input)), entropy: at(entropy).toString(), flags });
      if (lastError !== undefined) return 0;
      const bytes = Buffer.from(at(input)).reverse();
      output.writeUInt32LE(bytes.length, 0);
      output.writeBigUInt64LE(put(bytes), 8);
      return 1;
    };
  const api: DataProtectionApi = {
    GetLastError: () => lastError ?? 0,
    LocalFree: (address) => {
      freed.push(address);
      return null;
    },
    CryptProtectData: answer("CryptProtectData"),
    CryptUnprotectData: answer("CryptUnprotectData"),
    addressOf: put,
    bytesAt: (address, length) => Buffer.from(memory.get(address)!.subarray(0, length)),
  };
  return { protection: new MachineProtection(api), seen, freed };
}

describe("keys on Windows", () => {
  it("are protected for this machine, without a window, with an entropy that names what they are", () => {
    const { protection, seen, freed } = recording();
    assert.deepEqual(protection.protect(Buffer.from("abc"), "id1"), Buffer.from("cba"));
    assert.deepEqual(protection.unprotect(Buffer.from("cba"), "id1"), Buffer.from("abc"));
    const entropy = "wctl.dev secrets.key v1\0id1";
    assert.deepEqual(seen, [
      { call: "CryptProtectData", input: Buffer.from("abc"), entropy, flags: 5 },
      { call: "CryptUnprotectData", input: Buffer.from("cba"), entropy, flags: 5 },
    ]);
    assert.equal(freed.length, 2, "what Windows allocated is given back");
  });

  it("that this machine did not protect are an error that names the call", () => {
    const { protection, freed } = recording(13);
    assert.throws(() => protection.unprotect(Buffer.from("x"), "id1"), /CryptUnprotectData failed with .*13/);
    assert.equal(freed.length, 0);
  });
});
