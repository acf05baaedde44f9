import type { HttpClient } from "../../../api/http/http-client.ts";
import type { Resource } from "../../../api/scheme.ts";

/** A resource as the server's discovery tells it. */
export interface ServedResource {
  name: string;
  singularName: string;
  group: string;
  /** `wctl.dev/v1`. */
  groupVersion: string;
  kind: string;
  namespaced: boolean;
  verbs: readonly string[];
  shortNames: readonly string[];
  categories: readonly string[];
}

interface Group {
  name: string;
  versions: { groupVersion: string }[];
  preferredVersion: { groupVersion: string };
}

/** The plain documents, which every Kubernetes API server has. */
async function groups(client: HttpClient, signal: AbortSignal): Promise<Group[]> {
  const [core, named] = await Promise.all([json(client, "/api", signal), json(client, "/apis", signal)]);
  const versions = ((core.versions ?? []) as string[]).map((groupVersion) => ({ groupVersion }));
  const first = versions[0];
  return [...(first ? [{ name: "", versions, preferredVersion: first }] : []), ...((named.groups ?? []) as Group[])];
}

/** `v1`, `wctl.dev/v1` and so on, in alphabetical order. */
export const servedVersions = async (client: HttpClient, signal: AbortSignal): Promise<string[]> =>
  (await groups(client, signal)).flatMap(({ versions }) => versions.map(({ groupVersion }) => groupVersion)).sort();

/** Every resource in the version that its group prefers; a group that does not answer is in `errors`. */
export async function servedResources(
  client: HttpClient,
  signal: AbortSignal,
): Promise<{ resources: ServedResource[]; errors: { groupVersion: string; error: unknown }[] }> {
  const found = { resources: [] as ServedResource[], errors: [] as { groupVersion: string; error: unknown }[] };
  const wanted = await groups(client, signal);
  const answers = await Promise.allSettled(
    wanted.map(({ name, preferredVersion: { groupVersion } }) =>
      json(client, `${name === "" ? "/api" : "/apis"}/${groupVersion}`, signal),
    ),
  );
  for (const [index, answer] of answers.entries()) {
    const { name: group, preferredVersion } = wanted[index]!;
    const { groupVersion } = preferredVersion;
    if (answer.status === "rejected") found.errors.push({ groupVersion, error: answer.reason });
    else found.resources.push(...resourcesIn(answer.value, { group, groupVersion }));
  }
  return found;
}

type Served = Pick<Resource, "plural" | "group" | "version" | "kind" | "namespaced">;

/** The resource that the server calls so: plural, singular, short name, kind, or `plural.group`. Undefined when there is none, or the server does not say. */
export async function servedAs(client: HttpClient, word: string, signal: AbortSignal): Promise<Served | undefined> {
  const wanted = word.toLowerCase();
  const { resources } = await servedResources(client, signal).catch(() => ({ resources: [] }));
  const found = resources.find(({ name, singularName, kind, group, shortNames }) =>
    [name, singularName, kind.toLowerCase(), `${name}.${group}`, ...shortNames].includes(wanted),
  );
  if (!found) return undefined;
  const { name: plural, group, groupVersion, kind, namespaced } = found;
  return { plural, group, version: groupVersion.split("/").at(-1) as string, kind, namespaced };
}

/** Without subresources. */
const resourcesIn = (
  list: Record<string, unknown>,
  of: Pick<ServedResource, "group" | "groupVersion">,
): ServedResource[] =>
  ((list.resources ?? []) as Partial<ServedResource>[])
    .filter(({ name, verbs }) => name !== undefined && !name.includes("/") && (verbs?.length ?? 0) > 0)
    .map(
      ({
        name = "",
        singularName = "",
        kind = "",
        namespaced = false,
        verbs = [],
        shortNames = [],
        categories = [],
      }) => ({
        ...of,
        name,
        singularName,
        kind,
        namespaced,
        verbs,
        shortNames,
        categories,
      }),
    );

const json = async (client: HttpClient, path: string, signal: AbortSignal): Promise<Record<string, unknown>> =>
  JSON.parse(await client.raw("GET", path, { signal })) as Record<string, unknown>;
