// Starts three workloads, each with a child of its own, under an strace that lets something fail at the second. argv: DATA_DIR CGROUP_ROOT.
// Tells of each start, of what is left of one that failed, and that it can be started again.
import { readdirSync, readFileSync } from "node:fs";
import { systemClock } from "../../../lib/clock.ts";
import { silentLogger } from "../../../lib/logger.ts";
import { PosixRuntime } from "../../../runtime/posix/posix-runtime.ts";
import { endAll } from "../end-all.ts";
import { launchSpec } from "../specs.ts";

const [dataDir = "", cgroupRoot = "auto"] = process.argv.slice(2);
const runtime = await PosixRuntime.open({ dataDir, clock: systemClock, logger: silentLogger, cgroupRoot });
await runtime.recover();
for (const uid of ["a", "b", "c"]) {
  try {
    await start(uid);
    console.log(`started ${uid}`);
  } catch (error) {
    console.log(`failed ${uid}: ${(error as Error).message}`);
    console.log(`known ${uid}: ${runtime.get(uid)?.pid}`);
    await start(uid);
    console.log(`again ${uid}, alone: ${livingOf(uid).length <= 2}`);
  }
}
await endAll(runtime);
console.log(`left: ${["a", "b", "c"].flatMap(livingOf).length}`);
await runtime.close();

async function start(uid: string): Promise<void> {
  const script = "/bin/sleep 1000 & exec /bin/sleep 1000";
  await runtime.start(launchSpec({ uid, command: "/bin/sh", args: ["-c", script] }));
}

/** Processes of this data directory's instance: its folder is where they work. */
function livingOf(uid: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      const block = readFileSync(`/proc/${pid}/environ`, "latin1");
      return block.includes(`WCTL_INSTANCE_UID=${uid}\0`) && block.includes(`WCTL_DATA_ID=${dataId()}`);
    } catch {
      return false;
    }
  });
}

function dataId(): string {
  return readFileSync(`${dataDir}/data-id`, "utf8").trim();
}
