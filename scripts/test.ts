// make test: the checks, the build, and every test, beside each other where one does not need the other. With arguments (files or folders) only those tests, after the build.
// make test-fast (--fast): without the Windows lane and the slow files. On Windows itself (npm test): every test that is not about Linux.
// The last line on stdout is `N passed, N failed`; a whole run is kept in build/tests/latest.{json,md}.
import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { execa } from "execa";
import { runChecks } from "./check.ts";
import { bundleWorkers } from "./test/bundle-workers.ts";
import { type Counts, Report } from "./test/report.ts";
import { runFiles } from "./test/run-files.ts";
import { longestFirst } from "./test/schedule.ts";
import { testFiles } from "./test/select.ts";
import { sharing } from "./test/sharable.ts";
import { isSlow, slowFiles } from "./test/slow-files.ts";
import { type KeptFile, keep, kept, readKept, readLines, secondsOf, slower, slowestTests } from "./test/table.ts";
import { notOnWindows } from "./windows/not-on-windows.ts";
import { canPrepareTestBed } from "./windows/prefix.ts";
import { windowsLines, windowsSuites } from "./windows/suites.ts";

const project = resolve(import.meta.dirname, "..");
const isWindows = process.platform === "win32";
const isFast = process.argv[2] === "--fast";
const only = process.argv.slice(isFast ? 3 : 2);
const isWhole = only.length === 0;

const began = performance.now();
const table = join(project, "build/tests", isFast ? "latest-fast" : "latest");
const before = readKept(`${table}.json`);
const report = new Report();
const files: KeptFile[] = [];
await Promise.all([
  isWhole ? runChecks({ withTests: false }).then((counts) => report.add(counts)) : undefined,
  build().then((counts) => {
    report.add(counts);
    return ownLane();
  }),
  isWhole && !isWindows && !isFast ? windowsLane() : undefined,
]);
if (isWhole) keepResults();
report.print();
process.exit(report.isGood ? 0 : 1);

async function build(): Promise<Counts> {
  await bundleWorkers(project);
  const { failed, all } = await execa(process.execPath, [join(project, "scripts/build.ts")], {
    reject: false,
    all: true,
  });
  console.error(failed ? `FAIL build\n${all}` : "ok   build");
  return failed ? { passed: 0, failed: 1, failures: ["build"] } : { passed: 1, failed: 0 };
}

async function ownLane(): Promise<void> {
  const lane = isWindows ? "windows" : "linux";
  const skip = isWindows ? notOnWindows : [];
  for (const { name, reason } of skip) console.error(`not run on Windows: "${name}": ${reason}`);
  for await (const result of runFiles(sharing(project, ordered(lane)), { skip: skip.map(({ name }) => name) })) {
    report.see(result);
    files.push(kept(lane, result));
  }
}

function ordered(lane: string): string[] {
  const paths = isWhole ? (isWindows ? windowsSuites : ["test"]) : only;
  const missing = paths.filter((path) => !existsSync(path));
  for (const path of missing) console.error(`FAIL there is no ${path}`);
  report.add({ passed: 0, failed: missing.length });
  const all = testFiles(
    project,
    paths.filter((path) => !missing.includes(path)),
  );
  if (isFast) console.error(`left out: ${slowFiles.join(" ")}`);
  const files = isFast ? all.filter((file) => !isSlow(file)) : all;
  return longestFirst(files, isSlow, secondsOf(before, lane));
}

/** The same code under the genuine Windows node.exe. Its lines go to stderr: the last line on stdout is ours. */
async function windowsLane(): Promise<void> {
  if (!canPrepareTestBed()) {
    console.error(
      "SKIPPED the Windows lane: Wine is missing and can't be installed by this user; see make test-windows",
    );
    return;
  }
  const { stdout, exitCode } = await execa(process.execPath, [join(project, "scripts/test-windows.ts")], {
    cwd: project,
    reject: false,
    stdout: ["pipe", process.stderr],
    stderr: "inherit",
  });
  const [, passed = "0", failed = "1"] = /^(\d+) passed, (\d+) failed$/m.exec(stdout) ?? [];
  console.error(`${exitCode === 0 ? "ok  " : "FAIL"} Windows lane: ${passed} passed, ${failed} failed`);
  report.add({ passed: Number(passed), failed: exitCode === 0 ? Number(failed) : Math.max(1, Number(failed)) });
  files.push(...readLines(join(project, windowsLines)));
}

function keepResults(): void {
  const run = { endedAt: new Date().toISOString(), seconds: (performance.now() - began) / 1000, files };
  keep(table, run, before);
  console.error(`\nthe slowest tests (all in ${relative(project, table)}.md), seconds:`);
  for (const { name, seconds } of slowestTests(run, 10)) console.error(`  ${seconds.toFixed(1)} ${name}`);
  for (const file of slower(run, before))
    console.error(`  slower: ${file.name} ${file.seconds.toFixed(1)}, was ${file.before.toFixed(1)}`);
}
