import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, readlinkSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, it } from "node:test";
import { readHierarchies } from "../../../../runtime/posix/containment/cgroup/hierarchies.ts";
import { type Choice, choices } from "../../../../runtime/posix/containment/choose-containment.ts";
import { readStat } from "../../../../runtime/posix/process/proc.ts";
import { bundled } from "../../../bundled.ts";
import { eventually } from "../../../eventually.ts";

const LIMITS = { processes: 20, memory: 96 << 20, cpu: 0.5 };
/** Forks at its first instruction, 50 more than it may; then says how many it has, and ends them all. */
const GREEDY = `
  $most = ${LIMITS.processes + 50};
  for ($count = 1; $count < $most && defined($pid = fork); $count++) { sleep 1000 unless $pid; push @all, $pid }
  syswrite STDOUT, "$count\\n"; kill KILL => @all`;
const host = await bundled(new URL("./held-start-host.ts", import.meta.url));
const [best] = choices(readHierarchies(), "any");
const skip = best?.version !== 1 && "needs cgroups v1 with the pids controller";

describe("a daemon that is killed between a start and its limits", { skip }, () => {
  let dataDir: string;
  let daemon: ChildProcess;
  let roots: Extract<Choice, { version: 1 }>["roots"];
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), "wctl-held-"));
  });
  afterEach(async () => {
    daemon.kill("SIGKILL");
    for (const root of Object.values(roots)) {
      await eventually(
        () => readFileSync(join(root, "a/tasks"), "utf8") === "",
        "the program and its children are gone",
      );
      rmdirSync(join(root, "a"));
      rmdirSync(root);
    }
    rmSync(dataDir, { recursive: true, force: true });
  });

  /** Resolves when the process has been started, and its daemon goes no further. */
  async function held(): Promise<number> {
    const args = ["--disable-warning=ExperimentalWarning", host, dataDir, JSON.stringify(LIMITS)];
    daemon = spawn(process.execPath, [...args, "/usr/bin/perl", "-e", GREEDY], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    for await (const line of createInterface({ input: daemon.stdout! })) {
      const { pid, choice } = JSON.parse(line) as { pid: number; choice: Choice };
      assert.equal(choice.version, 1);
      if (choice.version === 1) roots = choice.roots;
      return pid;
    }
    throw new Error("the daemon has ended by itself");
  }

  it("leaves a process that does not begin before, and then has its limits", async () => {
    const pid = await held();
    const output = (): string => readFileSync(join(dataDir, "output"), "utf8");
    const read = (root: string | undefined, file: string): string =>
      readFileSync(join(root!, "a", file), "utf8").trim();
    assert.equal(read(roots.pids, "pids.max"), "max");
    await eventually(
      () => readStat(pid)?.state === "S" || output() !== "",
      "the launcher waits, or the program has run",
    );
    assert.match(readlinkSync(`/proc/${pid}/exe`), /launch-/);

    daemon.kill("SIGKILL");
    const said = await eventually(
      () => /^\d+\n$/.test(output()) && output(),
      "the program has said how many it has had",
    );
    assert.ok(Number(said) > 1 && Number(said) <= LIMITS.processes, `it has had ${said} processes`);
    assert.equal(read(roots.pids, "pids.max"), "20");
    if (roots.memory) assert.equal(read(roots.memory, "memory.limit_in_bytes"), String(LIMITS.memory));
    if (roots.cpu) assert.equal(read(roots.cpu, "cpu.cfs_quota_us"), "50000");
  });
});
