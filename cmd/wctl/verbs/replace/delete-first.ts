import { isNotFound } from "../../../../api/errors.ts";
import type { Stored } from "../../../../api/object.ts";
import type { Context } from "../../command/command.ts";
import { type cascade, propagationOf } from "../../command/common-options.ts";
import type { ManifestObject } from "../../input/manifests.ts";
import { line } from "../../output/output.ts";
import { kindName } from "../../text/name.ts";
import type { Leaving } from "../../watching/until-gone.ts";
import { waitUntilGone } from "../../watching/wait-until-gone.ts";

interface DeleteFlags {
  cascade: (typeof cascade.oneOf)[number];
  "grace-period": number;
  timeout: number;
  output: string | undefined;
}

/** Deletes those that are there, all before it waits for the first. Nothing is created before all of them are gone. */
export async function deleteFirst(
  manifests: readonly ManifestObject[],
  flags: DeleteFlags,
  context: Context,
): Promise<void> {
  const { client } = await context.session.open();
  const leaving: Leaving[] = [];
  for (const { resource, key } of manifests) {
    const object = await client.get(resource, key).catch(unlessMissing);
    if (!object) continue;
    const options = {
      propagation: propagationOf[flags.cascade],
      ...(flags["grace-period"] < 0 ? {} : { gracePeriodSeconds: flags["grace-period"] }),
      preconditions: { uid: object.metadata.uid },
    };
    await client.delete(resource, key, options).catch(unlessMissing);
    leaving.push({ resource, object });
    if (!flags.output) await line(context.out, `${kindName(resource)} "${object.metadata.name}" deleted`);
  }
  if (leaving.length > 0) await waitUntilGone(leaving, flags.timeout, context);
}

function unlessMissing(error: unknown): Stored | undefined {
  if (isNotFound(error)) return undefined;
  throw error;
}
