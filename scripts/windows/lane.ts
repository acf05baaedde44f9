// Runs test files under this Node (the Windows one) and reports as `make test` does. Started by scripts/test-windows.ts.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { Report } from "../test/report.ts";
import { runFiles } from "../test/run-files.ts";
import { kept } from "../test/table.ts";
import { notOnWindows } from "./not-on-windows.ts";
import { windowsResults } from "./suites.ts";

const began = performance.now();
for (const { name, reason } of notOnWindows) console.error(`not run on Windows: "${name}": ${reason}`);
const report = new Report();
for await (const result of runFiles(process.argv.slice(2), { skip: notOnWindows.map(({ name }) => name) })) {
  report.see(result);
}
report.print();
const files = report.results.map((result) => kept("wine", result));
const run = { endedAt: new Date().toISOString(), seconds: (performance.now() - began) / 1000, files };
mkdirSync(dirname(windowsResults), { recursive: true });
writeFileSync(windowsResults, JSON.stringify(run));
process.exit(report.isGood ? 0 : 1);
