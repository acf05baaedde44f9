// node code-cache.ts FILE...: writes V8's bytecode for each script to FILE.cache. It fits only the very Node that made it.
// What is compiled is what V8 would compile at start. Compiling every function ahead was measured: the daemon ready 11 ms
// sooner, at 7.5 MiB more memory, and the CLI 1.5 ms slower.
import { readFileSync, writeFileSync } from "node:fs";
import { Script } from "node:vm";

for (const file of process.argv.slice(2)) {
  const script = new Script(readFileSync(file, "latin1"), { filename: `wctl:${file}` });
  writeFileSync(`${file}.cache`, script.createCachedData());
}
