import { findCondition } from "../../../../api/conditions.ts";
import { parseRevision, shortRevision } from "../../../../api/git/revision.ts";
import { makeKey } from "../../../../api/object.ts";
import { gitSources, wellKnown } from "../../../../api/scheme.ts";
import { command } from "../../command/command.ts";
import { fieldManager } from "../../command/common-options.ts";
import { Failure, usageFailure } from "../../errors/failure.ts";
import { line } from "../../output/output.ts";
import { objectName } from "../../text/name.ts";
import { sourcesByName, sourcesNamed } from "./sources-named.ts";

export const approve = command({
  name: "approve",
  summary: "Let a revision prune and stop as much as it does.",
  description:
    "A revision that prunes or stops more than spec.maxDisruption waits. This annotates the GitSource with the commit that waits now (wctl.dev/approve): only that commit goes on, and a later one that does as much waits again.",
  usage: ["approve gitsource/NAME... [flags]"],
  examples: [
    { what: "Go on with the revision that waits", line: "wctl approve gitsource/fleet" },
    {
      what: "Only if it is still the one that I have looked at",
      line: "wctl approve gitsource/fleet --commit 72ac4c4",
    },
  ],
  takes: sourcesByName,
  options: [
    {
      name: "commit",
      type: "string",
      placeholder: "COMMIT",
      description: "The commit that is meant, seven digits of it or more: refused when another one waits by now.",
    },
    fieldManager,
  ],
  async run(args, flags, context) {
    const meant = meantCommit(flags.commit);
    const { client, namespace } = await context.session.open();
    for (const name of sourcesNamed(args, "approve")) {
      const key = makeKey(namespace, name);
      const { status } = await client.get(gitSources, key);
      const waiting = status?.lastAttemptedRevision ?? "";
      const commit = parseRevision(waiting)?.commit;
      const isWaiting = findCondition(status?.conditions, "Ready")?.reason === "PruneRefused";
      if (!isWaiting || commit === undefined) {
        throw new Failure(`gitsources.wctl.dev ${JSON.stringify(name)} has no revision that waits for approval`);
      }
      if (meant !== undefined && !commit.startsWith(meant)) {
        throw new Failure(`${meant} does not wait for approval: ${shortRevision(waiting)} does`);
      }
      const body = { metadata: { annotations: { [wellKnown.approveAnnotation]: commit } } };
      const options = { fieldManager: flags["field-manager"] ?? "wctl-approve" };
      await client.patch(gitSources, key, { type: "merge", body }, options);
      await line(context.out, `${objectName(gitSources, name)} approved ${shortRevision(waiting)}`);
    }
    return 0;
  },
});

function meantCommit(text: string | undefined): string | undefined {
  if (text !== undefined && !/^[0-9a-f]{7,40}$/.test(text))
    throw usageFailure("approve", `--commit takes 7 to 40 hexadecimal digits, got ${JSON.stringify(text)}`);
  return text;
}
