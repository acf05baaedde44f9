import type { Client } from "../../../../api/client.ts";
import { isNotFound } from "../../../../api/errors.ts";
import { type KubeObject, keyOf, type Stored } from "../../../../api/object.ts";
import type { Resource } from "../../../../api/scheme.ts";

const MANAGER = "wctl-bootstrap";

/** Undefined when it is not there. */
export function getIfThere<T extends KubeObject>(
  client: Client,
  resource: Resource<T>,
  key: string,
): Promise<Stored<T> | undefined> {
  return client.get(resource, key).catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
}

/** The server applies it. Whoever had these fields before has them no more. */
export function applyOne<T extends KubeObject>(
  client: Client,
  resource: Resource<T>,
  object: T,
  dryRun: boolean,
): Promise<Stored<T>> {
  const options = { fieldManager: MANAGER, dryRun, fieldValidation: "Strict" } as const;
  return client.patch(resource, keyOf(object), { type: "apply", body: object, force: true }, options);
}

/** What became of it: the words of `wctl apply`. */
export function outcomeOf(before: Stored<KubeObject> | undefined, after: Stored<KubeObject>): string {
  if (!before) return "created";
  return before.metadata.resourceVersion === after.metadata.resourceVersion ? "unchanged" : "configured";
}
