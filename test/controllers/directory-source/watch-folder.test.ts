import assert from "node:assert/strict";
import { mkdir, mkdtemp, realpath, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { routeTo } from "../../../controllers/directory-source/route.ts";
import { watchFolder } from "../../../controllers/directory-source/watch-folder.ts";

const base = async (t: TestContext): Promise<string> => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "wctl-watch-")));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

/** Resolves `next` with the first change after it was asked for. */
async function watched(t: TestContext, directory: string) {
  let wake = (): void => {};
  const failed = (error: unknown): void => assert.fail(String(error));
  const stop = await watchFolder(directory, { changed: () => wake(), failed });
  t.after(stop);
  return {
    async seesChange(act: () => Promise<unknown>): Promise<void> {
      const seen = new Promise<void>((resolve) => {
        wake = resolve;
      });
      await act();
      await seen;
    },
  };
}

/** Until the watches of the new place stand an edit there could be missed by them, but not by the reader: so it is repeated. */
const repeatedly = async (
  see: (act: () => Promise<unknown>) => Promise<void>,
  write: (n: number) => Promise<unknown>,
) => {
  let n = 0;
  let isSeen = false;
  const writing = (async () => {
    while (!isSeen) {
      await write(n++);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  await see(async () => {});
  isSeen = true;
  await writing;
};

describe("a folder of manifests that is reached by a link (git-sync's current)", {
  skip: process.platform === "win32" && "links need a privilege there",
}, () => {
  const ways: [way: string, make: (folder: string) => Promise<{ path: string; flip: () => Promise<void> }>][] = [
    [
      "that is the folder",
      async (folder) => {
        await symlink("v1", join(folder, "current"));
        return { path: join(folder, "current"), flip: () => exchange(folder, "current", "v2") };
      },
    ],
    [
      "above the folder, absolute",
      async (folder) => {
        for (const version of ["v1", "v2"]) {
          await mkdir(join(folder, `all-${version}`));
          await rename(join(folder, version), join(folder, `all-${version}`, "manifests"));
          await symlink(join(folder, `all-${version}`, "manifests"), join(folder, version));
        }
        await symlink(join(folder, "all-v1"), join(folder, "current"));
        return {
          path: join(folder, "current", "manifests"),
          flip: () => exchange(folder, "current", join(folder, "all-v2")),
        };
      },
    ],
    [
      "to a link",
      async (folder) => {
        await symlink("v1", join(folder, "inner"));
        await symlink("inner", join(folder, "current"));
        return { path: join(folder, "current"), flip: () => exchange(folder, "inner", "v2") };
      },
    ],
  ];
  const exchange = async (folder: string, name: string, target: string): Promise<void> => {
    await symlink(target, join(folder, `${name}.new`));
    await rename(join(folder, `${name}.new`), join(folder, name));
  };
  for (const [way, make] of ways) {
    const setUp = async (t: TestContext) => {
      const folder = await base(t);
      for (const version of ["v1", "v2"]) {
        await mkdir(join(folder, version));
        await writeFile(join(folder, version, "a.yaml"), version);
      }
      const { path, flip } = await make(folder);
      return { folder, path, flip, ...(await watched(t, path)) };
    };

    it(`${way}: an edit is seen`, async (t) => {
      const { folder, seesChange } = await setUp(t);
      await seesChange(() => writeFile(join(folder, "v1", "a.yaml"), "edited"));
    });

    it(`${way}: the flip is seen, with nothing else, and edits after it`, async (t) => {
      const { folder, path, flip, seesChange } = await setUp(t);
      await seesChange(flip);
      // The flip itself may be told of some times more.
      for (let time = 0; time < 6; time++)
        await repeatedly(seesChange, (n) => writeFile(join(folder, "v2", "b.yaml"), `${n}`));
      const { real } = await routeTo(path);
      assert.equal(real, await realpath(join(folder, "v2")));
    });
  }

  it("is known by all links on its way, also when it leads in a loop or nowhere", async (t) => {
    const folder = await base(t);
    await mkdir(join(folder, "a", "b"), { recursive: true });
    await symlink("../a", join(folder, "a", "up"));
    await symlink("a/up/b", join(folder, "link"));
    await symlink("loop", join(folder, "loop"));
    await symlink("missing/x", join(folder, "nowhere"));
    assert.deepEqual(await routeTo(join(folder, "link")), {
      links: [join(folder, "link"), join(folder, "a", "up")],
      real: join(folder, "a", "b"),
    });
    assert.deepEqual(new Set((await routeTo(join(folder, "loop"))).links), new Set([join(folder, "loop")]));
    assert.equal((await routeTo(join(folder, "nowhere"))).real, join(folder, "missing", "x"));
  });
});
