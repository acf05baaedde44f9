import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import type { NamedCopy } from "../../../runtime/homes/copy.ts";
import { FolderHomes } from "../../../runtime/runs/folder-homes.ts";
import { HomeFiles } from "../../../runtime/runs/home-files.ts";

const WEB: NamedCopy = { owner: "p", index: 0, namespace: "default", process: "web", revision: 1 };

describe("a home in which somebody has a file open", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "wctl-homes-"));
  after(() => rmSync(dataDir, { recursive: true }));
  /** As on Windows: the folder gets no other name. */
  const files = Object.assign(new HomeFiles(dataDir), { aside: () => join(dataDir, "no", "such", "folder") });
  let closeFile = (): void => {};
  const homes = new FolderHomes({
    files,
    onTakenUp: () => {},
    openFolder: () => Promise.reject(new Error("not measured here")),
    removeFolder: async (path) => {
      await new Promise<void>((resolve) => {
        closeFile = resolve;
      });
      rmSync(path, { recursive: true });
    },
  });

  it("is removed in its place, and a start waits for that", async () => {
    files.create(WEB);
    files.write({ ...WEB, createdAt: "" });
    writeFileSync(join(files.work(WEB), "data"), "old");
    const removed = homes.remove(WEB);
    let seen: boolean | undefined;
    const started = homes.enter({ uid: "a", copy: WEB }, async () => {
      seen = existsSync(files.folder(WEB));
    });
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(seen, undefined);
    closeFile();
    assert.equal(await removed, true);
    await started;
    assert.equal(seen, false);
  });

  it("that is not there needs no removal", async () => {
    assert.equal(await homes.remove({ owner: "nobody", index: 0 }), true);
  });
});
