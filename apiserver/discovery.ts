import { arch, platform } from "node:os";
import type { Resource } from "../api/scheme.ts";
import { parseAccept } from "./http/accept.ts";
import { hasLogs } from "./router.ts";

/** A document of discovery and how it is labelled. */
export interface DiscoveryDocument {
  contentType: string;
  body: string;
}

const objectVerbs = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"];
const subresourceVerbs = ["get", "patch", "update"];
const aggregatedType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/** What is served, as kubectl asks for it: the plain documents, and the aggregated ones (KEP-3352). Made once, for the scheme does not change. */
export class Discovery {
  readonly #plain = new Map<string, string>();
  readonly #aggregated = new Map<string, string>();

  constructor(scheme: readonly Resource[]) {
    const groups = Map.groupBy(scheme, (resource) => resource.group);
    const named = [...groups].filter(([group]) => group !== "");
    const add = (path: string, document: object): unknown => this.#plain.set(path, `${JSON.stringify(document)}\n`);
    add("/api", {
      kind: "APIVersions",
      versions: versionsOf(groups.get("") ?? []),
      serverAddressByClientCIDRs: [],
    });
    add("/apis", {
      kind: "APIGroupList",
      apiVersion: "v1",
      groups: named.map(([group, resources]) => groupOf(group, resources)),
    });
    for (const [group, resources] of groups) {
      if (group) add(`/apis/${group}`, { kind: "APIGroup", apiVersion: "v1", ...groupOf(group, resources) });
      for (const [version, served] of Map.groupBy(resources, (resource) => resource.version)) {
        const groupVersion = group ? `${group}/${version}` : version;
        add(group ? `/apis/${groupVersion}` : `/api/${version}`, resourceList(groupVersion, served));
      }
    }
    const paths = [...this.#plain.keys(), "/healthz", "/livez", "/metrics", "/readyz", "/version"].sort();
    add("/", { paths });
    this.#aggregated.set("/api", aggregated([...groups].filter(([group]) => group === "")));
    this.#aggregated.set("/apis", aggregated(named));
  }

  /** Undefined for a path that is not discovery's. */
  document(path: string, accept: string | undefined): DiscoveryDocument | undefined {
    const whole = this.#aggregated.get(path);
    if (whole !== undefined && takesAggregated(accept)) return { contentType: aggregatedType, body: whole };
    const body = this.#plain.get(path);
    return body === undefined ? undefined : { contentType: "application/json", body };
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

const versionsOf = (resources: readonly Resource[]): string[] => [...new Set(resources.map(({ version }) => version))];

function groupOf(group: string, resources: readonly Resource[]) {
  const versions = versionsOf(resources).map((version) => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions, preferredVersion: versions[0] };
}

const resourceList = (groupVersion: string, resources: readonly Resource[]) => ({
  kind: "APIResourceList",
  apiVersion: "v1",
  groupVersion,
  resources: resources.flatMap((resource) => [
    {
      name: resource.plural,
      singularName: resource.singular,
      namespaced: resource.namespaced,
      kind: resource.kind,
      verbs: objectVerbs,
      ...(resource.shortNames.length > 0 ? { shortNames: resource.shortNames } : {}),
      ...(resource.categories.length > 0 ? { categories: resource.categories } : {}),
    },
    ...subresourcesOf(resource).map(({ name, kind, verbs, group, version }) => ({
      name: `${resource.plural}/${name}`,
      singularName: "",
      namespaced: resource.namespaced,
      ...(group === resource.group ? {} : { group, version }),
      kind,
      verbs,
    })),
  ]),
});

function subresourcesOf(resource: Resource) {
  const { group, version, kind } = resource;
  const all: { name: string; kind: string; group: string; version: string; verbs: string[] }[] = [];
  if (hasLogs(resource)) all.push({ name: "log", kind, group, version, verbs: ["get"] });
  if (resource.scale)
    all.push({ name: "scale", kind: "Scale", group: "autoscaling", version: "v1", verbs: subresourceVerbs });
  if (resource.status) all.push({ name: "status", kind, group, version, verbs: subresourceVerbs });
  return all;
}

function aggregated(groups: readonly (readonly [string, readonly Resource[]])[]): string {
  const items = groups.map(([group, resources]) => ({
    metadata: { name: group, creationTimestamp: null },
    versions: versionsOf(resources).map((version) => ({
      version,
      resources: resources.filter((resource) => resource.version === version).map(aggregatedResource),
      freshness: "Current",
    })),
  }));
  return `${JSON.stringify({ kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2", metadata: {}, items })}\n`;
}

const aggregatedResource = (resource: Resource) => ({
  resource: resource.plural,
  responseKind: { group: resource.group, version: resource.version, kind: resource.kind },
  scope: resource.namespaced ? "Namespaced" : "Cluster",
  singularResource: resource.singular,
  verbs: objectVerbs,
  ...(resource.shortNames.length > 0 ? { shortNames: resource.shortNames } : {}),
  ...(resource.categories.length > 0 ? { categories: resource.categories } : {}),
  subresources: subresourcesOf(resource).map(({ name, kind, group, version, verbs }) => ({
    subresource: name,
    responseKind: { group, version, kind },
    verbs,
  })),
});

/** `v1.32.0-wctl.0.1.0`: kubectl reads the protocol's version, people read ours. */
export function versionDocument(version: string): string {
  return `${JSON.stringify(
    {
      major: "1",
      minor: "32",
      gitVersion: `v1.32.0-wctl.${version}`,
      gitCommit: "",
      gitTreeState: "",
      buildDate: "",
      goVersion: "",
      compiler: `node ${process.versions.node}`,
      platform: `${platform()}/${arch()}`,
    },
    null,
    2,
  )}\n`;
}
