import { objectKindOf, type Storage, verbsOf } from "../registry/storage.ts";
import { namesOf, subresourcesOf, versionsOf } from "./served.ts";

/** The documents that every client of Kubernetes knows, by path: one for the groups, one for each group, one for each of its versions. */
export function* plainDocuments(
  groups: ReadonlyMap<string, readonly Storage[]>,
): Generator<[path: string, make: () => object]> {
  yield ["/api", () => coreVersions(groups.get("") ?? [])];
  yield ["/apis", () => groupList([...groups].filter(([group]) => group !== ""))];
  for (const [group, served] of groups) {
    if (group) yield [`/apis/${group}`, () => ({ kind: "APIGroup", apiVersion: "v1", ...groupOf(group, served) })];
    for (const [version, some] of Map.groupBy(served, ({ resource }) => resource.version)) {
      const groupVersion = group ? `${group}/${version}` : version;
      yield [`${group ? "/apis" : "/api"}/${groupVersion}`, () => resourceList(groupVersion, some)];
    }
  }
}

const coreVersions = (served: readonly Storage[]) => ({
  kind: "APIVersions",
  versions: versionsOf(served),
  serverAddressByClientCIDRs: [],
});

const groupList = (groups: readonly (readonly [string, readonly Storage[]])[]) => ({
  kind: "APIGroupList",
  apiVersion: "v1",
  groups: groups.map(([group, served]) => groupOf(group, served)),
});

function groupOf(group: string, served: readonly Storage[]) {
  const versions = versionsOf(served).map((version) => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions, preferredVersion: versions[0] };
}

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
