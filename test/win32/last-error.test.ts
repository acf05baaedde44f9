import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { loadWinapi } from "../../runtime/win32/ffi/winapi.ts";
import { isWindows } from "./platform.ts";

const ERROR_INVALID_PARAMETER = 87;

describe("GetLastError", { skip: !isWindows && "needs Windows: make test-windows" }, () => {
  it("is that of the last call through this interface, whatever Node did meanwhile", () => {
    const api = loadWinapi();
    const folder = mkdtempSync(join(tmpdir(), "wctl-last-error-"));
    try {
      for (let round = 0; round < 200; round++) {
        assert.equal(api.OpenProcess(0x1000, 0, 3), 0, "no process has this number");
        existsSync(join(folder, "missing")); // Sets the thread's value itself, as does nearly all that Node does.
        writeFileSync(join(folder, "file"), Buffer.alloc(round));
        JSON.parse(`[${"1,".repeat(round)}1]`);
        assert.equal(api.GetLastError(), ERROR_INVALID_PARAMETER);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
