/**
 * Our reader and the library, on texts that are made up. `DOCUMENTS=1000000 make test ONLY=test/api/yaml/simple` tries as many; `SEED` names other ones.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { simpleYaml } from "../../../../api/yaml/simple/simple-yaml.ts";
import { Dice } from "../../../fuzz/dice.ts";
import { mustAgree } from "./agreement.ts";
import { pieces, spoiled } from "./made-up.ts";
import { madeUpDocument, madeUpFile } from "./made-up-documents.ts";

const documents = Number(process.env.DOCUMENTS ?? (process.platform === "win32" ? 400 : 4000));
const seed = Number(process.env.SEED ?? 12);
const manifest = readFileSync(join(import.meta.dirname, "../../../../manifests/examples/every-field.yaml"), "utf8");

const makers: Record<string, { weight: number; make: (dice: Dice) => string }> = {
  "pieces in any order": { weight: 0.3, make: pieces },
  documents: { weight: 0.2, make: madeUpDocument },
  files: { weight: 0.15, make: madeUpFile },
  "files with slips": { weight: 0.3, make: (dice) => spoiled(dice, madeUpFile(dice)) },
  "a manifest with slips": { weight: 0.05, make: (dice) => spoiled(dice, part(dice, manifest)) },
};

function part(dice: Dice, text: string): string {
  const lines = text.split("\n");
  const from = dice.below(lines.length);
  return lines.slice(from, from + 1 + dice.below(25)).join("\n");
}

describe(`our YAML reader agrees with the library (SEED=${seed})`, () => {
  for (const [name, { weight, make }] of Object.entries(makers)) {
    const times = Math.ceil(weight * documents);
    it(`on ${times} ${name}`, (t) => {
      let sure = 0;
      for (let n = 0; n < times; n++) {
        const text = make(new Dice(seed, n, name.length));
        try {
          if (mustAgree(text)) sure++;
        } catch (error) {
          assert.fail(`number ${n}, ${JSON.stringify(text)}: ${(error as Error).message}`);
        }
      }
      t.diagnostic(`${sure} of ${times} were simple`);
      assert.ok(sure > times / 100, `only ${sure} of ${times} were simple: nothing was compared`);
    });
  }

  it("on every place that it may stop at: a manifest cut off anywhere", () => {
    for (let end = 0; end < Math.min(manifest.length, 1500); end++) mustAgree(manifest.slice(0, end));
    assert.ok(simpleYaml(manifest));
  });
});
