// make check: every check of the sources that does not run them. --format formats instead.
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { execa } from "execa";
import type { Counts } from "./test/report.ts";

const project = resolve(import.meta.dirname, "..");
const tool = (path: string): string => join(project, "node_modules", path);
const biome = tool("@biomejs/biome/bin/biome");

/** Test files that check the sources themselves. */
const aboutSources = ["test/floors.test.ts", "test/house-rules.test.ts", "test/docs.test.ts"];

/** What is checked -> the script that does it, started with this Node, so that no shell or shim is needed anywhere. */
const checks: [name: string, command: string[]][] = [
  ["format and lint", [biome, "ci", "--error-on-warnings", "--colors=off"]],
  // Several checkers, each in a thread, would each do a part of the work for itself.
  ["types", [tool("typescript/bin/tsc"), "--project", ".", "--singleThreaded"]],
  ["generated files", ["schemas/generate.ts", "--check"]],
  ["unused code", [tool("knip/bin/knip.js"), "--no-config-hints"]],
];

/**
 * Runs every check, also after one failed, and tells on stderr what failed and why. The test files about the sources are among them unless all test files
 * are run anyway.
 */
export async function runChecks({ withTests }: { withTests: boolean }): Promise<Counts> {
  const counts = { passed: 0, failed: 0, failures: [] as string[] };
  const wanted = [...checks];
  if (withTests) wanted.push(["floors, house rules, docs", ["--test", ...aboutSources]]);
  for (const [name, command] of wanted) {
    const started = performance.now();
    const { failed, all } = await node(command);
    counts[failed ? "failed" : "passed"] += 1;
    if (failed) counts.failures.push(`check: ${name}`);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.error(`${failed ? "FAIL" : "ok  "} check: ${name} (${seconds} s)`);
    if (failed) console.error(all);
  }
  return counts;
}

function node(command: string[]) {
  const args = ["--disable-warning=ExperimentalWarning", ...command];
  return execa(process.execPath, args, { cwd: project, reject: false, all: true, env: { NO_COLOR: "1" } });
}

if (import.meta.url === pathToFileURL(process.argv[1]!).href) {
  if (process.argv.includes("--format")) {
    const { failed, all } = await node([biome, "check", "--write"]);
    console.error(all);
    process.exitCode = failed ? 1 : 0;
  } else {
    const { passed, failed } = await runChecks({ withTests: true });
    console.log(`${passed} passed, ${failed} failed`);
    process.exitCode = failed > 0 ? 1 : 0;
  }
}
