// The figures of the Windows body, as JSON on stdout. Runs under the Windows node.exe; started by scripts/bench-windows.ts, which makes what
// it needs (dist/wctl.exe, build/witness.exe, nssm).
import { availableParallelism, release } from "node:os";
import { parseArgs } from "node:util";
import type { Result } from "./result.ts";
import { children } from "./windows/children.ts";
import { coldStart } from "./windows/cold-start.ts";
import { deaths } from "./windows/deaths.ts";
import { program } from "./windows/program.ts";
import type { Measure, Scope } from "./windows/programs.ts";
import { restart } from "./windows/restart.ts";

const measures: Record<string, Measure> = { restart, "cold-start": coldStart, deaths, children, program };

const { values, positionals } = parseArgs({
  options: { quick: { type: "boolean", default: false } },
  allowPositionals: true,
});
const scope: Scope = values.quick
  ? {
      sizes: [1],
      rounds: 10,
      coldStart: { wctl: 20, nssm: 5 },
      deaths: { rounds: 3, workloads: 10 },
      children: 200,
      observed: 100,
    }
  : {
      sizes: [1, 10],
      rounds: 50,
      coldStart: { wctl: 200, nssm: 50 },
      deaths: { rounds: 20, workloads: 50 },
      children: 1000,
      observed: 500,
    };
const results: Result[] = [];
const failures: { measure: string; error: string }[] = [];
for (const name of positionals.length > 0 ? positionals : Object.keys(measures)) {
  const measure = measures[name];
  if (!measure) throw new Error(`there is no measure "${name}"; there are: ${Object.keys(measures).join(", ")}`);
  console.error(`bench: ${name}`);
  try {
    const found = await measure(scope);
    for (const result of found) console.error(`  ${result.isMet ? "met   " : "missed"} ${JSON.stringify(result)}`);
    results.push(...found);
  } catch (error) {
    console.error(`  failed: ${error instanceof Error ? error.stack : error}`);
    failures.push({ measure: name, error: String(error) });
  }
}
const machine = { cpus: availableParallelism(), isWine: process.env.WINEPREFIX !== undefined };
const system = `Windows ${release()}`;
console.log(JSON.stringify({ machine, system, node: process.version, scope, results, failures }, null, 2));
process.exit(failures.length > 0 ? 1 : 0);
