import assert from "node:assert/strict";
import { spawn as spawnChild, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { Containment } from "../../../runtime/posix/containment/containment.ts";
import type { Pidfd } from "../../../runtime/posix/process/pidfd.ts";
import type { ProcessThread } from "../../../runtime/posix/thread/process-thread.ts";
import { watchTree } from "../../../runtime/posix/watch/tree-watch.ts";
import { bundled } from "../../bundled.ts";
import { FakeClock } from "../../lib/fake-clock.ts";
import { cgroupRoots } from "./posix-harness.ts";

const STRACE = "/usr/bin/strace";
const skip = !existsSync(STRACE) && "needs strace";

const host = await bundled(new URL("./spawn-faults-host.ts", import.meta.url));

/** What the host says when this call of its second start fails. strace counts for each thread apart. */
function hostWith(inject: string, root: string): string[] {
  const dataDir = mkdtempSync(join(tmpdir(), "wctl-unheld-"));
  try {
    const node = [process.execPath, "--disable-warning=ExperimentalWarning", host, dataDir, root];
    const call = inject.split(":")[0];
    const strace = ["-f", "-qq", "-o", "/dev/null", "-e", `trace=${call}`, "-e", `inject=${inject}`];
    const { stdout, stderr } = spawnSync(STRACE, [...strace, ...node], { encoding: "utf8" });
    assert.equal(stderr, "");
    return stdout.trimEnd().split("\n");
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

describe("a process that can't be held is ended, with what it has started, and the next start finds nothing of it (P2)", {
  skip,
}, () => {
  for (const root of cgroupRoots()) {
    it(`no descriptor is left for its pidfd (cgroups: ${root})`, () => {
      const [first, failed, known, again, third, left] = hostWith("pidfd_open:error=EMFILE:when=2", root);
      assert.deepEqual(
        [first, known, again, third, left],
        ["started a", "known b: undefined", "again b, alone: true", "started c", "left: 0"],
      );
      assert.match(failed!, /^failed b: .*EMFILE/);
    });
  }
});

describe("the end of a tree is seen", () => {
  const held = () => {
    const child = spawnChild("/bin/sleep", ["1000"]);
    const containment = {
      members: () => (child.exitCode === null && child.signalCode === null ? [child.pid!] : []),
      owns: () => true,
    } as unknown as Containment;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    const end = (): Promise<unknown> => {
      child.kill("SIGKILL");
      return ended;
    };
    return { containment, end };
  };

  it("also when none of its processes could be watched: then by looking again", async () => {
    const { containment, end } = held();
    const clock = new FakeClock();
    const member = (): never => {
      throw new Error("epoll_ctl failed with ENOSPC");
    };
    const context = { clock, containment, processes: { member } as unknown as ProcessThread };
    const release: (() => void)[] = [];
    let told = 0;
    assert.equal(
      watchTree(context, "a", release, () => told++),
      true,
    );
    clock.advance(5_000);
    assert.equal(told, 0);
    await end();
    clock.advance(1_000);
    assert.equal(told, 1);
  });

  it("of twelve thousand processes, in a few looks", () => {
    let living = 12_000;
    let looks = 0;
    const containment = {
      members() {
        looks++;
        return Array.from({ length: living }, () => process.pid);
      },
      owns: () => true,
    } as unknown as Containment;
    const ends: (() => void)[] = [];
    const member = (_pidfd: Pidfd, onEnd: () => void): (() => void) => {
      ends.push(onEnd);
      return () => {};
    };
    const context = { clock: new FakeClock(), containment, processes: { member } as unknown as ProcessThread };
    let told = 0;
    watchTree(context, "a", [], () => told++);
    while (ends.length > 0) {
      const now = ends.splice(0);
      living -= now.length;
      for (const end of now) end();
    }
    assert.equal(told, 1);
    assert.ok(looks < 20, `${looks} looks`);
  });

  it("and who no longer wants to know leaves nothing open", async () => {
    const { containment, end } = held();
    const opened: Pidfd[] = [];
    const member = (pidfd: Pidfd): (() => void) => {
      opened.push(pidfd);
      return () => {};
    };
    const context = { clock: new FakeClock(), containment, processes: { member } as unknown as ProcessThread };
    const release: (() => void)[] = [];
    watchTree(context, "a", release, () => assert.fail("it lives"));
    for (const free of release) free();
    await end();
    assert.deepEqual(
      opened.map(({ hasEnded }) => hasEnded),
      [true], // closed: nothing to ask
    );
  });
});
