import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { nodeName } from "../../../../cmd/wctld/node/node-name.ts";

describe("the name of the node", () => {
  let dataDir: string;
  const kept = (): string => readFileSync(join(dataDir, "node-name"), "utf8");
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), "wctl-node-name-"));
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  it("is the machine's, and stays when the machine gets another one", () => {
    const name = nodeName(dataDir, () => []);
    assert.match(name, /^[a-z0-9]/);
    assert.deepEqual([kept(), readdirSync(dataDir)], [`${name}\n`, ["node-name"]]);
    writeFileSync(join(dataDir, "node-name"), "former-name\n");
    assert.equal(
      nodeName(dataDir, () => assert.fail("nobody needs to be asked")),
      "former-name",
    );
  });

  for (const damaged of ["", "former-n\0\0\0\0", "NOT/A NAME"]) {
    it(`is found in the store when ${JSON.stringify(damaged)} is all that is left of it: Instances are bound to it`, () => {
      writeFileSync(join(dataDir, "node-name"), damaged);
      assert.equal(
        nodeName(dataDir, () => ["former-name"]),
        "former-name",
      );
      assert.equal(kept(), "former-name\n");
    });
  }
});
