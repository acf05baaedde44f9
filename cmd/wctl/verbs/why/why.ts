import { makeKey, type Stored } from "../../../../api/object.ts";
import { instances, processes } from "../../../../api/scheme.ts";
import type { Instance, Process } from "../../../../api/types.generated.ts";
import { gatherFacts } from "../../causes/gather-facts.ts";
import { type Context, command } from "../../command/command.ts";
import { processesByName } from "../../command/takes.ts";
import { Failure, usageFailure } from "../../errors/failure.ts";
import { isUnanswered } from "../../errors/report.ts";
import { ownedSelector } from "../../input/owned.ts";
import { parseTargets, type Target } from "../../input/targets.ts";
import { explainInstance } from "./explain-instance.ts";
import { explainNoAnswer } from "./explain-no-answer.ts";
import { explainProcess } from "./explain-process.ts";

export const why = command({
  name: "why",
  summary: "Name the cause: why a process is not ready or restarts, what to do, which rule decided, what comes next.",
  usage: ["why process/NAME", "why instance/NAME"],
  examples: [
    { what: "Why is web not ready?", line: "wctl why process/web" },
    { what: "Why does this copy wait?", line: "wctl why instance/web-1" },
  ],
  takes: processesByName,
  options: [],
  async run(args, _, context) {
    const targets = targetsOf(args);
    const parts: string[] = [];
    try {
      for (const target of targets) parts.push((await explain(target, context)).join("\n"));
    } catch (error) {
      const why = isUnanswered(error) ? context.session.whyNoAnswer() : undefined;
      if (!why) throw error;
      await context.out.write(`${explainNoAnswer(targets, why).join("\n")}\n`);
      return 1;
    }
    await context.out.write(`${parts.join("\n\n")}\n`);
    return 0;
  },
});

/** A bare word is a process. */
function targetsOf(args: readonly string[]): Target[] {
  if (args.length === 0) throw usageFailure("why", "name a process or an instance");
  if (args.length === 1 && !args[0]!.includes("/")) return [{ resource: processes, name: args[0]! }];
  const targets = parseTargets(args);
  const odd = targets.find(({ resource }) => resource !== processes && resource !== instances);
  if (odd)
    throw new Failure(
      `why explains processes and instances, not ${odd.resource.plural}; name process/NAME or instance/NAME`,
    );
  return targets;
}

async function explain({ resource, name }: Target, context: Context): Promise<string[]> {
  const { client, namespace } = await context.session.open();
  const now = context.clock.wall();
  const object = await client.get(resource, makeKey(namespace, name!));
  if (resource === instances) {
    const [facts] = await gatherFacts(client, [object as Stored<Instance>]);
    return explainInstance(facts!, now);
  }
  const process = object as Stored<Process>;
  const copies = await client.list(instances, { namespace, labelSelector: ownedSelector(process) });
  return explainProcess(process, await gatherFacts(client, copies.items), now);
}
