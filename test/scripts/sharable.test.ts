import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { sharing } from "../../scripts/test/sharable.ts";

describe("test files that share a process", () => {
  const project = mkdtempSync(join(tmpdir(), "wctl-sharing-"));
  after(() => rmSync(project, { recursive: true }));
  const file = (name: string, code: string): string => {
    mkdirSync(join(project, "test"), { recursive: true });
    writeFileSync(join(project, name), code);
    return name;
  };

  it("change nothing in it and are not slow; the others keep their order", () => {
    const slow = "test/store/model.test.ts";
    mkdirSync(join(project, "test/store"), { recursive: true });
    const files = [
      file("test/serves.test.ts", 'import { createServer } from "node:http";'),
      file("test/starts.test.ts", 'import { spawn } from "node:child_process";'),
      file("test/pure.test.ts", 'import { it } from "node:test";'),
      file("test/moves.test.ts", 'process.chdir("/");'),
      file(slow, ""),
    ];
    assert.deepEqual(sharing(project, files), [
      ["test/starts.test.ts"],
      ["test/moves.test.ts"],
      [slow],
      ["test/pure.test.ts", "test/serves.test.ts"],
    ]);
  });

  it("are so few together that no processor has all of them", () => {
    const files = Array.from({ length: 60 }, (_, n) => file(`test/light-${n}.test.ts`, ""));
    const groups = sharing(project, files);
    assert.deepEqual(groups.flat(), files.sort());
    assert.ok(groups.length > 2 && groups.every(({ length }) => length <= 24));
  });
});
