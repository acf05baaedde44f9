// make test-windows: the tests under the genuine Windows node.exe, on Linux in Wine. With arguments (files or folders) only those.
// The last line on stdout is `N passed, N failed`.
import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { GIT_HOSTS, GitHostServer } from "../test/git/git-host-server.ts";
import { bundleWorkers } from "./test/bundle-workers.ts";
import { longestFirst } from "./test/schedule.ts";
import { testFiles } from "./test/select.ts";
import { isSlow } from "./test/slow-files.ts";
import { readKept, readLines, secondsOf } from "./test/table.ts";
import { endWine, prepareTestBed, type TestBed } from "./windows/prefix.ts";
import { runNode, type WineRun } from "./windows/run.ts";
import { windowsLines, windowsSuites } from "./windows/suites.ts";
import { SystemTouch } from "./windows/touches-system.ts";
import { compileWitness } from "./windows/witness.ts";

const project = resolve(import.meta.dirname, "..");
/** It crashed once in some ten runs, and twice in one of them. */
const MOST_CRASHES = 3;

const only = process.argv.slice(2);
const files = only.length > 0 ? testFiles(project, only) : ofTheSystem(testFiles(project, windowsSuites));
const before = readKept(join(project, "build/tests/latest.json"));
const lines = join(project, windowsLines);
rmSync(lines, { force: true });

let bed: TestBed;
try {
  bed = prepareTestBed();
  buildProgram();
  compileWitness();
  await bundleWorkers(project);
} catch (error) {
  console.error(`FAIL the Windows lane was NOT RUN: ${(error as Error).message}`);
  console.log("0 passed, 1 failed");
  process.exit(1);
}
// There is no git in Wine.
const gitHosts = await GitHostServer.start();
bed.env[GIT_HOSTS] = gitHosts.address;
try {
  const ordered = longestFirst(files, isSlow, secondsOf(before, "wine"));
  let rest: readonly string[] = ordered;
  let run = await lane(rest);
  for (let crashes = 1; run.lostServer && crashes <= MOST_CRASHES; crashes++) {
    const known = readLines(lines);
    writeFileSync(lines, known.map((result) => `${JSON.stringify(result)}\n`).join("")); // Without a line that the crash tore.
    const left = ordered.filter((name) => !known.some(({ file }) => file === name));
    if (left.length === rest.length) break; // Nothing came to its end: what runs first makes it crash.
    rest = left;
    console.error(
      `Wine's own server crashed, which ends every program in it: THE LANE GOES ON WITH ${rest.length} FILES (crash ${crashes} of ${MOST_CRASHES} that it goes on after)`,
    );
    run = await lane(rest);
  }
  const { stuck, lostServer } = run;
  if (lostServer) console.error("FAIL Wine's own server crashed again");
  if (stuck !== undefined) console.error(`FAIL the lane was ended: ${stuck}`);
  const results = readLines(lines);
  const missing = ordered.filter((name) => !results.some(({ file }) => file === name));
  if (missing.length > 0) console.error(["FAIL not run to their end:", ...missing].join("\n  "));
  const failures = results.flatMap(({ file, failed }) => failed.map((name) => `${file}: ${name}`));
  if (failures.length > 0) console.error(["", "failed in Wine:", ...failures].join("\n  "));
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  const failed = failures.length + missing.length + (stuck !== undefined || lostServer || passed === 0 ? 1 : 0);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  endWine(bed.env);
  await gitHosts.close();
}

async function lane(ordered: readonly string[]): Promise<WineRun> {
  return await runNode(bed, ["scripts/windows/lane.ts", ...ordered], {
    stdout: (text) => process.stderr.write(text),
    stderr: (text) => process.stderr.write(text),
  });
}

/** What asks nothing of the system is the same code in the same engine as in the Linux lane. On Windows itself (npm test) all of it runs. */
function ofTheSystem(all: readonly string[]): string[] {
  const touch = new SystemTouch(project);
  const files = all.filter((file) => touch.of(file));
  console.error(`not run in Wine: ${all.length - files.length} files that ask nothing of an operating system`);
  return files;
}

/** dist/wctl.exe and its installer, for the tests that drive them. Throws when they can't be built. */
function buildProgram(): void {
  const { status, stderr } = spawnSync(process.execPath, [join(project, "scripts/dist.ts")], { encoding: "utf8" });
  if (status !== 0) throw new Error(`wctl.exe was not built: ${stderr}`);
  process.stderr.write(stderr);
}
