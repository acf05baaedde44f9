import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { loadDataProtectionApi } from "../../runtime/win32/ffi/data-protection-api.ts";
import { MachineProtection } from "../../runtime/win32/service/machine-protection.ts";

describe("DPAPI", { skip: process.platform === "win32" ? false : "needs Windows" }, () => {
  it("gives back what it protected, and only that, to who says the same context", () => {
    const protection = new MachineProtection(loadDataProtectionApi());
    const secret = Buffer.from("a key of thirty-two bytes, or so");
    const hidden = protection.protect(secret, "id1");
    assert.equal(hidden.includes(secret), false);
    assert.deepEqual(protection.unprotect(hidden, "id1"), secret);
    assert.throws(() => protection.unprotect(hidden, "id2"), /CryptUnprotectData failed/);
    const changed = Buffer.from(hidden);
    changed[changed.length - 20]! ^= 1;
    assert.throws(() => protection.unprotect(changed, "id1"), /CryptUnprotectData failed/);
    assert.throws(() => protection.unprotect(Buffer.from("nothing of the kind"), "id1"), /CryptUnprotectData failed/);
  });
});
