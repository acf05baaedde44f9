import { isAdopted, labelOf } from "../../api/apply/source-marks.ts";
import type { Client } from "../../api/client.ts";
import { isConflict, isNotFound } from "../../api/errors.ts";
import type { Key, KubeObject, Stored } from "../../api/object.ts";
import { type Resource, wellKnown } from "../../api/scheme.ts";
import type { ApplyOne } from "./apply.ts";

/**
 * Server-side apply in the name of the source: it owns the fields that it declares, those of people and programs too, which come back when somebody changed
 * them. What another source has made is a conflict, and stays: its label says so, and not the name of a field manager, which anybody may take and which stays when that
 * source lets go. What is there already and no source's is marked, so that it is not pruned as if the source had made it.
 */
export function serverSideApply(client: Client, fieldManager: string): ApplyOne {
  return async ({ resource, key, object }, dryRun): Promise<Stored> => {
    const options = { fieldManager, dryRun, fieldValidation: "Strict" } as const;
    const live = await getIfThere(client, resource, key);
    const body = live && (labelOf(live) === undefined || isAdopted(live)) ? adopted(object) : object;
    const apply = (force: boolean): Promise<Stored> =>
      client.patch(resource, key, { type: "apply", body, force }, options);
    try {
      return await apply(false);
    } catch (error) {
      if (!isConflict(error)) throw error;
      // Another source may have made it just now.
      const label = labelOf((await getIfThere(client, resource, key)) ?? object);
      if (label !== undefined && label !== labelOf(object)) throw error;
      return await apply(true);
    }
  };
}

export async function getIfThere(client: Client, resource: Resource, key: Key): Promise<Stored | undefined> {
  try {
    return await client.get(resource, key);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

const adopted = (object: KubeObject): KubeObject => ({
  ...object,
  metadata: {
    ...object.metadata,
    annotations: { ...object.metadata.annotations, [wellKnown.sourceAdoptedAnnotation]: "true" },
  },
});
