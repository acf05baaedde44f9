import { isObject, type JsonObject } from "../../lib/json-object.ts";
import { sameJson } from "../../lib/same-json.ts";
import type { Client, WriteOptions } from "../client.ts";
import { conflict, isAlreadyExists, isConflict, isNotFound, isReason } from "../errors.ts";
import { type KubeObject, makeKey, type Stored } from "../object.ts";
import type { Resource } from "../scheme.ts";
import { isSecret, lastApplied, withLastApplied } from "./last-applied.ts";
import { threeWayPatch } from "./three-way-patch.ts";

export { threeWayPatch };

export interface ApplyOptions extends WriteOptions {
  /** When the change is refused (Invalid, Conflict): delete the Object and create it anew. */
  force?: boolean;
}

export interface ApplyResult<T extends KubeObject = KubeObject> {
  outcome: "created" | "configured" | "unchanged";
  /** As it is after the change; with `dryRun` as it would be. */
  object: Stored<T>;
}

/** How often we start again when others create, change or delete the Object between our steps. */
const ATTEMPTS = 5;

/**
 * Client-side apply as kubectl does it: GET, then POST, or PATCH with the three-way merge, or nothing. Rejects with the server's
 * StatusError. A manifest that holds `metadata.resourceVersion` is applied to that version or not at all.
 */
export async function applyObject<T extends KubeObject>(
  client: Client,
  resource: Resource<T>,
  object: T,
  options: ApplyOptions = {},
): Promise<ApplyResult<T>> {
  const { force = false, ...write } = { fieldManager: "kubectl-client-side-apply", ...options };
  const desired = withLastApplied(normalized(object));
  const key = makeKey(desired.metadata.namespace, desired.metadata.name);
  for (let attempt = 1; ; attempt++) {
    try {
      const live = await getIfThere(client, resource, key, write);
      if (!live) return { outcome: "created", object: await client.create(resource, desired, write) };
      return await change(client, resource, live, desired, write);
    } catch (error) {
      const pinned = object.metadata.resourceVersion !== undefined;
      const raced = isAlreadyExists(error) || isNotFound(error) || (isConflict(error) && !pinned);
      if (force && !write.dryRun && (isReason(error, "Invalid") || isConflict(error)) && attempt < ATTEMPTS) {
        await remove(client, resource, key, write);
      } else if (!raced || attempt >= ATTEMPTS || options.signal?.aborted) throw error;
    }
  }
}

async function getIfThere<T extends KubeObject>(
  client: Client,
  resource: Resource<T>,
  key: string,
  { signal }: WriteOptions,
): Promise<Stored<T> | undefined> {
  try {
    return await client.get(resource, key, signal ? { signal } : {});
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function change<T extends KubeObject>(
  client: Client,
  resource: Resource<T>,
  live: Stored<T>,
  desired: T,
  options: WriteOptions,
): Promise<ApplyResult<T>> {
  const body = threeWayPatch(lastApplied(live), live as unknown as JsonObject, desired as unknown as JsonObject);
  if (!body) return { outcome: "unchanged", object: live };
  const key = makeKey(live.metadata.namespace, live.metadata.name);
  const object = await client.patch(resource, key, { type: "merge", body }, options);
  // A patch of what the server prunes or defaults back changes nothing. The version does not say it: a status may have been written meanwhile.
  const same = !options.dryRun && sameJson(declared(live), declared(object));
  return { outcome: same ? "unchanged" : "configured", object };
}

/** Without what others write all the time. */
function declared({ status: _, metadata, ...rest }: Stored & { status?: unknown }): unknown {
  const { resourceVersion: __, managedFields: ___, ...kept } = metadata;
  return { ...rest, metadata: kept };
}

/** Throws Conflict when finalizers hold the Object: it can be created only when they are done. */
async function remove<T extends KubeObject>(
  client: Client,
  resource: Resource<T>,
  key: string,
  { signal }: WriteOptions,
): Promise<void> {
  try {
    const held = await client.delete(resource, key, { propagation: "Background", ...(signal ? { signal } : {}) });
    if (held) throw conflict(resource, held.metadata.name, "the object is being deleted; apply again when it is gone");
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** What a server would make of the object anyway: a Secret's `stringData` becomes `data`; `status` is not ours to write. */
function normalized<T extends KubeObject>(object: T): T {
  const { status: _, stringData, ...rest } = object as unknown as JsonObject;
  if (!isSecret(object) || !isObject(stringData)) {
    return { ...rest, ...(stringData === undefined ? {} : { stringData }) } as unknown as T;
  }
  const encoded = Object.entries(stringData).map(([key, value]) => [
    key,
    typeof value === "string" ? Buffer.from(value, "utf8").toString("base64") : value,
  ]);
  return {
    ...rest,
    data: { ...(isObject(rest.data) ? rest.data : {}), ...Object.fromEntries(encoded) },
  } as unknown as T;
}
