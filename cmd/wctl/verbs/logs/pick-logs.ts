import { isNotFound } from "../../../../api/errors.ts";
import type { HttpClient } from "../../../../api/http/http-client.ts";
import { makeKey, type Stored } from "../../../../api/object.ts";
import { instances, processes, urlPath } from "../../../../api/scheme.ts";
import type { Instance } from "../../../../api/types.generated.ts";
import type { Context } from "../../command/command.ts";
import { NoInstances, pickInstances } from "../../input/pick-instances.ts";
import { parseTargets, type Target } from "../../input/targets.ts";
import { line } from "../../output/output.ts";

/** Where the log of a copy is, and what it is called. */
export interface PickedLog {
  name: string;
  path: string;
  query: Readonly<Record<string, string>>;
}

/** The logs that are wanted. Those of copies that are not there now are found too, and standard error says so. */
export async function pickLogs(
  args: readonly string[],
  wanted: { selector: string | undefined; all: boolean },
  context: Context,
): Promise<PickedLog[]> {
  try {
    return (await pickInstances(args, wanted, context)).map(logOf);
  } catch (error) {
    const isAbsent = isNotFound(error) || error instanceof NoInstances;
    const gone = isAbsent && wanted.selector === undefined ? await goneCopies(args, wanted.all, context) : [];
    if (gone.length === 0) throw error;
    const names = gone.map(({ name }) => `instance/${name}`).join(", ");
    await line(context.err, `Not there now: ${names}; this is what the last run wrote`);
    return gone;
  }
}

const logOf = ({ metadata: { name, namespace } }: Stored<Instance>): PickedLog => ({
  name,
  path: urlPath(instances, namespace, name, "log"),
  query: {},
});

/** Of a Process its first copy, or all; of an Instance the copy that had its name. Only those whose output is kept. */
async function goneCopies(args: readonly string[], all: boolean, { session }: Context): Promise<PickedLog[]> {
  const { client, namespace } = await session.open();
  const word = args[0]!;
  const isTyped = args.length > 1 || word.includes("/");
  const { name = "", resource }: Partial<Target> = (isTyped ? parseTargets(args)[0] : { name: word }) ?? {};
  if (resource !== instances && (await exists(client, namespace, name)))
    return keptCopies(client, namespace, name, 0, all ? Number.POSITIVE_INFINITY : 1);
  const [, process, index] = resource === processes ? [] : (/^(.+)-(\d{1,9})$/.exec(name) ?? []);
  if (process === undefined || !(await exists(client, namespace, process))) return [];
  return keptCopies(client, namespace, process, Number(index), 1);
}

async function exists(client: HttpClient, namespace: string, process: string): Promise<boolean> {
  return client.get(processes, makeKey(namespace, process)).then(
    () => true,
    (error) => {
      if (isNotFound(error)) return false;
      throw error;
    },
  );
}

/** From an index on, until one of them has left nothing. */
async function keptCopies(
  client: HttpClient,
  namespace: string,
  process: string,
  from: number,
  most: number,
): Promise<PickedLog[]> {
  const kept: PickedLog[] = [];
  const path = urlPath(processes, namespace, process, "log");
  for (let index = from; index < from + most; index++) {
    const query = { index: String(index) };
    try {
      await client.raw("GET", `${path}?${new URLSearchParams({ ...query, tailLines: "0" })}`, { accept: "*/*" });
    } catch (error) {
      if (isNotFound(error)) break;
      throw error;
    }
    kept.push({ name: `${process}-${index}`, path, query });
  }
  return kept;
}
