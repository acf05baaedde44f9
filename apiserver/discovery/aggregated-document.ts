import { parseAccept } from "../http/accept.ts";
import { objectKindOf, type Storage, verbsOf } from "../registry/storage.ts";
import { namesOf, subresourcesOf, versionsOf } from "./served.ts";

/** Of apidiscovery.k8s.io (KEP-3352). They differ in their name only: clients from 1.26 to 1.29 know the older one, later ones take either. */
export const aggregatedVersions = ["v2", "v2beta1"] as const;
export type AggregatedVersion = (typeof aggregatedVersions)[number];

/** Clients know by these parameters that they were not given the plain form. */
export const aggregatedType = (version: AggregatedVersion): string =>
  `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;

/** Undefined for the plain form. The first clause that names a form decides: a client that prefers the plain one gets it. */
export function aggregatedVersionFor(accept: string | undefined): AggregatedVersion | undefined {
  for (const { type, parameters } of parseAccept(accept)) {
    if (type !== "application/json") continue;
    const as = parameters.get("as");
    if (as === undefined) return undefined;
    if (as !== "APIGroupDiscoveryList" || parameters.get("g") !== "apidiscovery.k8s.io") continue;
    const version = aggregatedVersions.find((one) => one === parameters.get("v"));
    if (version) return version;
  }
  return undefined;
}

/** Everything that is served in these groups, in one document. */
export const aggregatedDocument = (
  version: AggregatedVersion,
  groups: readonly (readonly [string, readonly Storage[]])[],
): object => ({
  kind: "APIGroupDiscoveryList",
  apiVersion: `apidiscovery.k8s.io/${version}`,
  metadata: {},
  items: groups.map(([group, served]) => ({
    metadata: { name: group, creationTimestamp: null },
    versions: versionsOf(served).map((one) => ({
      version: one,
      resources: served.filter(({ resource }) => resource.version === one).map(aggregatedResource),
      freshness: "Current",
    })),
  })),
});

const aggregatedResource = (storage: Storage) => ({
  resource: storage.resource.plural,
  responseKind: objectKindOf(storage),
  scope: storage.resource.namespaced ? "Namespaced" : "Cluster",
  singularResource: storage.resource.singular,
  verbs: verbsOf(storage),
  ...namesOf(storage),
  subresources: subresourcesOf(storage).map(([name, subresource]) => ({
    subresource: name,
    responseKind: objectKindOf(subresource),
    verbs: verbsOf(subresource),
  })),
});
