import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { systemClock } from "../../../../lib/clock.ts";
import { silentLogger } from "../../../../lib/logger.ts";
import { openContext } from "../../../../runtime/posix/open-context.ts";
import { Pidfd } from "../../../../runtime/posix/process/pidfd.ts";
import { bundled } from "../../../bundled.ts";
import { eventually } from "../../../eventually.ts";

const host = await bundled(new URL("./ends-at-once-host.ts", import.meta.url));
/** More than twice what one epoll_wait gives (process-worker.ts). */
const ENDS = 600;
const FORKS = "for (1 .. $ARGV[0]) { fork or do { sleep 1000; exit } } sleep 1000";

describe("the thread that waits for processes", { skip: process.platform !== "linux" && "Linux" }, () => {
  it("keeps no daemon that ends at once, as after an error that nobody handled", async () => {
    const folder = mkdtempSync(join(tmpdir(), "wctl-thread-"));
    try {
      const args = ["--disable-warning=ExperimentalWarning", host, join(folder, "data")];
      const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
      const [code] = await once(child, "exit");
      assert.equal(code, 7);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("tells of each end once, of more at a time than it hears of in one look", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "wctl-thread-"));
    const { processes, containment } = openContext({ dataDir, clock: systemClock, logger: silentLogger });
    // In a group of their own, so that one signal ends all.
    const parent = spawn("/usr/bin/perl", ["-e", FORKS, String(ENDS)], { detached: true, stdio: "ignore" });
    try {
      const children = (): string[] =>
        readFileSync(`/proc/${parent.pid}/task/${parent.pid}/children`, "utf8").split(" ").filter(Boolean);
      await eventually(() => children().length === ENDS, "all are there");
      const told = new Map(children().map((pid) => [Number(pid), 0]));
      for (const pid of told.keys()) {
        const pidfd = Pidfd.open(pid)!;
        processes.member(pidfd, () => {
          told.set(pid, told.get(pid)! + 1);
          pidfd.close();
        });
      }
      process.kill(-parent.pid!, "SIGKILL");
      await eventually(() => [...told.values()].every((times) => times > 0), "each end is told");
      await processes.close();
      assert.deepEqual(new Set(told.values()), new Set([1]));
    } finally {
      containment.close();
      rmSync(dataDir, { recursive: true });
    }
  });
});
