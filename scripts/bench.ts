// make bench: speed and size beside the simplest supervisor, as JSON on stdout; what is going on, on stderr. Needs Linux.
//   make bench ARGS="restart get"   only these      make bench ARGS=--quick   smaller numbers, for a first look
//   make bench ARGS="--sizes 10,100 cold-start"  with so many children; --pairs 3: in so many rounds
//   make bench ARGS="--before PATH"  another build of wctl beside this one, in the same rounds; --wctl PATH: instead of this one
import { parseArgs } from "node:util";
import type { Scope } from "../test/bench/measure.ts";
import { measures } from "../test/bench/measures.ts";
import type { Result } from "../test/bench/result.ts";
import { stopAllOnSignal } from "../test/bench/supervisor.ts";
import { makePrograms, whereMeasured } from "./bench/programs.ts";

const { values, positionals } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    sizes: { type: "string" },
    pairs: { type: "string" },
    before: { type: "string" },
    wctl: { type: "string" },
  },
  allowPositionals: true,
});
const scope: Scope = values.quick
  ? { sizes: [10, 100], rounds: 20, pairs: 3, idleSeconds: 10, many: 500 }
  : { sizes: [10, 100, 1000], rounds: 50, pairs: 5, idleSeconds: 60, many: 5000 };
if (values.sizes !== undefined) scope.sizes = values.sizes.split(",").map(Number);
if (values.pairs !== undefined) scope.pairs = Number(values.pairs);

const programs = await makePrograms(values);
stopAllOnSignal();
const results: Result[] = [];
const failures: { measure: string; error: string }[] = [];
for (const name of positionals.length > 0 ? positionals : Object.keys(measures)) {
  const measure = measures[name];
  if (!measure) throw new Error(`there is no measure "${name}"; there are: ${Object.keys(measures).join(", ")}`);
  console.error(`bench: ${name}`);
  try {
    const found = await measure(programs, scope);
    for (const result of found) console.error(`  ${result.isMet ? "met   " : "missed"} ${JSON.stringify(result)}`);
    results.push(...found);
  } catch (error) {
    console.error(`  failed: ${error}`);
    failures.push({ measure: name, error: String(error) });
  }
}
console.log(JSON.stringify({ ...whereMeasured(), scope, results, failures }, null, 2));
process.exitCode = failures.length > 0 ? 1 : 0;
