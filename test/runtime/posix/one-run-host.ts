// A daemon in small for one run: starts what argv says (DATA_DIR, then a LaunchSpec in part as JSON), waits for its end, probes nothing,
// and prints the output of the run.
import { readFileSync } from "node:fs";
import { systemClock } from "../../../lib/clock.ts";
import { silentLogger } from "../../../lib/logger.ts";
import { PosixRuntime } from "../../../runtime/posix/posix-runtime.ts";
import { Observer } from "../observer.ts";
import { launchSpec } from "../specs.ts";

const [dataDir = "", spec = "{}"] = process.argv.slice(2);
const runtime = await PosixRuntime.open({ dataDir, clock: systemClock, logger: silentLogger });
const seen = new Observer(runtime);
await runtime.recover();
await runtime.start({ ...launchSpec({ uid: "one", command: "/bin/true" }), ...JSON.parse(spec) });
await seen.saw("tree-ended", "one");
const [run] = await runtime.runs("one");
console.log(readFileSync(run!.stdout, "utf8").trimEnd());
await runtime.forget("one");
await runtime.close();
