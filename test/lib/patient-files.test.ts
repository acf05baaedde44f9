import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { renamePatiently } from "../../lib/patient-files.ts";

/** How often it was tried, and how long it rested in all. */
async function tried(
  ...codes: (string | undefined)[]
): Promise<{ times: number; restedMs: number; failed: string | undefined }> {
  let times = 0;
  let restedMs = 0;
  const move = async (): Promise<void> => {
    const code = codes[Math.min(times++, codes.length - 1)];
    if (code !== undefined) throw Object.assign(new Error(code), { code });
  };
  const pause = async (ms: number): Promise<void> => {
    restedMs += ms;
  };
  const failed = await renamePatiently("a", "b", { move, pause }).then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error.code,
  );
  return { times, restedMs, failed };
}

describe("a file or a folder that is moved", () => {
  it("is waited for while somebody has it open, as on Windows", async () => {
    assert.deepEqual(await tried(undefined), { times: 1, restedMs: 0, failed: undefined });
    assert.deepEqual(await tried("EPERM", "EBUSY", "EACCES", undefined), {
      times: 4,
      restedMs: 120,
      failed: undefined,
    });
  });

  it("is given up after a second, and at once where waiting does not help", async () => {
    assert.deepEqual(await tried("EPERM"), { times: 10, restedMs: 900, failed: "EPERM" });
    assert.deepEqual(await tried("ENOENT"), { times: 1, restedMs: 0, failed: "ENOENT" });
  });
});
