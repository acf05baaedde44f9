import { gitSources } from "../../../../api/scheme.ts";
import { command } from "../../command/command.ts";
import { fieldManager, timeout } from "../../command/common-options.ts";
import { Failure } from "../../errors/failure.ts";
import { throwCollected } from "../../errors/throw-collected.ts";
import { line } from "../../output/output.ts";
import { objectName } from "../../text/name.ts";
import { reconcileNow } from "../../watching/reconcile-now.ts";
import { sourcesByName, sourcesNamed } from "./sources-named.ts";

export const reconcile = command({
  name: "reconcile",
  summary: "Look at a repository now, and wait until that is done.",
  description:
    "Annotates GitSources with wctl.dev/reconcile-at, so that they are looked at before their interval is over, and waits for the answer; with spec.wait until what was applied is healthy, or has failed. Ends with exit code 1 where the newest revision is not applied, or not healthy, and says why.",
  usage: ["reconcile gitsource/NAME... [flags]"],
  examples: [{ what: "Have what was just pushed applied", line: "wctl reconcile gitsource/fleet" }],
  takes: sourcesByName,
  options: [timeout, fieldManager],
  async run(args, flags, context) {
    const asking = { seconds: flags.timeout, fieldManager: flags["field-manager"] ?? "wctl-reconcile" };
    const failures: Failure[] = [];
    for (const name of sourcesNamed(args, "reconcile")) {
      try {
        await line(context.out, `${objectName(gitSources, name)} ${await reconcileNow(name, asking, context)}`);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        failures.push(error);
      }
    }
    throwCollected(failures);
    return 0;
  },
});
