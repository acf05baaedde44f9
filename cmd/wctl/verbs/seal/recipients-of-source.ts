import { findCondition } from "../../../../api/conditions.ts";
import { makeKey } from "../../../../api/object.ts";
import { gitSources, type Resource } from "../../../../api/scheme.ts";
import { strongest } from "../../../../api/sealing/recipients.ts";
import type { Session } from "../../command/session.ts";
import { Failure, usageFailure } from "../../errors/failure.ts";
import { parseTargets } from "../../input/targets.ts";

/** For whom values are sealed that this GitSource opens, as its status says. Rejects with Failure when that is not known, or not of the spec that it has now. */
export async function recipientsOfSource(word: string, session: Session): Promise<readonly string[]> {
  const [{ resource, name } = {}] = word.includes("/") ? parseTargets([word]) : [];
  if (resource !== (gitSources as Resource) || name === undefined)
    throw usageFailure("seal", `--for takes gitsource/NAME, got ${JSON.stringify(word)}`);
  const { client, namespace } = await session.open();
  const { metadata, spec, status } = await client.get(gitSources, makeKey(namespace, name));
  const shown = `gitsources.wctl.dev ${JSON.stringify(name)}`;
  if (!spec.decrypt) {
    throw new Failure(`${shown} opens nothing that is sealed: spec.decrypt names no Secret`, {
      hint: `An identity for its host: wctl seal --generate host-key -n ${namespace} | wctl apply -f -`,
    });
  }
  if (spec.suspend)
    throw new Failure(`${shown} is suspended, and may have had other identities before: wctl resume ${word}`);
  if (status?.observedGeneration !== metadata.generation)
    throw new Failure(`${shown} was changed and has not been looked at since: wctl reconcile ${word}`);
  const { recipients = [] } = status ?? {};
  if (recipients.length > 0) return strongest(recipients);
  const said = findCondition(status?.conditions, "Ready")?.message ?? "";
  throw new Failure(
    `${shown} has no identity of use in the Secret ${JSON.stringify(spec.decrypt.secretRef.name)}: ${said}`,
  );
}
