import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { fileNotice } from "../../../../runtime/posix/containment/cgroup/notices.ts";

it("a limit that was met before anybody watched it is told of, once, and what was met in an earlier run is not", () => {
  const folder = mkdtempSync(join(tmpdir(), "wctl-notices-"));
  const count = (times: number): void => writeFileSync(join(folder, "pids.events"), `max ${times}\n`);
  const watched = (processes: number) => {
    const [notice] = fileNotice("processes", folder, "pids.events", "max", { memory: 0, processes });
    assert.ok(notice);
    return notice;
  };
  try {
    count(3);
    const [early, earlier] = [watched(2), watched(3)];
    assert.deepEqual([early.met(), early.met(), earlier.met()], [true, false, false]);
    count(4);
    assert.deepEqual([early.met(), earlier.met()], [true, true]);
    for (const { close } of [early, earlier]) close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
