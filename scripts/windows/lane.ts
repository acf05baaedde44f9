// Runs test files under this Node (the Windows one) and reports as `make test` does. Started by scripts/test-windows.ts.
import { resolve } from "node:path";
import { run } from "node:test";
import { Report } from "../test/report.ts";
import { notOnWindows } from "./not-on-windows.ts";

/** For one file. */
const TIMEOUT_MS = 5 * 60_000;

const files = process.argv.slice(2).map((file) => resolve(file));
process.execArgv = [];
for (const { name, reason } of notOnWindows) console.error(`not run on Windows: "${name}": ${reason}`);
const report = new Report();
const testSkipPatterns = notOnWindows.map(({ name }) => name);
for await (const event of run({ files, concurrency: 2, timeout: TIMEOUT_MS, testSkipPatterns })) report.see(event);
report.print();
process.exit(report.isGood ? 0 : 1);
