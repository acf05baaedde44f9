import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { readPassphrase } from "../../../../cmd/wctl/input/passphrase.ts";

describe("the file of a passphrase", () => {
  const folder = mkdtempSync(join(tmpdir(), "wctl-passphrase-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "passphrase");
  const says = (text: string): string | undefined => {
    writeFileSync(file, text, { mode: 0o600 });
    return readPassphrase(file)?.toString();
  };

  it("is its content without the line ends that editors add", () => {
    assert.equal(says("two words\n"), "two words");
    assert.equal(says("two words\r\n\n"), "two words");
    assert.equal(says(" \tkept "), " \tkept ");
    assert.equal(readPassphrase(undefined), undefined);
  });

  it("is refused when it is empty or huge", () => {
    for (const text of ["", "\n", "\r\n"]) assert.throws(() => says(text), /an empty passphrase is none/);
    assert.throws(() => says("x".repeat(70_000)), /is larger than/);
  });

  it("is refused when others can read it or write to it", { skip: process.getuid === undefined }, () => {
    says("secret");
    for (const mode of [0o604, 0o620, 0o602]) {
      chmodSync(file, mode);
      assert.throws(() => readPassphrase(file), /others can read or write it/);
    }
    chmodSync(file, 0o640);
    assert.equal(readPassphrase(file)?.toString(), "secret");
  });
});
