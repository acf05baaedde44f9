import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { confinedFs } from "../../../git/repository/confined-fs.ts";

describe("the files of a local copy", () => {
  it("are listed as they came, packs, also when the clock was set back between them", async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "wctl-confined-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const packs = join(folder, "objects", "pack");
    mkdirSync(packs, { recursive: true });
    const { promises: fs } = confinedFs(folder, () => {});
    await fs.writeFile(join(packs, "pack-b.idx"), "first");
    const later = Date.now() / 1000 + 3_600;
    utimesSync(join(packs, "pack-b.idx"), later, later);
    // Another session reads the times anew.
    const { promises: again } = confinedFs(folder, () => {});
    await again.writeFile(join(packs, "pack-a.idx"), "second");
    await again.writeFile(join(packs, "pack-0.idx"), "third");
    const names = (await again.readdir(packs)) as string[];
    assert.deepEqual(
      names.map((name) => name.replace(/^\d+\./, "")),
      ["pack-b.idx", "pack-a.idx", "pack-0.idx"],
    );
    assert.deepEqual(names, names.toSorted(), "the library sorts them so");
    assert.equal(String(await again.readFile(join(packs, names[1]!), {})), "second");
  });
});
