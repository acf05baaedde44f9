import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { systemClock } from "../../lib/clock.ts";
import { loadWinapi } from "../../runtime/win32/ffi/winapi.ts";
import { removeUnpackedAddons } from "../../runtime/win32/service/unpacked-addons.ts";
import { isWindows } from "./platform.ts";

describe("what the program has unpacked of itself", { skip: !isWindows && "needs Windows: make test-windows" }, () => {
  it("is removed from others' profiles, and from the own one when nothing can hold it any more", async () => {
    const profile = mkdtempSync(join(tmpdir(), "wctl-purge-"));
    const own = join(profile, "AppData", "Local", "wctl");
    const template = join(process.env.SystemDrive ?? "C:", "\\", "Users", "Default", "wctl");
    try {
      for (const folder of [own, template]) {
        mkdirSync(join(folder, "native"), { recursive: true });
        writeFileSync(join(folder, "native", "koffi-0.node"), "");
      }
      const later: string[] = [];
      const MoveFileExW = (from: string, to: string | null, flags: number): number => {
        assert.deepEqual([to, flags], [null, 4]);
        return later.push(from);
      };
      await removeUnpackedAddons({ ...loadWinapi(), MoveFileExW }, systemClock, profile);
      assert.ok(!existsSync(template));
      assert.deepEqual(later, [join(own, "native", "koffi-0.node"), join(own, "native"), own]);
    } finally {
      rmSync(profile, { recursive: true });
      rmSync(template, { recursive: true, force: true });
    }
  });
});
