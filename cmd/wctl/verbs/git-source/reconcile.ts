import { findCondition } from "../../../../api/conditions.ts";
import { makeKey } from "../../../../api/object.ts";
import { gitSources, wellKnown } from "../../../../api/scheme.ts";
import { command } from "../../command/command.ts";
import { fieldManager, timeout } from "../../command/common-options.ts";
import { Failure } from "../../errors/failure.ts";
import { throwCollected } from "../../errors/throw-collected.ts";
import { line } from "../../output/output.ts";
import { objectName } from "../../text/name.ts";
import { answered, failureOf } from "./answered.ts";
import { sourcesByName, sourcesNamed } from "./sources-named.ts";

export const reconcile = command({
  name: "reconcile",
  summary: "Look at a repository now, and wait until that is done.",
  description:
    "Annotates GitSources with wctl.dev/reconcile-at, so that they are looked at before their interval is over, and waits for the answer. Ends with exit code 1 where the newest revision is not applied, and says why.",
  usage: ["reconcile gitsource/NAME... [flags]"],
  examples: [{ what: "Have what was just pushed applied", line: "wctl reconcile gitsource/fleet" }],
  takes: sourcesByName,
  options: [timeout, fieldManager],
  async run(args, flags, context) {
    const { client, namespace } = await context.session.open();
    const at = context.clock.wall().toISOString();
    const failures: Failure[] = [];
    for (const name of sourcesNamed(args, "reconcile")) {
      const key = makeKey(namespace, name);
      const { spec } = await client.get(gitSources, key);
      if (spec.suspend) {
        failures.push(
          new Failure(`gitsources.wctl.dev ${JSON.stringify(name)} is suspended: wctl resume gitsource/${name}`),
        );
        continue;
      }
      const body = { metadata: { annotations: { [wellKnown.reconcileAtAnnotation]: at } } };
      const options = { fieldManager: flags["field-manager"] ?? "wctl-reconcile" };
      await client.patch(gitSources, key, { type: "merge", body }, options);
      const answer = await answered(name, at, flags.timeout, context);
      const ready = findCondition(answer?.status?.conditions, "Ready");
      if (ready?.status === "True") await line(context.out, `${objectName(gitSources, name)} ${ready.message}`);
      else failures.push(new Failure(failureOf(name, answer)));
    }
    throwCollected(failures);
    return 0;
  },
});
