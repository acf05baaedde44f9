import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { UsageError } from "../../../../cmd/wctld/config/options.ts";
import { prepareDataDir } from "../../../../cmd/wctld/data-dir/data-dir.ts";
import { DataDirLock } from "../../../../cmd/wctld/data-dir/data-dir-lock.ts";
import { daemonNotes } from "../../../../cmd/wctld/lifecycle/daemon-notes.ts";
import { noteFailedStart } from "../../../../cmd/wctld/lifecycle/failed-start.ts";
import { StartRefused } from "../../../../cmd/wctld/start-refused.ts";
import { FakeClock } from "../../../lib/fake-clock.ts";

describe("a daemon that did not start", { skip: process.platform === "win32" && "needs rights there" }, () => {
  const root = mkdtempSync(join(tmpdir(), "wctl-failed-start-"));
  after(() => rmSync(root, { recursive: true }));
  const clock = new FakeClock();
  /** One that has had a daemon. */
  const used = (): string => {
    const dataDir = mkdtempSync(join(root, "data-"));
    new DataDirLock(dataDir).release();
    return dataDir;
  };
  const failed = (dataDir: string, error: unknown): Promise<void> =>
    noteFailedStart(dataDir, error, { openDataDir: async (named) => prepareDataDir(named), clock });

  const failures: [error: unknown, reason: string, message: string, ways: string[]][] = [
    [
      new StartRefused("DataDirCopied", "it is a copy", { ways: ["a", "b"] }),
      "DataDirCopied",
      "it is a copy",
      ["a", "b"],
    ],
    [new UsageError("--listen: no"), "WrongConfiguration", "--listen: no", []],
    [new Error("the store is damaged"), "StartFailed", "the store is damaged", []],
    ["odd", "StartFailed", "odd", []],
  ];
  for (const [error, reason, message, ways] of failures) {
    it(`notes ${reason}: ${message}`, async () => {
      const dataDir = used();
      await failed(dataDir, error);
      const { at, pid, ...said } = daemonNotes.read(dataDir)!;
      assert.deepEqual(said, { state: "NotStarted", reason, message, ways });
      assert.deepEqual([at, pid], [clock.wall().toISOString(), process.pid]);
      assert.equal(statSync(join(dataDir, "daemon-note.json")).mode & 0o777, 0o600);
      daemonNotes.forget(dataDir);
      assert.equal(daemonNotes.read(dataDir), undefined);
      new DataDirLock(dataDir).release(); // Nobody holds it.
    });
  }

  it("says nothing of one that holds the directory", async () => {
    const dataDir = used();
    const lock = new DataDirLock(dataDir);
    daemonNotes.write(dataDir, { state: "ApiShut", reason: "ApiShut", message: "the port is taken" }, clock);
    await failed(dataDir, new UsageError("--config: no"));
    assert.equal(daemonNotes.read(dataDir)?.message, "the port is taken");
    assert.ok(existsSync(join(dataDir, "daemon.json")));
    lock.release();
  });

  it("leaves alone what no daemon has ever been in, what is not there, and what others can write to", async () => {
    const strange = join(root, "documents");
    mkdirSync(strange, { mode: 0o755 });
    await failed(strange, new UsageError("--lisen"));
    assert.deepEqual([readdirSync(strange), statSync(strange).mode & 0o777], [[], 0o755]);
    await failed(join(root, "none"), new UsageError("--lisen"));
    assert.equal(existsSync(join(root, "none")), false);
    const open = used();
    chmodSync(open, 0o777);
    await failed(open, new UsageError("--lisen"));
    assert.equal(daemonNotes.read(open), undefined);
  });
});
