// make test: the checks, the build, and every test. With arguments (files or folders) only those tests, after the build.
// On Windows itself (npm test): every test that is not about Linux.
// The last line on stdout is `N passed, N failed`.
import { existsSync, globSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { run } from "node:test";
import { execa } from "execa";
import { runChecks } from "./check.ts";
import { Report } from "./test/report.ts";
import { notOnWindows } from "./windows/not-on-windows.ts";
import { canPrepareTestBed } from "./windows/prefix.ts";
import { windowsSuites } from "./windows/suites.ts";

const project = resolve(import.meta.dirname, "..");
const isWindows = process.platform === "win32";
const only = process.argv.slice(2);
const everything = isWindows ? windowsSuites : ["test"];
/** They are told of. */
const leftOut = isWindows ? notOnWindows : [];

/** The machine's two cores are shared with the daemons and workloads that the tests start. */
const CONCURRENCY = 2;
/** For one file. Some kill a daemon fifty times; none should need half of this. */
const TIMEOUT_MS = 10 * 60_000;

/** Of the whole lane, with what it installs on a bare machine. */
const WINDOWS_TIMEOUT_MS = 30 * 60_000;

const report = new Report();
if (only.length === 0) report.add(await runChecks());
report.add(await build());
for (const { name, reason } of leftOut) console.error(`not run on Windows: "${name}": ${reason}`);
await runTests(only.length === 0 ? everything : only);
if (only.length === 0 && !isWindows) report.add(await windowsLane());
report.print();
process.exit(report.isGood ? 0 : 1);

async function build(): Promise<{ passed: number; failed: number }> {
  const { failed, all } = await execa(process.execPath, [join(project, "scripts/build.ts")], {
    reject: false,
    all: true,
  });
  console.error(failed ? `FAIL build\n${all}` : "ok   build");
  return { passed: failed ? 0 : 1, failed: failed ? 1 : 0 };
}

/** The same code under the genuine Windows node.exe. Its lines go to stderr: the last line on stdout is ours. */
async function windowsLane(): Promise<{ passed: number; failed: number }> {
  if (!canPrepareTestBed()) {
    console.error(
      "SKIPPED the Windows lane: Wine is missing and can't be installed by this user; see make test-windows",
    );
    return { passed: 0, failed: 0 };
  }
  const { stdout, exitCode } = await execa(process.execPath, [join(project, "scripts/test-windows.ts")], {
    cwd: project,
    reject: false,
    stdout: ["pipe", process.stderr],
    stderr: "inherit",
    timeout: WINDOWS_TIMEOUT_MS,
  });
  const [, passed = "0", failed = "1"] = /^(\d+) passed, (\d+) failed$/m.exec(stdout) ?? [];
  console.error(`${exitCode === 0 ? "ok  " : "FAIL"} Windows lane: ${passed} passed, ${failed} failed`);
  return { passed: Number(passed), failed: exitCode === 0 ? Number(failed) : Math.max(1, Number(failed)) };
}

async function runTests(paths: readonly string[]): Promise<void> {
  const files = paths.flatMap(testFiles);
  if (files.length === 0) return;
  // Test files run under a plain Node, as with `node --test`, not with the options this script was started with.
  process.execArgv = [];
  const testSkipPatterns = leftOut.map(({ name }) => name);
  const events = run({ files, concurrency: CONCURRENCY, timeout: TIMEOUT_MS, testSkipPatterns });
  for await (const event of events) report.see(event);
}

function testFiles(path: string): string[] {
  if (!existsSync(path)) {
    console.error(`FAIL there is no ${path}`);
    report.add({ passed: 0, failed: 1 });
    return [];
  }
  const isFile = statSync(path).isFile();
  const files = isFile ? [path] : globSync("**/*.test.ts", { cwd: path }).map((file) => join(path, file));
  return files.map((file) => resolve(file)).sort();
}
