import assert from "node:assert/strict";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { isWindows } from "./platform.ts";
import { isAlive, type Ran, runProgram } from "./programs.ts";

const project = fileURLToPath(new URL("../..", import.meta.url));
const program = join(project, "build", "wctl.exe");
const random = join(process.env.SystemRoot ?? "", "System32", "bcryptprimitives.dll");
const skip = !isWindows
  ? "needs Windows: make test-windows"
  : !existsSync(random)
    ? "esbuild.exe needs bcryptprimitives.dll, which this Wine lacks, and mingw to make one is missing"
    : false;

describe("npm run demo on Windows itself", { skip }, () => {
  const folders = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith("wctl-demo-"));
  let ran: Ran;
  let foldersBefore: string[];
  const pidsOf = (instance: string): number[] =>
    [...ran.out.matchAll(new RegExp(`^${instance} .* (\\d+) +\\S+ +\\S+ +\\S+$`, "gm"))].map((match) =>
      Number(match[1]),
    );
  before(async () => {
    rmSync(`${program}.fingerprint`, { force: true }); // Else the program of a former run would do.
    foldersBefore = folders();
    ran = await runProgram(process.execPath, join(project, "scripts", "run.mjs"), join(project, "scripts", "demo.ts"));
  });

  it("builds the program first", () => assert.match(ran.err, /^build: .*wctl\.exe \(\d+ MB\)/m));

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
