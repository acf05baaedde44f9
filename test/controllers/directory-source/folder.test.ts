import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { readYaml } from "../../../api/yaml/yaml-document.ts";
import { UnreadYaml } from "../../../api/yaml/yaml-thread.ts";
import { Folder } from "../../../controllers/directory-source/folder.ts";
import { pathTrust } from "../../../lib/path-trust.ts";

describe("a file that took too long to read", () => {
  it("is read again though it did not change, and says why until then", async (t) => {
    const directory = await mkdtemp(join(tmpdir(), "wctl-folder-"));
    t.after(() => rm(directory, { recursive: true, force: true }));
    await writeFile(join(directory, "a.yaml"), "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
    let reads = 0;
    const yaml = {
      readYaml: async (source: Uint8Array, file: string) => {
        if (++reads === 1) throw new UnreadYaml("it takes longer than 10 s to read");
        return readYaml(source, file);
      },
    };
    const folder = new Folder(
      directory,
      yaml,
      pathTrust(() => undefined),
    );
    const [first] = (await folder.read()).files;
    assert.equal(first?.problem, "a.yaml cannot be read: it takes longer than 10 s to read");
    const [second] = (await folder.read()).files;
    assert.equal(second?.problem, undefined);
    assert.equal(second?.manifests.length, 1);
    await folder.read();
    assert.equal(reads, 2, "what was read is not read again");
  });
});
