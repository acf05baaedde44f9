// make dist: everything that a release for Windows consists of, built on this machine, in dist/.
import { mkdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { bundle } from "./build/bundle.ts";
import { makeExecutable } from "./build/executable.ts";
import { windows } from "./build/target.ts";
import { fetchPackages } from "./windows/prefix.ts";

const project = resolve(import.meta.dirname, "..");
const dist = join(project, "dist");
mkdirSync(dist, { recursive: true });
fetchPackages();

const program = join(dist, "wctl.exe");
const modules = join(project, "node_modules");
const target = windows(join(project, "build/windows/node_modules"));
await makeExecutable(await bundle(project, modules, target), program, modules, target);
console.error(`dist: wctl.exe (${Math.round(statSync(program).size / 1e6)} MB)`);
