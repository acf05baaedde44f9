import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { isAlive, type Ran, runProgram } from "./programs.ts";
import { isWindows } from "./win32-harness.ts";

const project = fileURLToPath(new URL("../..", import.meta.url));
const random = join(process.env.SystemRoot ?? "", "System32", "bcryptprimitives.dll");
const skip = !isWindows
  ? "needs Windows: make test-windows"
  : !existsSync(random)
    ? "esbuild.exe needs bcryptprimitives.dll, which this Wine lacks, and mingw to make one is missing"
    : false;

/** What `npm run SCRIPT` starts. */
const npmRun = (script: string): Promise<Ran> =>
  new Promise((resolve) => {
    const args = ["scripts/run.mjs", `scripts/${script}.ts`];
    execFile(process.execPath, args, { cwd: project }, (error, out, err) => {
      resolve({ code: error ? (typeof error.code === "number" ? error.code : -1) : 0, out, err });
    });
  });

describe("on Windows itself", { skip }, () => {
  it("npm run build makes a program that runs", async () => {
    const { code, err } = await npmRun("build");
    assert.equal(code, 0, err);
    const { out } = await runProgram(join(project, "build", "wctl.exe"), "version", "--client");
    assert.match(out, /^Client Version: v\d/);
  });

  describe("npm run demo", () => {
    const folders = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith("wctl-demo-"));
    let ran: Ran;
    let foldersBefore: string[];
    const pidsOf = (instance: string): number[] =>
      [...ran.out.matchAll(new RegExp(`^${instance} .* (\\d+) +\\S+ +\\S+ +\\S+$`, "gm"))].map((match) =>
        Number(match[1]),
      );
    before(async () => {
      foldersBefore = folders();
      ran = await npmRun("demo");
    });

    it("builds nothing again", () => assert.match(ran.err, /up to date/));

    it("succeeds and says nothing of errors", () => {
      assert.equal(ran.code, 0, ran.out + ran.err);
      assert.match(ran.out, /\nThat was wctl\.\n$/);
      assert.doesNotMatch(ran.err, /error|failed/i);
    });

    it("shows what was applied, running", () => {
      assert.match(ran.out, /^> wctl apply -f DIR\\demo --wait/m);
      assert.match(ran.out, /^migrate +0\/1 +Completed/m);
      assert.match(ran.out, /^web +2\/2 +Running/m);
    });

    it("shows a process that was killed come back", () => {
      const [first, second] = pidsOf("web-0");
      assert.match(ran.out, new RegExp(`^> taskkill /f /pid ${first}$`, "m"));
      assert.ok(second! > 0 && second !== first);
      assert.match(ran.out, /^web-0 +1\/1 +Running +1 /m);
    });

    it("shows it scaled, and its output", () => {
      assert.match(ran.out, /^process "web" successfully rolled out$/m);
      assert.match(ran.out, /^listening on 18082$/m);
      assert.match(ran.out, /^tick \d+$/m);
    });

    it("shows the workloads go on when the daemon is killed", () => {
      const pids = new Set(pidsOf("web-1"));
      assert.equal(pids.size, 1);
      assert.match(ran.out, new RegExp(`^web-1 is still pid ${[...pids][0]}$`, "m"));
    });

    it("leaves nothing", () => {
      for (const instance of ["web-0", "web-1", "ticker-0"]) {
        for (const pid of pidsOf(instance)) assert.ok(!isAlive(pid), `${instance} was pid ${pid} and still runs`);
      }
      assert.deepEqual(folders(), foldersBefore);
    });
  });
});
