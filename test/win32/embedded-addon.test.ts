import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { isWindows } from "./platform.ts";

const program = fileURLToPath(new URL("../../dist/wctl.exe", import.meta.url));
const skip = !isWindows ? "needs Windows: make test-windows" : !existsSync(program) && "no wctl.exe in dist: make dist";

describe("the sender of console events", { skip }, () => {
  it("unpacks nothing into a folder that its environment names: the template of new profiles, for a service's helper", () => {
    const folder = mkdtempSync(join(tmpdir(), "wctl-profile-"));
    try {
      const { SystemRoot = "C:\\windows", ComSpec = "" } = process.env;
      const env = { SystemRoot, ComSpec, USERPROFILE: folder, LOCALAPPDATA: join(folder, "local"), APPDATA: folder };
      const { stdout, status } = spawnSync(program, ["__ctrlc", "4294967292=ctrl-c"], { env, encoding: "utf8" });
      assert.deepEqual({ said: stdout.trim(), status }, { said: "false", status: 0 });
      assert.deepEqual(globSync("**/*.node", { cwd: folder }), []);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
