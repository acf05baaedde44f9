// Runs test files under this Node (the Windows one) and tells of each as `make test` does. Started by scripts/test-windows.ts, which counts.
import { appendFileSync, mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Report } from "../test/report.ts";
import { runFiles } from "../test/run-files.ts";
import { sharing } from "../test/sharable.ts";
import { kept } from "../test/table.ts";
import { notOnWindows } from "./not-on-windows.ts";
import { windowsLines } from "./suites.ts";

for (const { name, reason } of notOnWindows) console.error(`not run on Windows: "${name}": ${reason}`);
const report = new Report();
mkdirSync(dirname(windowsLines), { recursive: true });
const files = sharing(resolve("."), process.argv.slice(2));
for await (const result of runFiles(files, { skip: notOnWindows.map(({ name }) => name) })) {
  report.see(result);
  appendFileSync(windowsLines, `${JSON.stringify(kept("wine", result))}\n`); // Else what is known would go with Wine's server.
}
process.exit(report.isGood ? 0 : 1);
