import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { bundled } from "../../../bundled.ts";

const host = await bundled(new URL("./unhandled-host.ts", import.meta.url));

/** Runs the host to its end. */
async function end(kind: string): Promise<{ code: number | null; log: string; printed: string }> {
  const folder = mkdtempSync(join(tmpdir(), "wctl-unhandled-"));
  const args = ["--disable-warning=ExperimentalWarning", host, join(folder, "wctld.log"), kind];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (printed += chunk));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  const log = readFileSync(join(folder, "wctld.log"), "utf8");
  rmSync(folder, { recursive: true });
  return { code, log, printed };
}

describe("an error that nobody handled", () => {
  for (const kind of ["throw", "reject", "event", "thread"]) {
    it(`(${kind}) is in the log with its stack, and ends the process with exit code 1`, async () => {
      const { code, log, printed } = await end(kind);
      assert.equal(code, 1, printed);
      const line = JSON.parse(log.trim().split("\n").at(-1)!);
      assert.equal(line.level, "error");
      assert.match(line.error, /^Error: (made up|the made-up thread was lost: made up)\n +at /);
      assert.doesNotMatch(printed, /still here/);
    });
  }

  it("ends the process also when the log cannot be written", async () => {
    assert.equal((await end("stuck")).code, 1);
  });
});
