import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, describe, it } from "node:test";
import { SystemTouch } from "../../scripts/windows/touches-system.ts";

describe("what touches the operating system", () => {
  const folder = mkdtempSync(join(tmpdir(), "wctl-touches-"));
  const touch = new SystemTouch(folder);
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return name;
  };
  after(() => rmSync(folder, { recursive: true }));

  const cases: [what: string, text: string, touches: boolean][] = [
    ["a module of Node that is the same everywhere", 'import { hash } from "node:crypto";\nhash;', false],
    ["a module that asks the system", 'import { join } from "node:path";\njoin;', true],
    ["only its types", 'import type { Stats } from "node:fs";\nexport type S = Stats;', false],
    ["a module on demand", 'export const load = () => import("node:os");', true],
    ["a package that nobody knows here", 'import "koffi";', true],
    ["the platform", "export const isWindows = process.platform === 'win32';", true],
    ["a thread", 'new Worker(new URL("./thread.mjs", import.meta.url));', true],
  ];
  for (const [index, [what, text, touches]] of cases.entries()) {
    it(`is told of what imports or asks: ${what}`, () => assert.equal(touch.of(write(`${index}.ts`, text)), touches));
  }

  it("is told through whatever is imported", () => {
    write("low.ts", 'import "node:net";');
    write("middle.ts", 'export * from "./low.ts";');
    assert.equal(touch.of(write("high.ts", 'import { type A, b } from "./middle.ts";\nb;')), true);
  });

  it("is told of the files of this project", () => {
    const project = new SystemTouch(resolve(import.meta.dirname, "../.."));
    for (const file of [
      "test/store/sqlite/sqlite-store.test.ts",
      "test/lib/path-trust.test.ts",
      "test/win32/start.test.ts",
    ])
      assert.equal(project.of(file), true, file);
    for (const file of ["test/lib/heap.test.ts", "test/controllers/process/plan.test.ts"])
      assert.equal(project.of(file), false, file);
  });
});
