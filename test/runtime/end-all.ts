import type { Runtime } from "../../runtime/runtime.ts";

/** Nothing that a test started outlives it: every tree is ended, and nothing of it is kept. */
export async function endAll(runtime: Runtime): Promise<void> {
  for (const { uid } of runtime.list()) {
    await runtime.kill(uid);
    await runtime.forget(uid);
  }
}
