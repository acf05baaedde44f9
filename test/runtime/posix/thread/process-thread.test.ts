import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { systemClock } from "../../../../lib/clock.ts";
import { silentLogger } from "../../../../lib/logger.ts";
import { openContext } from "../../../../runtime/posix/open-context.ts";
import { Pidfd } from "../../../../runtime/posix/process/pidfd.ts";
import { eventually } from "../../../eventually.ts";

const project = join(import.meta.dirname, "../../../..");

/** It ends when the end of a program was told: then the thread waits in the kernel for the next thing to happen. */
const HOST = `
import { systemClock } from "${project}/lib/clock.ts";
import { silentLogger } from "${project}/lib/logger.ts";
import { PosixRuntime } from "${project}/runtime/posix/posix-runtime.ts";
import { launchSpec } from "${project}/test/runtime/specs.ts";
const runtime = await PosixRuntime.open({ dataDir: process.argv[2], clock: systemClock, logger: silentLogger });
await runtime.recover();
runtime.subscribe((event) => {
  if (event.type === "exited") setTimeout(() => process.exit(7), 100);
});
await runtime.start(launchSpec({ uid: "a", command: "/bin/true", args: [] }));
`;

/** More than twice what one epoll_wait gives (process-worker.ts). */
const ENDS = 600;
const FORKS = "for (1 .. $ARGV[0]) { fork or do { sleep 1000; exit } } sleep 1000";

describe("the thread that waits for processes", { skip: process.platform !== "linux" && "Linux" }, () => {
  it("keeps no daemon that ends at once, as after an error that nobody handled", async () => {
    const folder = mkdtempSync(join(tmpdir(), "wctl-thread-"));
    const script = join(folder, "host.ts");
    writeFileSync(script, HOST);
    try {
      const args = ["--disable-warning=ExperimentalWarning", script, join(folder, "data")];
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
