import type { Client } from "../../api/client.ts";
import { isAlreadyExists, isConflict, isNotFound, isReason } from "../../api/errors.ts";
import { keyOf, type Stored } from "../../api/object.ts";
import { instances } from "../../api/scheme.ts";
import type { Instance, Process } from "../../api/types.generated.ts";
import { settleAll } from "../../lib/settle-all.ts";
import { instanceOf } from "./replicas/instance-of.ts";
import type { Step } from "./situation.ts";

export interface Performed {
  created: Stored<Instance>[];
  relabelled: Stored<Instance>[];
  reconfigured: Stored<Instance>[];
  /** Being deleted now; their finalizer keeps most of them until they have stopped. */
  deleted: Stored<Instance>[];
  /** They were stopping already, and have less time now. */
  shortened: Stored<Instance>[];
  /** Stopped in place, or running again. */
  resuspended: Stored<Instance>[];
  /** Gone at once. */
  gone: Stored<Instance>[];
  /** What the API does not allow; it would refuse the same step again. */
  refusal?: string;
  /** Something had changed since the plan was made: plan again. */
  outdated: boolean;
}

/** At once, so that they share the store's group commit. */
const PARALLEL = 64;

/** Carries out the steps of a plan, which do not depend on each other. Rejects when the API cannot answer, as without its store. */
export async function perform(
  client: Client,
  process: Stored<Process>,
  steps: readonly Step[],
  { nodeName, signal }: { nodeName: string; signal: AbortSignal },
): Promise<Performed> {
  const performed: Performed = {
    created: [],
    relabelled: [],
    reconfigured: [],
    deleted: [],
    shortened: [],
    resuspended: [],
    gone: [],
    outdated: false,
  };
  for (let at = 0; at < steps.length; at += PARALLEL) {
    signal.throwIfAborted();
    const one = (step: Step): Promise<void> => {
      if (step.do === "create") return create(client, process, { ...step, nodeName }, performed);
      if (step.do === "suspend") return resuspend(client, step, performed);
      if (step.do === "relabel") return setLabels(client, step, performed);
      if (step.do === "reconfigure") return reconfigure(client, step, performed);
      return step.do === "shorten-grace" ? shortenGrace(client, step, performed) : remove(client, step, performed);
    };
    const batch = steps.slice(at, at + PARALLEL);
    await settleAll(batch.map((step) => one(step).catch((error: unknown) => judge(error, performed))));
  }
  return performed;
}

async function create(
  client: Client,
  process: Stored<Process>,
  make: Parameters<typeof instanceOf>[1],
  performed: Performed,
): Promise<void> {
  performed.created.push(await client.create(instances, instanceOf(process, make)));
}

async function remove(client: Client, { replica, rule }: Step & { do: "delete" }, performed: Performed): Promise<void> {
  const { uid, resourceVersion } = replica.instance.metadata;
  // The rollout was planned with this version: if the replica has become available since, it may have to stay.
  const preconditions = rule === "ScaleDown" ? { uid } : { uid, resourceVersion };
  const left = await client.delete(instances, keyOf(replica.instance), { preconditions });
  if (left?.metadata.deletionTimestamp) performed.deleted.push(left);
  else performed.gone.push(replica.instance);
}

async function resuspend(
  client: Client,
  { replica, suspend }: Step & { do: "suspend" },
  performed: Performed,
): Promise<void> {
  const { uid } = replica.instance.metadata;
  const body = { metadata: { uid }, spec: { suspend: suspend || null } };
  performed.resuspended.push(await client.patch(instances, keyOf(replica.instance), { type: "merge", body }));
}

/** A merge patch: a label that is to go is null. */
async function setLabels(
  client: Client,
  { replica: { instance }, labels }: Step & { do: "relabel" },
  performed: Performed,
): Promise<void> {
  const { uid, labels: before = {} } = instance.metadata;
  const gone = Object.fromEntries(Object.keys(before).map((key) => [key, null]));
  const body = { metadata: { uid, labels: { ...gone, ...labels } } };
  performed.relabelled.push(await client.patch(instances, keyOf(instance), { type: "merge", body }));
}

/** A merge patch: a field that is to go is null. */
async function reconfigure(
  client: Client,
  { replica: { instance }, configChange, keptContent }: Step & { do: "reconfigure" },
  performed: Performed,
): Promise<void> {
  const { uid } = instance.metadata;
  const gone = Object.fromEntries(Object.keys(instance.spec.configChange ?? {}).map((key) => [key, null]));
  const told = configChange ? { ...gone, ...configChange } : null;
  const body = { metadata: { uid }, spec: { configChange: told, keptContent: keptContent ?? null } };
  performed.reconfigured.push(await client.patch(instances, keyOf(instance), { type: "merge", body }));
}

async function shortenGrace(
  client: Client,
  { replica, graceSeconds }: Step & { do: "shorten-grace" },
  performed: Performed,
): Promise<void> {
  const { uid } = replica.instance.metadata;
  const options = { gracePeriodSeconds: graceSeconds, preconditions: { uid } };
  const left = await client.delete(instances, keyOf(replica.instance), options);
  if (left) performed.shortened.push(left);
  else performed.gone.push(replica.instance);
}

function judge(error: unknown, performed: Performed): void {
  if (isAlreadyExists(error) || isConflict(error) || isNotFound(error)) performed.outdated = true;
  else if (isReason(error, "Invalid") || isReason(error, "Forbidden")) performed.refusal = error.message;
  else throw error;
}
