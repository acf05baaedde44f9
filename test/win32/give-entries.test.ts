import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { silentLogger } from "../../lib/logger.ts";
import { HomeFiles } from "../../runtime/runs/home-files.ts";
import { giveEntries } from "../../runtime/win32/accounts/give-entries.ts";
import { giveHome, giveInThread } from "../../runtime/win32/accounts/give-home.ts";
import { homeSid } from "../../runtime/win32/accounts/process-account.ts";
import { entryLists, type FolderUser } from "../../runtime/win32/accounts/work-folder.ts";
import { type FakeFile, fakeFiles, folder, put } from "./fake-files.ts";
import { isWindows } from "./platform.ts";

const LISTS = { folder: "of folders", file: "of files", isLow: false };
const WEB: FolderUser = { sid: "S-1-5-107-7", home: "web/0", writeRestricted: false, isLow: false };

describe("what is in a home is given", () => {
  it("all of it, however deep, and no path is walked after the first", () => {
    const root = folder();
    const all: FakeFile[] = [];
    let inner = root;
    for (let level = 0; level < 3_000; level++) {
      const [next, file] = [folder(), {}];
      put(inner, "d", next);
      for (let index = 0; index < 4; index++) put(inner, `f${index}`, {});
      put(inner, "f", file);
      all.push(next, file);
      inner = next;
    }
    const { api, walked, open } = fakeFiles(root);
    assert.equal(giveEntries(api, "C:\\data", LISTS), 0);
    assert.ok(all.every(({ acl, entries }) => acl === (entries ? "of folders" : "of files")));
    assert.equal(root.acl, undefined, "the folder itself has a list of its own");
    assert.deepEqual([walked, open()], [["C:\\data"], 0]);
  });

  it("but no link, nothing behind it, and no file that has a name elsewhere", () => {
    const target = folder({ precious: {} });
    const [link, linked] = [{ junction: target } as FakeFile, { otherNames: 1 } as FakeFile];
    const { api, open } = fakeFiles(folder({ deep: folder({ link, linked }) }));
    assert.equal(giveEntries(api, "C:\\data", LISTS), 0);
    assert.deepEqual(
      [link.acl, linked.acl, target.acl, target.entries!.get("precious")!.acl],
      Array(4).fill(undefined),
    );
    assert.equal(open(), 0);
  });

  for (const moment of ["NtOpenFile", "GetFileInformationByHandleEx", "SetKernelObjectSecurity", "CloseHandle"]) {
    it(`and what a folder leads to that becomes a junction in place is not touched, in the moment of ${moment} (S11)`, () => {
      for (let when = 1; when < 30; when++) {
        const target = folder({ precious: {}, inner: folder({ precious: {} }) });
        const victims = Array.from({ length: 4 }, () => folder());
        const root = folder(Object.fromEntries(victims.map((victim, index) => [`v${index}`, victim])));
        let left = when;
        const files = fakeFiles(root);
        files.meanwhile = (call) => {
          if (call === moment && --left === 0) for (const victim of victims) victim.junction = target;
        };
        giveEntries(files.api, "C:\\data", LISTS);
        assert.equal(target.acl, undefined);
        for (const entry of target.entries!.values()) assert.equal(entry.acl, undefined);
        assert.equal(files.open(), 0);
      }
    });
  }

  it("and counts what can't be opened", () => {
    const { api, open } = fakeFiles(folder({ a: { locked: true }, b: {}, c: { held: true } }));
    assert.equal(giveEntries(api, "C:\\data", LISTS), 2);
    assert.equal(open(), 0);
  });

  it("nothing where a link is in its place, or nothing", () => {
    const target = folder({ precious: {} });
    assert.equal(giveEntries(fakeFiles({ junction: target }).api, "C:\\data", LISTS), 0);
    assert.equal(target.entries!.get("precious")!.acl, undefined);
    assert.equal(giveEntries(fakeFiles(folder()).api, "C:\\other", LISTS), 0);
  });
});

describe("the access lists in a home", () => {
  it("are those that it hands down", () => {
    const { folder: ofFolders, file } = entryLists(WEB, false);
    assert.equal(ofFolders, `D:AI(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)(A;OICIID;0x1301bf;;;${WEB.sid})`);
    assert.equal(file, `D:AI(A;ID;FA;;;SY)(A;ID;FA;;;BA)(A;ID;0x1301bf;;;${WEB.sid})`);
  });

  it("leave an owner that was another account no way to change them", () => {
    assert.match(entryLists(WEB, true).file, /\(A;ID;RC;;;OW\)$/);
  });

  it("name a write-restricted copy by its home, and label what a program of low integrity writes to", () => {
    const { file, isLow } = entryLists({ ...WEB, writeRestricted: true, isLow: true }, false);
    assert.ok(file.includes(`;;;${homeSid("web/0")})`) && file.endsWith("S:(ML;;NW;;;LW)"), file);
    assert.equal(isLow, true);
  });
});

describe("a home is given to its account", () => {
  const copy = { owner: "p", index: 0 };
  const named = { ...copy, namespace: "default", process: "web", revision: 1, createdAt: "" };
  const setUp = () => {
    const dataDir = mkdtempSync(join(tmpdir(), "wctl-give-"));
    const homes = new HomeFiles(dataDir);
    homes.create(copy);
    homes.write(named);
    const given: string[] = [];
    const give = async (_: string, lists: { file: string }) => {
      given.push(lists.file.includes("OW") ? "taken" : "given");
      return 0;
    };
    const to = (user: Partial<FolderUser>) =>
      giveHome({ homes, logger: silentLogger }, copy, { ...WEB, ...user }, give);
    return { homes, given, to, dispose: () => rmSync(dataDir, { recursive: true }) };
  };

  it("once, when it has another one, and again when the daemon died meanwhile", async () => {
    const { homes, given, to, dispose } = setUp();
    try {
      await to({});
      assert.deepEqual(given, [], "there is nothing in it yet");
      writeFileSync(join(homes.work(copy), "data"), "");
      await to({});
      assert.deepEqual(given, []);
      await to({ sid: "S-1-5-107-8" });
      await to({ sid: "S-1-5-107-8" });
      assert.deepEqual(given.splice(0), ["taken"]);
      await to({ sid: "S-1-5-107-8", writeRestricted: true });
      assert.deepEqual(given.splice(0), ["given"]);
      const failing = giveHome({ homes, logger: silentLogger }, copy, WEB, () => Promise.reject(new Error("cut off")));
      await assert.rejects(failing, { name: "StartError", message: /can't be given to the account .*: cut off/ });
      await to({});
      assert.deepEqual(given, ["taken"]);
    } finally {
      dispose();
    }
  });

  it("of a version before, of which nobody knows who had it", async () => {
    const { homes, given, to, dispose } = setUp();
    try {
      writeFileSync(join(homes.work(copy), "data"), "");
      await to({});
      assert.deepEqual(given, ["given"]);
      assert.equal(homes.note(copy)!.holder, "S-1-5-107-7//");
    } finally {
      dispose();
    }
  });
});

describe("a real home on Windows", { skip: isWindows ? false : "needs Windows: make test-windows" }, () => {
  it("is given in a thread of its own, and what is in it can be read as before", async () => {
    const top = mkdtempSync(join(tmpdir(), "wctl-give-"));
    mkdirSync(join(top, "a/b"), { recursive: true });
    for (let index = 0; index < 300; index++) writeFileSync(join(top, "a/b", `many-${index}`), "x");
    // BUILTIN\\Administrators and SYSTEM have all of it in each list.
    assert.equal(await giveInThread(top, entryLists({ ...WEB, sid: "S-1-1-0" }, false)), 0);
    assert.equal(readFileSync(join(top, "a/b/many-299"), "utf8"), "x");
    rmSync(top, { recursive: true });
  });
});
