// A daemon in small: hosts a posix runtime in a process of its own, keeps one run of each instance alive, and can be killed at any
// point. argv: DATA_DIR CGROUP_ROOT COUNT. Prints a line per start. Restarts what ended, as a reconciler would.
import { systemClock } from "../../../lib/clock.ts";
import { silentLogger } from "../../../lib/logger.ts";
import { PosixRuntime } from "../../../runtime/posix/posix-runtime.ts";
import { launchSpec } from "../specs.ts";

process.stdin.resume().once("end", () => process.exit()); // A host never outlives its test.
const [dataDir = "", cgroupRoot = "auto", count = "1"] = process.argv.slice(2);
const starting = new Set<string>();
const runtime = await PosixRuntime.open({ dataDir, clock: systemClock, logger: silentLogger, cgroupRoot });
runtime.subscribe((event) => {
  if (event.type === "tree-ended") void start(event.uid, event.run + 1);
});
const found = new Map((await runtime.recover()).map((state) => [state.uid, state]));
console.log(`recovered ${found.size}`);
for (let index = 0; index < Number(count); index++) {
  const uid = `w-${index}`;
  const state = found.get(uid);
  if (!state?.treeAlive) await start(uid, (state?.run ?? 0) + 1);
}
console.log("ready");

/** The loop and the end of a tree may ask for the same start. */
async function start(uid: string, run: number): Promise<void> {
  if (starting.has(uid) || runtime.get(uid)?.treeAlive || (runtime.get(uid)?.run ?? 0) >= run) return;
  starting.add(uid);
  const state = await runtime.start(launchSpec({ uid, run, command: "/bin/sleep", args: ["100000"] }));
  starting.delete(uid);
  console.log(`started ${uid} ${run} ${state.pid}`);
}
