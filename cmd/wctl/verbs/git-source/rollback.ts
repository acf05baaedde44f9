import { findCondition } from "../../../../api/conditions.ts";
import { parseRevision } from "../../../../api/git/revision.ts";
import { makeKey } from "../../../../api/object.ts";
import { gitSources, wellKnown } from "../../../../api/scheme.ts";
import { type Context, command } from "../../command/command.ts";
import { fieldManager, timeout } from "../../command/common-options.ts";
import { Failure } from "../../errors/failure.ts";
import { throwCollected } from "../../errors/throw-collected.ts";
import { line } from "../../output/output.ts";
import { objectName } from "../../text/name.ts";
import { answered, failureOf } from "../../watching/source-answered.ts";
import { rollbackTarget } from "./rollback-target.ts";
import { sourcesByName, sourcesNamed } from "./sources-named.ts";

export const rollback = command({
  name: "rollback",
  summary: "Go back to a revision of a repository, and stay there.",
  description:
    "Suspends GitSources and has one commit applied (annotation wctl.dev/rollback-to), as every revision is: verified, as a whole, and held when it prunes too much. Then nothing is fetched, applied or pruned until wctl resume. wctl describe shows what was applied before. Ends with exit code 1 where the commit is not applied, and says why.",
  usage: ["rollback gitsource/NAME... [--to=COMMIT] [flags]"],
  examples: [
    { what: "Go back to what was applied before", line: "wctl rollback gitsource/fleet" },
    { what: "Go back to a commit", line: "wctl rollback gitsource/fleet --to=72ac4c4" },
  ],
  takes: sourcesByName,
  options: [
    {
      name: "to",
      type: "string",
      placeholder: "COMMIT",
      description:
        "The first 7 digits, or more, of a commit that was applied, or all 40 of any; absent: the one before.",
    },
    timeout,
    fieldManager,
  ],
  async run(args, flags, context) {
    const failures: Failure[] = [];
    for (const name of sourcesNamed(args, "rollback")) {
      const options = { fieldManager: flags["field-manager"] ?? "wctl-rollback" };
      const failure = await rollBack(name, { to: flags.to, seconds: flags.timeout, options }, context);
      if (failure) failures.push(failure);
    }
    throwCollected(failures);
    return 0;
  },
});

interface Asked {
  to: string | undefined;
  seconds: number;
  options: { fieldManager: string };
}

/** Resolves with what the user must know when it did not go back. */
async function rollBack(name: string, { to, seconds, options }: Asked, context: Context): Promise<Failure | undefined> {
  const { client, namespace } = await context.session.open();
  const key = makeKey(namespace, name);
  const { status } = await client.get(gitSources, key);
  const target = rollbackTarget(status ?? {}, to);
  if ("problem" in target) {
    const hint = `See 'wctl describe gitsource/${name}' for its history.`;
    return new Failure(`gitsources.wctl.dev ${JSON.stringify(name)}: ${target.problem}`, { hint });
  }
  const { commit } = target;
  const at = context.clock.wall().toISOString();
  const annotations = { [wellKnown.rollbackToAnnotation]: commit, [wellKnown.reconcileAtAnnotation]: at };
  const body = { spec: { suspend: true }, metadata: { annotations } };
  await client.patch(gitSources, key, { type: "merge", body }, options);
  const answer = await answered(name, at, seconds, context);
  const ready = findCondition(answer?.status?.conditions, "Ready");
  const isApplied = parseRevision(answer?.status?.lastAppliedRevision ?? "")?.commit === commit;
  if (ready?.status !== "True" || !isApplied) {
    const hint = `It is suspended, and goes back when it can: 'wctl resume gitsource/${name}' follows the repository instead.`;
    return new Failure(failureOf(name, answer), answer?.spec.suspend === false ? {} : { hint });
  }
  await line(context.out, `${objectName(gitSources, name)} ${ready.message}`);
  await line(context.err, `It is suspended now: 'wctl resume gitsource/${name}' follows the repository again.`);
  return undefined;
}
