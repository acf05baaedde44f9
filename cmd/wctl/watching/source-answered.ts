import { findCondition } from "../../../api/conditions.ts";
import { makeKey, type Stored } from "../../../api/object.ts";
import { gitSources } from "../../../api/scheme.ts";
import type { GitSource } from "../../../api/types.generated.ts";
import type { Context } from "../command/command.ts";
import { deadline } from "./deadline.ts";
import { follow, selectOne } from "./follow.ts";

/** The source when it has answered what was asked `at` (`wctl.dev/reconcile-at`), and nothing that was asked before; undefined when it is gone, or the time is up. */
export async function answered(
  name: string,
  at: string,
  seconds: number,
  context: Context,
): Promise<Stored<GitSource> | undefined> {
  const { client, namespace } = await context.session.open();
  const limit = deadline(context.clock, seconds, context.signal);
  const following = { signal: limit.signal, clock: context.clock };
  try {
    for await (const found of follow(client, gitSources, selectOne(gitSources, namespace, name), following)) {
      const source = found.get(makeKey(namespace, name));
      if (!source || source.status?.lastHandledReconcileAt === at) return source;
    }
    return undefined;
  } finally {
    limit.cancel();
  }
}

export const failureOf = (name: string, answer: Stored<GitSource> | undefined): string =>
  answer
    ? `gitsources.wctl.dev ${JSON.stringify(name)}: ${findCondition(answer.status?.conditions, "Ready")?.message ?? "its status says nothing"}`
    : `timed out waiting for gitsources.wctl.dev ${JSON.stringify(name)}`;
