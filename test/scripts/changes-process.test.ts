import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { after, describe, it } from "node:test";
import { changesProcess } from "../../scripts/test/changes-process.ts";

describe("what changes its process for the test files after it", () => {
  const folder = mkdtempSync(join(tmpdir(), "wctl-changes-"));
  const changes = changesProcess(folder);
  const write = (name: string, text: string): string => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
    return name;
  };
  after(() => rmSync(folder, { recursive: true }));

  const cases: [what: string, text: string, changes: boolean][] = [
    [
      "files and servers",
      'import { createServer } from "node:http";\nimport { rmSync } from "node:fs";\nrmSync(createServer);',
      false,
    ],
    [
      "a thread",
      'import { Worker } from "node:worker_threads";\nnew Worker(new URL("./thread.mjs", import.meta.url));',
      false,
    ],
    ["a process", 'import { spawn } from "node:child_process";\nspawn;', true],
    ["a native library", 'import koffi from "koffi";\nkoffi;', true],
    ["its environment, read", "export const home = process.env.HOME === process.env['X'];", false],
    ["its environment, written", 'process.env.HOME = "/";', true],
    ["its environment, written by a name", "process.env[name] = value;", true],
    ["its environment, removed from", "delete process.env.HOME;", true],
    ["the process, given more", "Object.assign(process, { title: 1 });", true],
    ["a method that takes a process", "const assign = (process) => process;\nassign(process);", false],
    ["its folder", 'process.chdir("/");', true],
    ["its exit code", "process.exitCode = 1;", true],
    ["its signals", 'process.on("SIGTERM", () => {});', true],
    ["its end", 'process.once("exit", tidy);', true],
    ["its end, taken back", 'process.once("exit", tidy);\nact();\nprocess.off("exit", tidy);', false],
    ["its end, of which another is taken back", 'process.once("exit", tidy);\nprocess.off("exit", other);', true],
    ["what the runner says", 'process.on("message", () => {});', false],
    ["its memory, measured", "export const before = process.memoryUsage();", true],
    ["its open files, counted", 'export const fds = "/proc/self/fd";', true],
    ["its own variable of that name", "process.exit = undefined;", false],
    ["a global", "globalThis.fetch = () => {};", true],
    ["a built-in", "Array.prototype.last = () => {};", true],
    ["a mock of the whole process", 'import { it, mock } from "node:test";\nit(mock);', true],
    ["a mock of one test", 'import { it } from "node:test";\nit("a", (t) => t.mock.method(console, "log"));', false],
  ];
  for (const [index, [what, text, expected]] of cases.entries()) {
    it(`is told of what imports or does: ${what}`, () =>
      assert.equal(changes.of(write(`${index}.ts`, text)), expected));
  }

  it("is no call of Windows that the room of its declarations declares", () => {
    const declared = write("runtime/win32/ffi/api.ts", 'import koffi from "koffi";\nkoffi;');
    assert.equal(changes.of(declared), false);
    assert.equal(changes.of(write("runtime/win32/api.ts", 'import koffi from "koffi";\nkoffi;')), true);
  });

  it("is a hook of a helper, which runs for the first file that imports it, and not one of a test file", () => {
    const hook = 'import { before } from "node:test";\nbefore(() => {});';
    const helper = write("helper.ts", hook);
    assert.equal(changes.of(write("hooked.test.ts", hook)), false);
    assert.equal(changes.of(helper), true);
    assert.equal(changes.of(write("user.test.ts", 'import "./helper.ts";')), true);
  });

  it("is told through whatever is imported, but not through the door to the daemon", () => {
    write("low.ts", "process.umask(0);");
    write("cmd/wctl/daemon.ts", 'export const run = () => import("../../low.ts");');
    assert.equal(changes.of(write("high.ts", 'import "./low.ts";')), true);
    assert.equal(changes.of(write("verbs.ts", 'import "./cmd/wctl/daemon.ts";')), false);
    assert.equal(changes.of(write("missing.ts", 'import "./not-there.ts";')), true);
  });

  it("is told of the files of this project", () => {
    const project = changesProcess(resolve(import.meta.dirname, "../.."));
    for (const file of [
      "test/apiserver/limits.test.ts",
      "test/runtime/posix/start.test.ts",
      "test/lib/winston-logger.test.ts",
    ])
      assert.equal(project.of(file), true, file);
    for (const file of [
      "test/lib/heap.test.ts",
      "test/apiserver/verbs/query.test.ts",
      "test/cmd/wctl/verbs/apply/apply.test.ts",
    ])
      assert.equal(project.of(file), false, file);
  });
});
