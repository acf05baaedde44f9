import { goPlatform } from "../../lib/go-platform.ts";
import { parseAccept } from "../http/accept.ts";
import { KeptBody } from "../http/kept-body.ts";
import { objectKindOf, type Storage, verbsOf } from "../registry/storage.ts";

const aggregatedType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/** What is served, as kubectl asks for it: the plain documents, and the aggregated ones (KEP-3352). They are made once, because what is served does not change. */
export class Discovery {
  readonly #plain = new Map<string, KeptBody>();
  readonly #aggregated = new Map<string, KeptBody>();

  constructor(storages: Iterable<Storage>) {
    const groups = Map.groupBy(storages, ({ resource }) => resource.group);
    const named = [...groups].filter(([group]) => group !== "");
    const add = (path: string, document: object): unknown =>
      this.#plain.set(path, new KeptBody("application/json", `${JSON.stringify(document)}\n`));
    add("/api", {
      kind: "APIVersions",
      versions: versionsOf(groups.get("") ?? []),
      serverAddressByClientCIDRs: [],
    });
    add("/apis", {
      kind: "APIGroupList",
      apiVersion: "v1",
      groups: named.map(([group, served]) => groupOf(group, served)),
    });
    for (const [group, served] of groups) {
      if (group) add(`/apis/${group}`, { kind: "APIGroup", apiVersion: "v1", ...groupOf(group, served) });
      for (const [version, some] of Map.groupBy(served, ({ resource }) => resource.version)) {
        const groupVersion = group ? `${group}/${version}` : version;
        add(group ? `/apis/${groupVersion}` : `/api/${version}`, resourceList(groupVersion, some));
      }
    }
    const paths = [
      ...this.#plain.keys(),
      "/healthz",
      "/livez",
      "/metrics",
      "/openapi/v2",
      "/openapi/v3",
      "/readyz",
      "/version",
    ].sort();
    add("/", { paths });
    this.#aggregated.set("/api", aggregated([...groups].filter(([group]) => group === "")));
    this.#aggregated.set("/apis", aggregated(named));
  }

  /** Undefined for a path that is no discovery document. */
  document(path: string, accept: string | undefined): KeptBody | undefined {
    const whole = this.#aggregated.get(path);
    return whole && takesAggregated(accept) ? whole : this.#plain.get(path);
  }
}

/** The first clause that names a form decides; a client that prefers the plain form gets it. */
function takesAggregated(accept: string | undefined): boolean {
  for (const { type, parameters } of parseAccept(accept)) {
    if (type !== "application/json") continue;
    const as = parameters.get("as");
    if (as === undefined) return false;
    if (as === "APIGroupDiscoveryList" && parameters.get("g") === "apidiscovery.k8s.io" && parameters.get("v") === "v2")
      return true;
  }
  return false;
}

const versionsOf = (served: readonly Storage[]): string[] => [
  ...new Set(served.map(({ resource }) => resource.version)),
];

function groupOf(group: string, served: readonly Storage[]) {
  const versions = versionsOf(served).map((version) => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions, preferredVersion: versions[0] };
}

const namesOf = ({ resource: { shortNames, categories } }: Storage) => ({
  ...(shortNames.length > 0 ? { shortNames } : {}),
  ...(categories.length > 0 ? { categories } : {}),
});

const subresourcesOf = (storage: Storage): [name: string, storage: Storage][] => [...(storage.subresources ?? [])];

const resourceList = (groupVersion: string, served: readonly Storage[]) => ({
  kind: "APIResourceList",
  apiVersion: "v1",
  groupVersion,
  resources: served.flatMap((storage) => [
    {
      name: storage.resource.plural,
      singularName: storage.resource.singular,
      namespaced: storage.resource.namespaced,
      kind: storage.resource.kind,
      verbs: verbsOf(storage),
      ...namesOf(storage),
    },
    ...subresourcesOf(storage).map(([name, subresource]) => subresourceEntry(name, subresource)),
  ]),
});

function subresourceEntry(name: string, storage: Storage) {
  const { resource } = storage;
  const { group, version, kind } = objectKindOf(storage);
  return {
    name: `${resource.plural}/${name}`,
    singularName: "",
    namespaced: resource.namespaced,
    ...(group === resource.group ? {} : { group, version }),
    kind,
    verbs: verbsOf(storage),
  };
}

function aggregated(groups: readonly (readonly [string, readonly Storage[]])[]): KeptBody {
  const items = groups.map(([group, served]) => ({
    metadata: { name: group, creationTimestamp: null },
    versions: versionsOf(served).map((version) => ({
      version,
      resources: served.filter(({ resource }) => resource.version === version).map(aggregatedResource),
      freshness: "Current",
    })),
  }));
  const list = { kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2", metadata: {}, items };
  return new KeptBody(aggregatedType, `${JSON.stringify(list)}\n`);
}

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

/** `v1.32.0-wctl.0.1.0`: kubectl reads the protocol's version, people read ours. */
export const gitVersion = (version: string): string => `v1.32.0-wctl.${version}`;

/** Every field is there, as typed clients demand; what nobody knows is empty. */
export const versionDocument = (version: string): string =>
  `${JSON.stringify(
    {
      major: "1",
      minor: "32",
      gitVersion: gitVersion(version),
      gitCommit: "",
      gitTreeState: "",
      buildDate: "",
      goVersion: "",
      compiler: `node ${process.versions.node}`,
      platform: `${goPlatform.system}/${goPlatform.architecture}`,
    },
    null,
    2,
  )}\n`;
