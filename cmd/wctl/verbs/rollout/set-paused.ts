import { keyOf } from "../../../../api/object.ts";
import { processes } from "../../../../api/scheme.ts";
import type { Context } from "../../command/command.ts";
import { Failure } from "../../errors/failure.ts";
import { throwCollected } from "../../errors/throw-collected.ts";
import { line } from "../../output/output.ts";
import { objectName } from "../../text/name.ts";
import { chosenProcesses } from "./chosen-processes.ts";

interface Flags {
  selector?: string | undefined;
  "field-manager"?: string | undefined;
}

/** As kubectl does, what is paused already, or not paused, is an error; the others are done all the same. */
export async function setPaused(
  args: readonly string[],
  flags: Flags,
  { verb, paused, context }: { verb: string; paused: boolean; context: Context },
): Promise<number> {
  const found = await chosenProcesses(args, flags.selector, { verb, context });
  const { client } = await context.session.open();
  const failures: Failure[] = [];
  for (const process of found) {
    const { name } = process.metadata;
    if ((process.spec.paused ?? false) === paused) {
      failures.push(new Failure(`processes.wctl.dev "${name}" is ${paused ? "already" : "not"} paused`));
      continue;
    }
    const options = { fieldManager: flags["field-manager"] ?? "wctl-rollout" };
    await client.patch(processes, keyOf(process), { type: "merge", body: { spec: { paused } } }, options);
    await line(context.out, `${objectName(processes, name)} ${paused ? "paused" : "resumed"}`);
  }
  throwCollected(failures);
  return 0;
}
