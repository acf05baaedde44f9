import { makeKey } from "../../../../api/object.ts";
import { gitSources, wellKnown } from "../../../../api/scheme.ts";
import type { Context } from "../../command/command.ts";
import { line } from "../../output/output.ts";
import { objectName } from "../../text/name.ts";
import { sourcesNamed } from "./sources-named.ts";

export async function setSuspended(
  args: readonly string[],
  { verb, suspend, fieldManager }: { verb: string; suspend: boolean; fieldManager: string | undefined },
  context: Context,
): Promise<number> {
  const { client, namespace } = await context.session.open();
  for (const name of sourcesNamed(args, verb)) {
    // Neither a source that is left alone nor one that is followed goes back any more.
    const body = { spec: { suspend }, metadata: { annotations: { [wellKnown.rollbackToAnnotation]: null } } };
    const patch = { type: "merge", body } as const;
    await client.patch(gitSources, makeKey(namespace, name), patch, { fieldManager: fieldManager ?? `wctl-${verb}` });
    await line(context.out, `${objectName(gitSources, name)} ${suspend ? "suspended" : "resumed"}`);
  }
  return 0;
}
