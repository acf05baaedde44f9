import type { HttpClient } from "../../../../api/http/http-client.ts";
import type { Resource } from "../../../../api/scheme.ts";

export type ServedKind = Pick<Resource, "group" | "version" | "kind">;

const AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/** The part of an `APIGroupDiscoveryList` that is looked at. */
interface Discovered {
  items?: {
    metadata?: { name?: string };
    versions?: { version: string; resources?: DiscoveredResource[] }[];
  }[];
}

interface DiscoveredResource {
  resource: string;
  singularResource?: string;
  shortNames?: string[];
  responseKind: { kind: string };
}

/** The kind that the server calls so: plural, singular, short name or kind. Undefined when there is none. */
export async function servedKind(
  client: HttpClient,
  word: string,
  signal: AbortSignal,
): Promise<ServedKind | undefined> {
  const wanted = word.toLowerCase();
  for (const path of ["/api", "/apis"]) {
    const answer = JSON.parse(await client.raw("GET", path, { accept: AGGREGATED, signal })) as Discovered;
    for (const { metadata, versions = [] } of answer.items ?? []) {
      const group = metadata?.name ?? "";
      for (const { version, resources = [] } of versions) {
        const found = resources.find((one) => namesOf(one).includes(wanted));
        if (found) return { group, version, kind: found.responseKind.kind };
      }
    }
  }
  return undefined;
}

const namesOf = ({ resource, singularResource, shortNames = [], responseKind }: DiscoveredResource): string[] => [
  resource,
  ...(singularResource ? [singularResource] : []),
  ...shortNames,
  responseKind.kind.toLowerCase(),
];
