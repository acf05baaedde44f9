import { findCondition } from "../../../api/conditions.ts";
import { makeKey, type Stored } from "../../../api/object.ts";
import { gitSources } from "../../../api/scheme.ts";
import type { Condition, GitSource } from "../../../api/types.generated.ts";
import type { Context } from "../command/command.ts";
import { Progress } from "../output/progress.ts";
import { deadline } from "./deadline.ts";
import { follow, selectOne } from "./follow.ts";

/**
 * The source when it has answered what was asked `at` (`wctl.dev/reconcile-at`), and nothing that was asked before, and, where it waits for health, that is known
 * too. When the time is up: as it is then, if it has answered. Undefined when it is gone, or has not.
 */
export async function answered(
  name: string,
  at: string,
  seconds: number,
  context: Context,
): Promise<Stored<GitSource> | undefined> {
  const { client, namespace } = await context.session.open();
  const limit = deadline(context.clock, seconds, context.signal);
  const progress = new Progress(context);
  const following = { signal: limit.signal, clock: context.clock };
  let answer: Stored<GitSource> | undefined;
  try {
    for await (const found of follow(client, gitSources, selectOne(gitSources, namespace, name), following)) {
      const source = found.get(makeKey(namespace, name));
      if (!source) return undefined;
      if (answer || source.status?.lastHandledReconcileAt === at) answer = source;
      if (answer && !isProgressing(answer)) return answer;
      progress.show(answer ? `Waiting for gitsource/${name}: ${readyOf(answer)?.message}` : "");
    }
    return answer;
  } finally {
    progress.clear();
    limit.cancel();
  }
}

const readyOf = ({ status }: Stored<GitSource>): Condition | undefined => findCondition(status?.conditions, "Ready");
const isProgressing = (source: Stored<GitSource>): boolean => readyOf(source)?.status === "Unknown";

export function failureOf(name: string, answer: Stored<GitSource> | undefined): string {
  const quoted = `gitsources.wctl.dev ${JSON.stringify(name)}`;
  if (!answer) return `timed out waiting for ${quoted}`;
  const message = readyOf(answer)?.message ?? "its status says nothing";
  return `${isProgressing(answer) ? "timed out waiting for " : ""}${quoted}: ${message}`;
}
