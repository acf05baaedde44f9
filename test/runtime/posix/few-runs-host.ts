// A daemon in small for a few runs: starts what argv says (DATA_DIR, then a list of LaunchSpecs in part as JSON), one after another, waits for the end
// of each, probes nothing, and prints their outputs as a JSON list.
import { readFileSync } from "node:fs";
import { systemClock } from "../../../lib/clock.ts";
import { silentLogger } from "../../../lib/logger.ts";
import { PosixRuntime } from "../../../runtime/posix/posix-runtime.ts";
import type { LaunchSpec } from "../../../runtime/runtime.ts";
import { Observer } from "../observer.ts";
import { launchSpec } from "../specs.ts";

const [dataDir = "", specs = "[]"] = process.argv.slice(2);
const runtime = await PosixRuntime.open({ dataDir, clock: systemClock, logger: silentLogger });
const seen = new Observer(runtime);
await runtime.recover();
const outputs: string[] = [];
for (const [index, spec] of (JSON.parse(specs) as Partial<LaunchSpec>[]).entries()) {
  const uid = `run-${index}`;
  await runtime.start(launchSpec({ uid, command: "/bin/true", ...spec }));
  await seen.saw("tree-ended", uid);
  const [run] = await runtime.runs(uid);
  outputs.push(readFileSync(run!.stdout, "utf8"));
  await runtime.forget(uid);
}
console.log(JSON.stringify(outputs));
await runtime.close();
