import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { readIfThere, removeUnfinished, writePrivateFile } from "../../../apiserver/pki/private-file.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "wctl-private-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("a private file", () => {
  it("is private from its first moment, whatever the umask, and replaced whole", async () => {
    const path = join(folder, "key");
    const before = process.umask(0);
    try {
      await writePrivateFile(path, "one");
      await writePrivateFile(path, "two");
    } finally {
      process.umask(before);
    }
    assert.equal(await readIfThere(path), "two");
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(folder), ["key"]);
  });

  it("leaves nothing behind when it cannot be put in its place", async () => {
    const path = join(folder, "taken");
    await mkdir(join(path, "by-a-folder"), { recursive: true });
    await assert.rejects(writePrivateFile(path, "text"), { code: "EISDIR" });
    assert.deepEqual(await readdir(folder), ["taken"]);
  });

  it("half written by a daemon that died is removed, and nothing else", async () => {
    const left = ["key.0123456789ab.tmp", "key.abcdefabcdef.tmp"];
    const others = ["key", "key.0123456789ab", "key.tmp", "key2.0123456789ab.tmp", "xkey.0123456789ab.tmp"];
    for (const name of [...left, ...others]) await writeFile(join(folder, name), "x");
    await removeUnfinished(join(folder, "key"));
    assert.deepEqual((await readdir(folder)).sort(), others.sort());
  });

  it("that is not there is undefined; one that cannot be read is an error", async () => {
    assert.equal(await readIfThere(join(folder, "none")), undefined);
    await assert.rejects(readIfThere(folder), { code: "EISDIR" });
  });
});
