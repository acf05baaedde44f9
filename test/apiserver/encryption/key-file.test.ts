import assert from "node:assert/strict";
import { chownSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { KeyFile } from "../../../apiserver/encryption/key-file.ts";
import { type KeyProtection, noProtection } from "../../../apiserver/encryption/key-protection.ts";
import { KeyRing } from "../../../apiserver/encryption/key-ring.ts";
import { newSecretKey } from "../../../apiserver/encryption/secret-key.ts";
import { scratch } from "../../store/scratch.ts";

const now = new Date("2026-01-01T00:00:00Z");

/** A file with one key in it. */
async function written(protection: KeyProtection = noProtection): Promise<KeyFile> {
  const file = new KeyFile(join(scratch(), "secrets.key"), protection);
  await file.write([newSecretKey(now)]);
  return file;
}

describe("the file of the keys", () => {
  it("gives back what was written, in order, and nothing where there is none", async () => {
    const file = await written();
    const keys = [newSecretKey(now), newSecretKey(now)];
    await file.write(keys);
    const read = (await file.read())!;
    assert.deepEqual(
      read.map(({ id, created, key }) => [id, created, key.export()]),
      keys.map(({ id, created, key }) => [id, created, key.export()]),
    );
    assert.equal(await new KeyFile(join(scratch(), "none.key"), noProtection).read(), undefined);
  });

  it("holds the keys only as the system protects them, each under its own name", async () => {
    const seen: string[] = [];
    const turned: KeyProtection = {
      name: "turned",
      protect: (bytes, context) => {
        seen.push(context);
        return Buffer.from(bytes).reverse();
      },
      unprotect: (bytes, context) => {
        seen.push(context);
        return Buffer.from(bytes).reverse();
      },
    };
    const file = await written(turned);
    const [key] = (await file.read())!;
    assert.deepEqual(seen, [key!.id, key!.id]);
    assert.equal(readFileSync(file.path, "utf8").includes(key!.key.export().toString("base64")), false);
    const refusing: KeyProtection = { ...turned, unprotect: () => assert.fail("error 13") };
    await assert.rejects(
      new KeyFile(file.path, refusing).read(),
      /secrets\.key cannot be used: key .* was protected on another machine/,
    );
  });

  it("is not believed when it is a link, a folder, or another user's: that is told, and nothing is written over it", {
    skip: process.getuid?.() === 0 ? false : "only root can give files away",
  }, async () => {
    const linked = await written();
    renameSync(linked.path, `${linked.path}.real`);
    symlinkSync(`${linked.path}.real`, linked.path);
    const folder = new KeyFile(join(scratch(), "secrets.key"), noProtection);
    mkdirSync(folder.path);
    const foreign = await written();
    chownSync(foreign.path, 65534, 65534);
    const cases = [
      [linked, /is not a file/],
      [folder, /is not a file/],
      [foreign, /belongs to another user \(uid 65534\)/],
    ] as const;
    for (const [file, said] of cases) {
      await assert.rejects(file.read(), said);
      const ring = await KeyRing.open(file);
      await assert.rejects(ring.ensure(now), said);
      assert.throws(() => ring.primary, said);
    }
  });

  it("of any content but its own is an error that names it, never a new key", async () => {
    const good = readFileSync((await written()).path, "utf8");
    const {
      keys: [kept],
    } = JSON.parse(good) as { keys: [{ id: string; key: string }] };
    const contents = [
      "",
      "{}",
      "null",
      "[]",
      good.slice(0, -20),
      good.replace('"version": 1', '"version": 2'),
      good.replace(/"keys": \[[^\]]*\]/, '"keys": []'),
      good.replace(kept.id, "0".repeat(16)),
      good.replace(kept.key, kept.key.slice(4)),
      good.replace(/"key": "[^"]*"/, '"key": 7'),
      good.replace(/"keys": \[[^\]]*\]/, '"keys": [null]'),
      good.replace(/"keys": \[[^\]]*\]/, '"keys": {}'),
    ];
    for (const content of contents) {
      const file = new KeyFile(join(scratch(), "secrets.key"), noProtection);
      writeFileSync(file.path, content);
      await assert.rejects(file.read(), (error: Error) => error.message.startsWith(file.path), content);
      await assert.rejects((await KeyRing.open(file)).ensure(now));
      assert.equal(readFileSync(file.path, "utf8"), content);
    }
  });
});
