// make check: everything that can be said about the sources without running them. --format formats instead.
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { execa } from "execa";

const project = resolve(import.meta.dirname, "..");
const tool = (path: string): string => join(project, "node_modules", path);
const biome = tool("@biomejs/biome/bin/biome");

/** What is checked -> the script that does it, started with this Node, so that no shell or shim is needed anywhere. */
const checks: [name: string, command: string[]][] = [
  ["format and lint", [biome, "ci", "--error-on-warnings", "--colors=off"]],
  ["types", [tool("typescript/bin/tsc"), "--project", "."]],
  ["generated files", ["schemas/generate.ts", "--check"]],
  ["floors, house rules, docs", ["--test", "test/floors.test.ts", "test/house-rules.test.ts", "test/docs.test.ts"]],
  ["unused code", [tool("knip/bin/knip.js"), "--no-config-hints"]],
];

/** Runs every check, also after one failed, and tells on stderr what failed and why. */
export async function runChecks(): Promise<{ passed: number; failed: number }> {
  const counts = { passed: 0, failed: 0 };
  for (const [name, command] of checks) {
    const started = performance.now();
    const { failed, all } = await node(command);
    counts[failed ? "failed" : "passed"] += 1;
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
    const { passed, failed } = await runChecks();
    console.log(`${passed} passed, ${failed} failed`);
    process.exitCode = failed > 0 ? 1 : 0;
  }
}
