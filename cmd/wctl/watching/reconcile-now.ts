import { findCondition } from "../../../api/conditions.ts";
import { makeKey } from "../../../api/object.ts";
import { gitSources, wellKnown } from "../../../api/scheme.ts";
import type { Context } from "../command/command.ts";
import { Failure } from "../errors/failure.ts";
import { answered, failureOf } from "./source-answered.ts";

/**
 * Asks for a look at the repository of a GitSource now, waits for the answer, and resolves with what it says when the newest revision is applied. Rejects with
 * Failure when it is not, or nothing is said in time (`seconds`; 0: never).
 */
export async function reconcileNow(
  name: string,
  { seconds, fieldManager }: { seconds: number; fieldManager: string },
  context: Context,
): Promise<string> {
  const { client, namespace } = await context.session.open();
  const key = makeKey(namespace, name);
  const { spec } = await client.get(gitSources, key);
  if (spec.suspend)
    throw new Failure(`gitsources.wctl.dev ${JSON.stringify(name)} is suspended: wctl resume gitsource/${name}`);
  const at = context.clock.wall().toISOString();
  const body = { metadata: { annotations: { [wellKnown.reconcileAtAnnotation]: at } } };
  await client.patch(gitSources, key, { type: "merge", body }, { fieldManager });
  const answer = await answered(name, at, seconds, context);
  const ready = findCondition(answer?.status?.conditions, "Ready");
  if (ready?.status === "True") return ready.message;
  throw new Failure(failureOf(name, answer));
}
