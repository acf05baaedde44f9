import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { systemClock } from "../../lib/clock.ts";
import { TreeRemover } from "../../runtime/tree-remover.ts";
import { loadWinapi } from "../../runtime/win32/ffi/winapi.ts";
import { removeTree } from "../../runtime/win32/files/remove-tree.ts";
import { refuseForeignJunctions } from "../../runtime/win32/service/foreign-junctions.ts";
import { FakeClock, settle } from "../lib/fake-clock.ts";
import { type FakeFile, fakeFiles, folder, put } from "./fake-files.ts";
import { isWindows } from "./platform.ts";
import { recordingWinapi } from "./recording-winapi.ts";

const clock = new FakeClock();
const file = (more: Partial<FakeFile> = {}): FakeFile => ({ ...more });

describe("a folder on Windows is removed by its handles", () => {
  it("with all that is in it, however deep, and no path is walked after the first", async () => {
    const root = folder();
    let inner = root;
    for (let level = 0; level < 12_000; level++) {
      const next = folder();
      put(inner, "d", next);
      put(inner, "f", file());
      inner = next;
    }
    const { api, walked, open } = fakeFiles(root);
    assert.equal(await removeTree(api, "C:\\data", clock), true);
    assert.equal(root.name, undefined);
    assert.deepEqual(walked, ["C:\\data"]);
    assert.equal(open(), 0);
  });

  it("what was never there is gone", async () => {
    const { api } = fakeFiles(folder());
    assert.equal(await removeTree(api, "C:\\other", clock), true);
  });

  for (const moment of ["NtOpenFile", "SetFileInformationByHandle", "GetFileInformationByHandleEx", "CloseHandle"]) {
    it(`and what a folder leads to that becomes a junction in place is not touched, in the moment of ${moment} (S11)`, async () => {
      for (let when = 1; when < 40; when++) {
        const target = folder({ precious: file(), inner: folder({ precious: file() }) });
        const victims = Array.from({ length: 4 }, () => folder({ x: file() }));
        const root = folder({
          work: folder(Object.fromEntries(victims.map((victim, index) => [`v${index}`, victim]))),
        });
        let left = when;
        const files = fakeFiles(root);
        files.meanwhile = (call) => {
          if (call !== moment || --left !== 0) return;
          for (const victim of victims) if (victim.entries!.size === 0) victim.junction = target;
        };
        assert.equal(await removeTree(files.api, "C:\\data", clock), true);
        assert.equal(root.name, undefined);
        assert.equal(target.entries!.size, 2);
        assert.equal(target.entries!.get("inner")!.entries!.size, 1);
        assert.equal(files.open(), 0);
      }
    });
  }

  it("a junction itself goes, also at the top", async () => {
    const target = folder({ precious: file() });
    const root = folder({ link: { junction: target } });
    await removeTree(fakeFiles(root).api, "C:\\data", clock);
    const top: FakeFile = { junction: target };
    await removeTree(fakeFiles(top).api, "C:\\data", clock);
    assert.equal(top.name, undefined);
    assert.equal(target.entries!.size, 1);
  });

  for (const older of [false, true]) {
    it(`though files are read-only (${older ? "the older way to remove" : "POSIX semantics"})`, async () => {
      const root = folder({ a: file({ readOnly: true }), b: folder({ c: file({ readOnly: true }) }) });
      await removeTree(fakeFiles(root, { older }).api, "C:\\data", clock);
      assert.equal(root.name, undefined);
    });
  }

  it("in parts, when there is more than may be removed at once", async () => {
    const root = folder(Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`${index}`, file()])));
    const { api, open } = fakeFiles(root);
    let parts = 1;
    while (!(await removeTree(api, "C:\\data", clock, 10))) parts++;
    assert.ok(parts >= 4, `${parts}`);
    assert.equal(open(), 0);
  });

  it("what others hold is waited for, and told of by its name after five seconds", async () => {
    const stuck = file({ held: true });
    const root = folder({ work: folder({ "held.db": stuck, other: file() }) });
    const { api, open } = fakeFiles(root);
    const soon = removeTree(api, "C:\\data", clock);
    await settle();
    clock.advance(100);
    stuck.held = false;
    clock.advance(100);
    await settle();
    clock.advance(100);
    assert.equal(await soon, true);

    const again = folder({ "held.db": file({ held: true }) });
    const refused = assert.rejects(removeTree(fakeFiles(again).api, "C:\\data", clock), {
      name: "Win32Error",
      code: 32,
      message: /held\.db/,
    });
    for (let round = 0; round < 300; round++) {
      clock.advance(20);
      await settle();
    }
    await refused;
    assert.equal(open(), 0);
  });
});

describe("the service", () => {
  it("follows no junction that a stranger has made, where the system has such a rule", () => {
    const recording = recordingWinapi();
    assert.equal(refuseForeignJunctions(recording.api), true);
    const [[policy, flags, length] = []] = recording.of("SetProcessMitigationPolicy");
    assert.deepEqual([policy, (flags as Buffer).readUInt32LE(0), length], [16, 1, 4]);
    assert.equal(refuseForeignJunctions(recordingWinapi({ SetProcessMitigationPolicy: () => 0 }).api), false);
  });
});

describe("a real folder on Windows", { skip: isWindows ? false : "needs Windows: make test-windows" }, () => {
  const made = (): string => {
    const top = mkdtempSync(join(tmpdir(), "wctl-remove-"));
    mkdirSync(join(top, "a", "b", "c"), { recursive: true });
    mkdirSync(join(top, "empty"));
    for (const name of ["x", "a/y", "a/b/z", "a/b/c/ü.txt"]) writeFileSync(join(top, name), "");
    chmodSync(join(top, "a", "y"), 0o444);
    for (let index = 0; index < 300; index++) writeFileSync(join(top, "a", "b", `many-${index}`), "");
    return top;
  };

  it("is removed whole", async () => {
    const top = made();
    assert.equal(await removeTree(loadWinapi(), top, systemClock), true);
    assert.equal(existsSync(top), false);
  });

  it("is removed in a thread of its own", async () => {
    const top = made();
    const remover = new TreeRemover(new URL("../../runtime/win32/files/remove-folder-worker.ts", import.meta.url));
    await remover.remove(top);
    assert.equal(existsSync(top), false);
    await remover.close();
  });
});
