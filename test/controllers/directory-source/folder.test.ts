import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { readYaml } from "../../../api/yaml/read-yaml.ts";
import { UnreadYaml } from "../../../api/yaml/yaml-thread.ts";
import { Folder } from "../../../controllers/directory-source/folder.ts";
import { pathTrust } from "../../../lib/path-trust.ts";

async function folderOf(t: TestContext, text: string, yaml: ConstructorParameters<typeof Folder>[1]): Promise<Folder> {
  const directory = await mkdtemp(join(tmpdir(), "wctl-folder-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  await writeFile(join(directory, "a.yaml"), text);
  const trust = pathTrust(() => undefined);
  return new Folder(directory, yaml, trust);
}

describe("a file with what is sealed", () => {
  it("is refused, because nobody would open it", async (t) => {
    const text =
      "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n  b: |\n    -----BEGIN AGE ENCRYPTED FILE-----\n";
    const folder = await folderOf(t, text, { readYaml: async (source, file) => readYaml(source, file) });
    const [file] = (await folder.read()).files;
    assert.equal(
      file?.problem,
      "a.yaml:5:3: stringData.b: it is sealed, which a GitSource opens and nobody else: give the value itself",
    );
    assert.deepEqual(file.manifests, []);
  });
});

describe("a file that took too long to read", () => {
  it("is read again though it did not change, and says why until then", async (t) => {
    let reads = 0;
    const yaml = {
      readYaml: async (source: Uint8Array, file: string) => {
        if (++reads === 1) throw new UnreadYaml("it takes longer than 10 s to read");
        return readYaml(source, file);
      },
    };
    const folder = await folderOf(t, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n", yaml);
    const [first] = (await folder.read()).files;
    assert.equal(first?.problem, "a.yaml cannot be read: it takes longer than 10 s to read");
    const [second] = (await folder.read()).files;
    assert.equal(second?.problem, undefined);
    assert.equal(second?.manifests.length, 1);
    await folder.read();
    assert.equal(reads, 2, "what was read is not read again");
  });
});
