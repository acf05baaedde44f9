import type { Resource } from "../../../api/scheme.ts";
import type { Context } from "../command/command.ts";
import { deadline } from "../watching/deadline.ts";

/** Nobody waits longer for a Tab. */
const LONGEST_SECONDS = 2;

/** What a name can be; what a server says beside that does not come onto a command line. */
const NAME = /^[a-zA-Z0-9][-a-zA-Z0-9._:]{0,252}$/;

/** The names of a kind in the namespace, as the server has them now. None when it does not answer in time, or refuses. */
export async function serverNames(resource: Resource, context: Context): Promise<string[]> {
  const limit = deadline(context.clock, LONGEST_SECONDS, context.signal);
  try {
    const { client, namespace } = await context.session.open();
    const table = await client.table(resource, {
      ...(resource.namespaced ? { namespace } : {}),
      includeObject: "None",
      signal: limit.signal,
    });
    const column = table.columnDefinitions.findIndex(({ format }) => format === "name");
    return table.rows.map(({ cells }) => String(cells[Math.max(0, column)])).filter((name) => NAME.test(name));
  } catch {
    return [];
  } finally {
    limit.cancel();
  }
}
