import { type Key, keyOf, type Stored, splitKey } from "../../../../api/object.ts";
import { processes } from "../../../../api/scheme.ts";
import type { Process } from "../../../../api/types.generated.ts";
import { Semaphore } from "../../../../lib/semaphore.ts";
import type { Context } from "../../command/command.ts";
import { dryRun, fieldManager, selector, timeout } from "../../command/common-options.ts";
import type { Flags, Option } from "../../command/option.ts";
import { throwCollected } from "../../errors/throw-collected.ts";
import { Progress } from "../../output/progress.ts";
import { waitForRollouts } from "../../rollout/wait-for-rollouts.ts";
import { dryRunSuffix } from "../../text/messages.ts";
import { objectName } from "../../text/name.ts";
import { chosenProcesses, pastOf } from "./chosen-processes.ts";

export const changeOptions = [
  selector,
  { name: "all", type: "boolean", description: "All processes of the namespace." },
  {
    name: "wait",
    type: "boolean",
    default: true,
    description: "Return only when it is done; --wait=false returns when it is asked for.",
  },
  { ...timeout, default: 120 },
  fieldManager,
  dryRun,
] as const satisfies readonly Option[];

/** So many changes are asked for at once; the server lets a user have no more than some hundred in flight. */
const AT_ONCE = 32;

/**
 * Patches each chosen Process with what `bodyOf` says, waits until that is done, on one watch, and says so of each: `process.wctl.dev/web stopped`. What
 * fails for one keeps the others from nothing; it is thrown at the end.
 */
export async function changeProcesses(
  verb: "stop" | "start" | "restart",
  args: readonly string[],
  flags: Flags<typeof changeOptions>,
  context: Context,
  bodyOf: (process: Stored<Process>) => object,
): Promise<void> {
  const { chosen, errors } = await chosenProcesses(verb, args, flags, context);
  const { client } = await context.session.open();
  const progress = new Progress(context);
  const options = { dryRun: flags["dry-run"] === "server", fieldManager: flags["field-manager"] ?? `wctl-${verb}` };
  const said = (key: Key): string =>
    `${objectName(processes, splitKey(key).name)} ${pastOf(verb)}${dryRunSuffix(flags["dry-run"])}`;
  const changed: Key[] = [];
  const gate = new Semaphore(AT_ONCE);
  const change = async (process: Stored<Process>): Promise<void> => {
    const key = keyOf(process);
    const body = bodyOf(process);
    if (flags["dry-run"] !== "client") await client.patch(processes, key, { type: "merge", body }, options);
    changed.push(key);
  };
  const asked = chosen.map((one) => gate.run(() => change(one)).catch((error: unknown) => errors.push(error)));
  await Promise.all(asked);
  if (!flags.wait || flags["dry-run"] !== "none") for (const key of changed) await progress.tell(said(key));
  else if (changed.length > 0) {
    const how = { quiet: true, expected: true, done: said };
    await waitForRollouts(changed, flags.timeout, context, how).catch((error: unknown) => errors.push(error));
  }
  throwCollected(errors);
}
