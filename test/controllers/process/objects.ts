import type { Stored } from "../../../api/object.ts";
import { templateOf } from "../../../api/process-template.ts";
import type { Instance, InstanceStatus, Process, ProcessSpec } from "../../../api/types.generated.ts";
import { revisionOf } from "../../../controllers/process/history/revision.ts";
import { instanceOf } from "../../../controllers/process/replicas/instance-of.ts";
import { type Replica, replicaOf } from "../../../controllers/process/replicas/replica.ts";
import type { Situation } from "../../../controllers/process/situation.ts";

/** A Process as admission leaves it. */
export function aProcess(spec: Partial<ProcessSpec> = {}, name = "web"): Stored<Process> {
  return {
    apiVersion: "wctl.dev/v1",
    kind: "Process",
    metadata: {
      name,
      namespace: "default",
      uid: `uid-of-${name}`,
      resourceVersion: "1",
      creationTimestamp: "2026-01-01T00:00:00Z",
      generation: 1,
    },
    spec: { command: "/bin/web", restartPolicy: "Always", replicas: 1, ...spec },
  };
}

export const withStatus = (process: Stored<Process>, status: Process["status"]): Stored<Process> =>
  status === undefined ? process : { ...process, status };

/** Instance `index` of a Process, of its template or of an older one. */
export function anInstance(
  process: Stored<Process>,
  index: number,
  {
    old = false,
    deleting = false,
    suspended = false,
    status = {},
  }: { old?: boolean; deleting?: boolean; suspended?: boolean; status?: InstanceStatus } = {},
): Stored<Instance> {
  const made = old ? { ...process, spec: { ...process.spec, command: "/bin/old" } } : process;
  const template = templateOf(made.spec);
  const owner = { ...process, spec: { ...process.spec, suspend: suspended } };
  const instance = instanceOf(owner, { index, revision: revisionOf(made), template, nodeName: "pc1" });
  const deletion = deleting ? { deletionTimestamp: "2026-01-01T00:00:00Z" } : {};
  const { uid, resourceVersion, creationTimestamp } = process.metadata;
  const metadata = { ...instance.metadata, resourceVersion, creationTimestamp, ...deletion, uid: `${uid}-${index}` };
  return { ...instance, metadata, status };
}

export const readyStatus: InstanceStatus = { phase: "Ready", ready: true, started: true };

/** `ready`, `old ready`, `old`, `deleting`, `Succeeded`, `Failed`, `Backoff`, `Stopped` (and suspended), `suspended` or `-` (no such replica), for each index. */
export function replicas(process: Stored<Process>, ...states: string[]): Replica[] {
  return states.flatMap((words, index) => {
    if (words === "-") return [];
    const has = (word: string): boolean => words.split(" ").includes(word);
    const phase = (["Succeeded", "Failed", "Backoff", "Stopped"] as const).find(has);
    const status = has("ready") ? readyStatus : phase ? { phase } : {};
    const suspended = has("Stopped") || has("suspended");
    const made = anInstance(process, index, { old: has("old"), deleting: has("deleting"), suspended, status });
    return [replicaOf(made, 0, 0)];
  });
}

export const situation = (process: Stored<Process>, those: Replica[], more: Partial<Situation> = {}): Situation => ({
  process,
  replicas: those,
  strangers: [],
  dependencies: { ok: true },
  templates: new Map(),
  ...more,
});
