import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { arch, cpus, release, totalmem, type } from "node:os";
import { join, resolve } from "node:path";
import { transform } from "esbuild";
import { execa } from "execa";
import type { Programs } from "../../test/bench/supervisor.ts";

const project = resolve(import.meta.dirname, "../..");
const out = join(project, "build/bench");

/** What the figures of a run depend on. */
export const whereMeasured = (): object => ({
  at: new Date().toISOString(),
  machine: { cpus: cpus().length, cpu: cpus()[0]?.model, memoryMiB: Math.round(totalmem() / 2 ** 20), arch: arch() },
  system: `${type()} ${release()}`,
  node: process.version,
});

/** Other builds of wctl: one to measure instead of the sources as they are now, and one that stood before. */
interface OtherBuilds {
  wctl?: string | undefined;
  before?: string | undefined;
}

/** What `make bench` and `make bench-peers` run. */
export async function makePrograms({ wctl, before }: OtherBuilds): Promise<Programs> {
  mkdirSync(out, { recursive: true, mode: 0o755 });
  if (wctl === undefined)
    await execa(process.execPath, [join(project, "scripts/build.ts")], { stdio: ["ignore", 2, 2] });
  const child = join(out, "child");
  await compile(join(project, "test/bench/child.c"), child);
  const floor = join(out, "floor-node.mjs");
  const source = readFileSync(join(project, "test/bench/floor-node.ts"), "utf8");
  writeFileSync(floor, (await transform(source, { loader: "ts" })).code);
  const ours = resolve(wctl ?? join(project, "build/wctl"));
  return { child, floor, wctl: ours, ...(before === undefined ? {} : { before: resolve(before) }) };
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
