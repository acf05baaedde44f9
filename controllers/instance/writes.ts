import type { Client } from "../../api/client.ts";
import { isNotFound } from "../../api/errors.ts";
import { keyOf, type Stored } from "../../api/object.ts";
import { instances, wellKnown } from "../../api/scheme.ts";
import type { Instance, InstanceStatus } from "../../api/types.generated.ts";

/** All that the agent writes to Instances. That an Instance is gone is no failure. */

const writer = { fieldManager: "wctl-agent" } as const;

/** Removes the agent's finalizer. Rejects with Conflict when somebody changed the Instance meanwhile. */
export async function removeFinalizer(client: Client, instance: Stored<Instance>): Promise<void> {
  const { finalizers = [], resourceVersion } = instance.metadata;
  const rest = finalizers.filter((finalizer) => finalizer !== wellKnown.stopFinalizer);
  if (rest.length === finalizers.length) return;
  const body = { metadata: { finalizers: rest, resourceVersion } };
  await unlessGone(client.patch(instances, keyOf(instance), { type: "merge", body }, writer));
}

export async function writeStatus(client: Client, instance: Stored<Instance>, status: InstanceStatus): Promise<void> {
  const { resourceVersion: _, ...metadata } = instance.metadata;
  await unlessGone(client.updateStatus(instances, { ...instance, metadata, status }, writer));
}

/** Writes these fields of the status, and leaves the others. */
export async function patchStatus(
  client: Client,
  instance: Stored<Instance>,
  status: Partial<InstanceStatus>,
): Promise<void> {
  const options = { ...writer, subresource: "status" } as const;
  await unlessGone(client.patch(instances, keyOf(instance), { type: "merge", body: { status } }, options));
}

async function unlessGone(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
