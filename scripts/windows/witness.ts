import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { mingw, project } from "./prefix.ts";

/** The workload of the tests and figures that need many: 40 kB of C (test/win32/fixtures/witness.c). */
const witness = join(project, "build/witness.exe");

/** Its path; undefined, with the reason on stderr, where there is no compiler for it and none can be installed. */
export function compileWitness(): string | undefined {
  const compiler = mingw();
  if (compiler === undefined) return undefined;
  mkdirSync(dirname(witness), { recursive: true });
  const source = join(project, "test/win32/fixtures/witness.c");
  const { status, stderr } = spawnSync(compiler, ["-Os", "-s", "-o", witness, source], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${source} does not compile: ${stderr}`);
  return witness;
}
