import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type KeyProtection, noProtection } from "../../../../apiserver/encryption/key-protection.ts";
import { DataSeal } from "../../../../cmd/wctld/data-dir/data-seal.ts";

const secret = Buffer.alloc(32, 7);
const seal = new DataSeal(secret, noProtection);
/** As the system of another machine. */
const turned: KeyProtection = {
  name: "turned",
  protect: (bytes) => Buffer.from(bytes).reverse(),
  unprotect: (bytes) => Buffer.from(bytes).reverse(),
};

describe("the seal of a data directory", () => {
  it("gives a text back, and never looks the same twice", () => {
    for (const text of ["", "hunter22", "é\0\n".repeat(100_000)])
      assert.equal(seal.open(seal.seal(text, "a"), "a"), text);
    assert.notEqual(seal.seal("hunter22", "a"), seal.seal("hunter22", "a"));
    assert.doesNotMatch(Buffer.from(seal.seal("hunter22", "a"), "base64").toString("latin1"), /hunter22/);
  });

  it("opens nothing for another context, key or machine, and nothing that is damaged", () => {
    const sealed = seal.seal("hunter22", "a");
    assert.equal(seal.open(sealed, "b"), undefined);
    assert.equal(new DataSeal(Buffer.alloc(32, 8), noProtection).open(sealed, "a"), undefined);
    assert.equal(new DataSeal(secret, turned).open(sealed, "a"), undefined);
    for (const damaged of ["", "x", sealed.slice(4), `A${sealed.slice(1)}`, sealed.slice(0, -8)])
      assert.equal(seal.open(damaged, "a"), undefined, damaged);
  });
});
