// node scripts/run.mjs FILE [ARGS...]: runs a TypeScript file of the project with Node 22, setting the project up first
// when that is needed. Exits as the program does.
import { spawn } from "node:child_process";
import { setup } from "./setup.mjs";

const [file, ...args] = process.argv.slice(2);
if (file === undefined) {
  console.error("usage: node scripts/run.mjs FILE [ARGS...]");
  process.exit(2);
}

const child = spawn(setup(), ["--disable-warning=ExperimentalWarning", file, ...args], { stdio: "inherit" });
// A terminal sends Ctrl-C to both; the program decides when it has ended. A signal to this process alone is passed on.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("error", (error) => {
  console.error(`run: ${error.message}`);
  process.exit(1);
});
child.on("exit", (code, signal) => {
  if (signal === null) process.exit(code ?? 1);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
