import type { Health } from "../../../apiserver/health.ts";
import type { Manager } from "../../../machinery/manager.ts";

interface Observed {
  store: { ok: boolean; message?: string };
  /** Absent while there are no controllers yet, and where the store is damaged. */
  manager: Pick<Manager, "ended" | "unsynced"> | undefined;
  isStopping: boolean;
}

/** What the daemon says of itself: ready when all it is made of works. */
export function daemonHealth({ store, manager, isStopping }: Observed): Health {
  const ended = [...(manager?.ended.keys() ?? [])];
  const unsynced = manager?.unsynced ?? [];
  const checks = [
    { name: "store", ok: store.ok, ...(store.message === undefined ? {} : { message: store.message }) },
    { name: "informer-sync", ok: unsynced.length === 0, message: `not listed yet: ${unsynced.join(", ")}` },
    { name: "controllers", ok: ended.length === 0, message: `ended: ${ended.join(", ")}; wctld.log has why` },
    { name: "shutdown", ok: !isStopping, message: "the daemon is stopping" },
  ];
  return { live: true, ready: checks.every(({ ok }) => ok), checks };
}
