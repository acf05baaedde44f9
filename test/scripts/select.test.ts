import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { testFiles } from "../../scripts/test/select.ts";
import { isSlow, slowFiles } from "../../scripts/test/slow-files.ts";
import { windowsSuites } from "../../scripts/windows/suites.ts";

const project = join(import.meta.dirname, "../..");

describe("the selection of test files", () => {
  it("takes files, and what is in folders, once", () => {
    const file = "test/scripts/select.test.ts";
    assert.deepEqual(testFiles(project, [file, join(project, file)]), [file]);
    const files = testFiles(project, ["test/scripts", file]);
    assert.deepEqual(
      files.filter((one) => one === file),
      [file],
    );
    assert.ok(files.includes("test/scripts/schedule.test.ts"));
  });

  it("knows slow files and Windows' suites that are there", () => {
    for (const path of [...slowFiles, ...windowsSuites]) assert.ok(existsSync(join(project, path)), path);
    assert.ok(isSlow("test/e2e/agent.test.ts"));
    assert.ok(!isSlow("test/e2e-like.test.ts"));
  });
});
