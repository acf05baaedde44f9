// make bench: speed and size beside the simplest supervisor, as JSON on stdout; what is going on, on stderr. Needs Linux.
//   make bench ARGS="restart get"   only these      make bench ARGS=--quick   smaller numbers, for a first look
//   make bench ARGS="--before PATH"  another build of wctl beside this one, in the same rounds
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { arch, cpus, release, totalmem, type } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { transform } from "esbuild";
import { execa } from "execa";
import type { Scope } from "../test/bench/measure.ts";
import { measures } from "../test/bench/measures.ts";
import type { Result } from "../test/bench/result.ts";
import type { Programs } from "../test/bench/supervisor.ts";

const project = resolve(import.meta.dirname, "..");
const out = join(project, "build/bench");
const { values, positionals } = parseArgs({
  options: { quick: { type: "boolean", default: false }, before: { type: "string" } },
  allowPositionals: true,
});
const scope: Scope = values.quick
  ? { sizes: [10, 100], rounds: 20, pairs: 3, idleSeconds: 10, many: 500 }
  : { sizes: [10, 100, 1000], rounds: 50, pairs: 5, idleSeconds: 60, many: 5000 };

const programs = await makePrograms();
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
const machine = {
  cpus: cpus().length,
  cpu: cpus()[0]?.model,
  memoryMiB: Math.round(totalmem() / 2 ** 20),
  arch: arch(),
};
const system = `${type()} ${release()}`;
console.log(JSON.stringify({ machine, system, node: process.version, scope, results, failures }, null, 2));
process.exitCode = failures.length > 0 ? 1 : 0;

async function makePrograms(): Promise<Programs> {
  mkdirSync(out, { recursive: true, mode: 0o755 });
  await execa(process.execPath, [join(project, "scripts/build.ts")], { stdio: ["ignore", 2, 2] });
  const child = join(out, "child");
  await compile(join(project, "test/bench/child.c"), child);
  const floor = join(out, "floor-node.mjs");
  const source = readFileSync(join(project, "test/bench/floor-node.ts"), "utf8");
  writeFileSync(floor, (await transform(source, { loader: "ts" })).code);
  const before = values.before === undefined ? {} : { before: resolve(values.before) };
  return { child, floor, wctl: join(project, "build/wctl"), ...before };
}

/** The children are in C: a thousand of anything larger would dominate the measurement. */
async function compile(source: string, program: string): Promise<void> {
  const build = () =>
    execa("gcc", ["-O2", "-static", "-o", program, source], { stdio: ["ignore", 2, 2], reject: false });
  const first = await build();
  if (first.code === "ENOENT" && process.getuid?.() === 0) {
    console.error("bench: installing gcc for the child program");
    await execa("apt-get", ["update", "-q"], { stdio: ["ignore", 2, 2] });
    await execa("apt-get", ["install", "-q", "-y", "--no-install-recommends", "gcc", "libc6-dev"], {
      stdio: ["ignore", 2, 2],
    });
    await build();
  } else if (first.code === "ENOENT") {
    throw new Error("gcc is needed for the child program: apt-get install gcc libc6-dev");
  } else if (first.failed) {
    throw new Error(`${source} does not compile`);
  }
}
