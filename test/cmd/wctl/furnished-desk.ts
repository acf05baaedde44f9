import { controllerRevisions, events } from "../../../api/scheme.ts";
import type { Event, Instance } from "../../../api/types.generated.ts";
import { recordOf } from "../../../controllers/process/history/record.ts";
import { Desk, rolledOut } from "./desk.ts";

/** A long time before each test. */
const longAgo = "2026-01-01T00:00:00Z";

/** With a process of two copies, one of them waiting for its next try, and what happened to them. */
export async function furnishedDesk(): Promise<Desk> {
  const desk = await Desk.open();
  await furnish(desk);
  return desk;
}

async function furnish(desk: Desk): Promise<void> {
  const web = await desk.process("web", { replicas: 2, args: ["--name", "a b"] }, rolledOut(2), {
    labels: { app: "shop" },
  });
  const first = await desk.instance(web, 0, {
    phase: "Ready",
    ready: true,
    pid: 4711,
    restartCount: 0,
    state: { running: { startedAt: longAgo } },
    decision: { rule: "KeepRunning", message: "wanted and running", time: longAgo },
  });
  const second = await desk.instance(web, 1, {
    phase: "Backoff",
    ready: false,
    restartCount: 4,
    backoff: { failures: 5 },
    state: { waiting: { reason: "CrashLoopBackOff", message: "exit code 3", retryAt: "2100-01-01T00:00:00Z" } },
    lastState: {
      terminated: { exitCode: 3, reason: "Error", startedAt: longAgo, finishedAt: "2026-01-01T00:00:00.250Z" },
    },
    decision: { rule: "BackOff", message: "waiting before restart 5", time: longAgo, nextTry: "2100-01-01T00:00:00Z" },
  });
  for (const [revision, number] of Object.entries({ "web-b": 2, "web-a": 10 })) {
    await desk.client.create(
      controllerRevisions,
      recordOf(web, { revision, number, template: { command: "/bin/web" } }),
    );
  }
  await happened(desk, first, "Started", "Normal", 1);
  await happened(desk, second, "BackOff", "Warning", 3);
  desk.logs.set(first.metadata.uid, "one\ntwo\x1b[31m red\x07\n");
  desk.logs.set(second.metadata.uid, "three\nfour");
}

/** An Event of an Instance. */
export async function happened(
  desk: Desk,
  { metadata }: Instance,
  reason: string,
  type: "Normal" | "Warning",
  count: number,
): Promise<void> {
  const { name, namespace = "default", uid } = metadata as { name: string; namespace?: string; uid: string };
  await desk.client.create(events, {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: `${name}.${reason.toLowerCase()}`, namespace },
    involvedObject: { apiVersion: "wctl.dev/v1", kind: "Instance", name, namespace, uid },
    type,
    reason,
    message: `${reason}\nhappened`,
    count,
    firstTimestamp: longAgo,
    lastTimestamp: longAgo,
    source: { component: "wctld" },
  } as Event);
}
