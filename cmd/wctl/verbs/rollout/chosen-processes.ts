import { makeKey, type Stored } from "../../../../api/object.ts";
import { processes } from "../../../../api/scheme.ts";
import type { Process } from "../../../../api/types.generated.ts";
import type { Context } from "../../command/command.ts";
import { processesNamed } from "./processes-named.ts";

/** The Processes that are named, or those that the selector finds; each is read. Throws when one of them is not there. */
export async function chosenProcesses(
  args: readonly string[],
  selector: string | undefined,
  { verb, context }: { verb: string; context: Context },
): Promise<Stored<Process>[]> {
  const { client, namespace } = await context.session.open();
  if (selector) return (await client.list(processes, { namespace, labelSelector: selector })).items;
  const names = processesNamed(args, verb);
  return Promise.all(names.map((name) => client.get(processes, makeKey(namespace, name))));
}
