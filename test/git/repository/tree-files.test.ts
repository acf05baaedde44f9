import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ObjectSource } from "../../../git/repository/object-source.ts";
import { type TreeLimits, treeFiles } from "../../../git/repository/tree-files.ts";

const FILE = "100644";
const FOLDER = "40000";
const LINK = "120000";
const SUBMODULE = "160000";
const LIMITS = { files: 100, bytes: 10_000 };
const everything = { isWanted: () => true, isManifest: (name: string) => name.endsWith(".yaml") };

/** Objects by what names them; nothing is hashed. */
class Objects implements ObjectSource {
  readonly #contents: Buffer[] = [];

  blob(text: string): string {
    this.#contents.push(Buffer.from(text));
    return this.#contents.length.toString(16).padStart(40, "0");
  }

  tree(...entries: [mode: string, name: string | Buffer, oid: string][]): string {
    const parts = entries.flatMap(([mode, name, oid]) => [`${mode} `, name, "\0", Buffer.from(oid, "hex")]);
    this.#contents.push(Buffer.concat(parts.map((part) => Buffer.from(part as string))));
    return this.#contents.length.toString(16).padStart(40, "0");
  }

  async read(oid: string): Promise<Uint8Array> {
    return this.#contents[Number.parseInt(oid, 16) - 1]!;
  }
}

describe("the files of a tree", () => {
  const objects = new Objects();
  const blob = objects.blob("a\n");
  const read = (root: string, folder = ".", limits: TreeLimits = LIMITS) =>
    treeFiles(objects, root, folder, limits, everything);
  const refused = (asked: Promise<unknown>, reason: string, message: RegExp) =>
    assert.rejects(asked, (error: { reason?: string; message: string }) => {
      assert.match(error.message, message);
      assert.equal(error.reason, reason);
      assert.ok(error.message.length < 1000, `a message of ${error.message.length} characters`);
      return true;
    });

  it("have names that a file system can have, and a message about another is short", async () => {
    const long = "é".repeat(128);
    for (const name of [`${"x".repeat(252)}.yaml`, long, "x".repeat(10_000_000), Buffer.alloc(300, 0xff)]) {
      const file = objects.tree([FILE, name, blob]);
      await refused(
        read(file, ".", { ...LIMITS, files: 10_000 }),
        "RepositoryInvalid",
        /more than 255 bytes: rename it/,
      );
    }
    const { files } = await read(objects.tree([FILE, "x".repeat(255), blob]));
    assert.equal(files.length, 1);
  });

  it("are told of in a few lines where they are left out, however many there are and whatever they are called", async () => {
    const modules = Array.from({ length: 500 }, (_, at) => [SUBMODULE, `${at}\u001b${"m".repeat(500)}`, blob] as const);
    const { remarks } = await read(objects.tree([LINK, "link", blob], ...modules.map((one) => [...one] as never)));
    assert.equal(remarks.length, 11);
    assert.equal(remarks[0], "link is a symbolic link and is not followed");
    assert.match(remarks[1]!, /^0\\x1bm+… is a submodule and is not read$/);
    assert.equal(remarks[10], "and 491 more links and submodules that are not read");
  });

  it("are looked for in a folder that is no other one's on Windows", async () => {
    const inner = objects.tree([FILE, "a.yaml", blob]);
    const other = objects.tree([FILE, "b.yaml", blob]);
    const root = objects.tree([FOLDER, "Prod", inner], [FOLDER, "dev", inner], [FOLDER, "prod", other]);
    await refused(read(root, "prod"), "RepositoryInvalid", /"Prod" and "prod" are one and the same/);
    const twice = objects.tree([FOLDER, "prod", inner], [FOLDER, "prod", other]);
    await refused(read(twice, "prod"), "RepositoryInvalid", /"prod" and "prod" are one and the same/);
    const { files } = await read(root, "dev");
    assert.deepEqual(
      files.map(({ path }) => path),
      ["a.yaml"],
    );
    await refused(read(root, "Dev"), "PathNotFound", /"Dev" is not there/);
  });

  it("are counted before a tree is taken apart", async () => {
    const entry = Buffer.concat([Buffer.from("1 a\0"), Buffer.alloc(20)]);
    const huge: ObjectSource = { read: async () => Buffer.alloc(entry.length * 500_000, entry) };
    for (const folder of [".", "a"]) {
      const asked = treeFiles(huge, blob, folder, LIMITS, everything);
      await refused(asked, "LimitExceeded", /a folder of it has more than 2000 names/);
    }
  });
});
