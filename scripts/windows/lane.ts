// Runs test files under this Node (the Windows one) and reports as `make test` does. Started by scripts/test-windows.ts.
import { resolve } from "node:path";
import { run } from "node:test";
import { Report } from "../test/report.ts";

/** For one file. */
const TIMEOUT_MS = 5 * 60_000;

const files = process.argv.slice(2).map((file) => resolve(file));
process.execArgv = [];
const report = new Report();
for await (const event of run({ files, concurrency: 2, timeout: TIMEOUT_MS })) report.see(event);
report.print();
process.exit(report.isGood ? 0 : 1);
