// A daemon in small, to be killed at any point. argv: DATA_DIR COUNT. Prints a line per start. Restarts what ended, as a reconciler would.
import { systemClock } from "../../lib/clock.ts";
import { silentLogger } from "../../lib/logger.ts";
import { Win32Runtime } from "../../runtime/win32/win32-runtime.ts";
import { launchSpec } from "../runtime/specs.ts";
import { witness } from "./witness.ts";

process.stdin.resume().once("end", () => process.exit()); // A host never outlives its test.
const [dataDir = "", count = "1"] = process.argv.slice(2);
const runtime = await Win32Runtime.open({ dataDir, clock: systemClock, logger: silentLogger });
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

async function start(uid: string, run: number): Promise<void> {
  if (runtime.get(uid)?.treeAlive || (runtime.get(uid)?.run ?? 0) >= run) return;
  const state = await runtime.start(launchSpec({ uid, run, ...witness }));
  console.log(`started ${uid} ${run} ${state.pid}`);
}
