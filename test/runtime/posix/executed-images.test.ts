import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { bundled } from "../../bundled.ts";

const STRACE = "/usr/bin/strace";
/** Declared by the workloads of the host, and the one program of our own (docs/decisions/0016). */
const ALLOWED = new Set(["/bin/true", "/bin/sleep", process.execPath]);
const host = await bundled(new URL("./hostile-host.ts", import.meta.url));
const LAUNCHER = /\/wctl[^/]*(\/native)?\/launch-[0-9a-f]{16}$/;

describe("whatever a manifest says", { skip: !existsSync(STRACE) && "needs strace" }, () => {
  it("no image runs but those that were declared and the launcher", () => {
    const folder = mkdtempSync(join(tmpdir(), "wctl-hostile-"));
    const canary = join(folder, "canary");
    const trace = join(folder, "trace");
    try {
      const node = [process.execPath, "--disable-warning=ExperimentalWarning", host, join(folder, "data"), canary];
      const strace = [STRACE, "-f", "-qq", "-s", "4096", "-e", "trace=execve,execveat", "-o", trace];
      const result = spawnSync(strace[0]!, [...strace.slice(1), ...node], { encoding: "utf8" });
      assert.equal(result.stdout, "done\n", result.stderr);
      const calls = [...readFileSync(trace, "latin1").matchAll(/execve(?:at)?\("((?:[^"\\]|\\.)*)".* = 0$/gm)];
      const executed = new Set(calls.map(([, image]) => image!));
      assert.deepEqual(
        [...executed].filter((image) => !ALLOWED.has(image) && !LAUNCHER.test(image)),
        [],
      );
      assert.ok(executed.has("/bin/true"));
      assert.equal(existsSync(canary), false);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
