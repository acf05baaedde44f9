import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BackupNotUsable } from "../../../api/backup/backup.ts";
import { seal, unseal } from "../../../api/backup/sealed-backup.ts";

const backup = `{"kind":"Backup","canary":"${"é".repeat(1000)}"}\n`;
const passphrase = Buffer.from("correct horse battery staple");
/** Cheap, for tests. */
const N = 2 ** 11;
const text = await seal(backup, passphrase, N);

// biome-ignore lint/suspicious/noExplicitAny: what an enemy may write
function changed(change: (document: any) => void): string {
  const document = JSON.parse(text);
  change(document);
  return JSON.stringify(document);
}
const flipped = (base64: string, at: number): string => {
  const bytes = Buffer.from(base64, "base64");
  bytes[at < 0 ? bytes.length + at : at]! ^= 1;
  return bytes.toString("base64");
};

describe("a backup with a passphrase", () => {
  it("is read with it, and shows nothing without", async () => {
    assert.equal(await unseal(text, passphrase), backup);
    assert.equal(text.includes("canary"), false);
    assert.notEqual(await seal(backup, passphrase, N), text, "no two are equal");
  });

  it("leaves one that has none as it is, unless a passphrase was given: somebody could have put it there", async () => {
    assert.equal(await unseal(backup, undefined), backup);
    await assert.rejects(unseal(backup, passphrase), /it has no passphrase, so it may be another than you think/);
  });

  it("asks for the passphrase, and knows another one", async () => {
    await assert.rejects(unseal(text, undefined), /name its file with --passphrase-file/);
    await assert.rejects(
      unseal(text, Buffer.from("Correct horse battery staple")),
      /is another one, or it was changed/,
    );
  });

  const refused: [what: string, text: string, why: RegExp][] = [
    ["a changed content", changed((it) => Object.assign(it, { content: flipped(it.content, 5) })), /it was changed/],
    ["a changed end", changed((it) => Object.assign(it, { content: flipped(it.content, -1) })), /it was changed/],
    ["another nonce", changed((it) => Object.assign(it, { nonce: flipped(it.nonce, 0) })), /it was changed/],
    ["another salt", changed((it) => Object.assign(it, { salt: flipped(it.salt, 0) })), /it was changed/],
    ["a cheaper key", changed((it) => Object.assign(it, { n: N / 2 })), /it was changed/],
    ["a key that asks for all memory", changed((it) => Object.assign(it, { n: 2 ** 30 })), /asks of scrypt/],
    ["a key that asks for next to nothing", changed((it) => Object.assign(it, { n: 2 })), /asks of scrypt/],
    ["a key that asks for no power of two", changed((it) => Object.assign(it, { n: 5000 })), /asks of scrypt/],
    ["a key that asks for all time", changed((it) => Object.assign(it, { p: 2 ** 20 })), /asks of scrypt/],
    ["a newer one", changed((it) => Object.assign(it, { version: 2 })), /use the wctl that made it/],
    ["one without content", changed((it) => delete it.content), /its fields/],
    ["one with a tag alone", changed((it) => Object.assign(it, { content: "A".repeat(16) })), /its fields/],
    ["one that is cut off", text.slice(0, -100), /damaged or cut off/],
    ["its beginning", text.slice(0, 30), /damaged or cut off/],
  ];
  for (const [what, given, why] of refused) {
    it(`refuses ${what}`, async () => {
      await assert.rejects(
        unseal(given, passphrase),
        (error: Error) => error instanceof BackupNotUsable && why.test(error.message),
      );
    });
  }
});
