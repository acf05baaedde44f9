// make performance FIGURES="peers.json bench.json": writes the tables of docs/performance.md from what `make bench-peers` and `make bench` printed. Several
// files of either kind are one table.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Figures, withTables } from "./bench/tables.ts";

const page = join(import.meta.dirname, "../docs/performance.md");
const files = process.argv.slice(2);
if (files.length === 0) {
  console.error('usage: make performance FIGURES="FILE..."');
  process.exit(2);
}
const figures = files.map((file) => JSON.parse(readFileSync(file, "utf8")) as Figures);
writeFileSync(page, withTables(readFileSync(page, "utf8"), figures));
