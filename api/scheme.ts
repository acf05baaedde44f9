import type { KubeObject } from "./object.ts";
import type {
  ConfigMap,
  ControllerRevision,
  Event,
  Instance,
  Namespace,
  Node,
  Process,
  Secret,
} from "./types.generated.ts";

/** One kind that can be said: its names on the wire and on the command line. The type parameter is the Object's. */
export interface Resource<T extends KubeObject = KubeObject> {
  group: string;
  version: string;
  kind: T["kind"];
  plural: string;
  singular: string;
  shortNames: readonly string[];
  categories: readonly string[];
  namespaced: boolean;
  /** Which subresources are served. A kind with `status` has its status written there only. */
  status: boolean;
  scale?: { specReplicasPath: string; statusReplicasPath: string; labelSelectorPath: string };
  /** Columns after NAME of `get`. `priority` 1 shows with `-o wide` only. Cells are kubectl-dialect JSONPaths, or computed by `apiserver/printing/table.ts`. */
  columns: readonly Column[];
  /** Field selectors beside metadata.name and metadata.namespace. */
  selectableFields: readonly string[];
  /** Phantom: carries T, never has a value. */
  readonly object?: T;
}

export interface Column {
  name: string;
  type: "string" | "integer" | "date" | "number" | "boolean";
  priority?: 1;
  description: string;
  /** kubectl's JSONPath dialect, with a leading dot; absent when `apiserver/printing/table.ts` computes the cell. */
  jsonPath?: string;
}

export const apiVersionOf = (resource: Pick<Resource, "group" | "version">): string =>
  resource.group ? `${resource.group}/${resource.version}` : resource.version;

const age: Column = {
  name: "Age",
  type: "date",
  jsonPath: ".metadata.creationTimestamp",
  description: "Time since the object was created.",
};

const define = <T extends KubeObject>(
  resource: Omit<
    Resource<T>,
    "group" | "version" | "shortNames" | "categories" | "namespaced" | "status" | "columns" | "selectableFields"
  > &
    Partial<Resource<T>>,
): Resource<T> => ({
  group: "",
  version: "v1",
  shortNames: [],
  categories: [],
  namespaced: true,
  status: false,
  columns: [age],
  selectableFields: [],
  ...resource,
});

export const processes = define<Process>({
  group: "wctl.dev",
  kind: "Process",
  plural: "processes",
  singular: "process",
  shortNames: ["proc"],
  categories: ["all", "wctl"],
  status: true,
  scale: {
    specReplicasPath: ".spec.replicas",
    statusReplicasPath: ".status.replicas",
    labelSelectorPath: ".status.selector",
  },
  columns: [
    { name: "Ready", type: "string", description: "Ready copies of wanted copies." },
    { name: "Status", type: "string", jsonPath: ".status.phase", description: "One word." },
    { name: "Restarts", type: "integer", jsonPath: ".status.restartCount", description: "Restarts of all copies." },
    age,
    { name: "Pid", type: "string", priority: 1, description: "Main process of each copy." },
    { name: "Command", type: "string", priority: 1, jsonPath: ".spec.command", description: "The program." },
    { name: "Node", type: "string", priority: 1, description: "Where the copies run." },
  ],
});

export const instances = define<Instance>({
  group: "wctl.dev",
  kind: "Instance",
  plural: "instances",
  singular: "instance",
  shortNames: ["inst"],
  categories: ["all", "wctl"],
  status: true,
  columns: [
    { name: "Ready", type: "string", description: "Is it ready?" },
    { name: "Status", type: "string", description: "One word." },
    { name: "Restarts", type: "integer", jsonPath: ".status.restartCount", description: "Restarts of this copy." },
    age,
    { name: "Pid", type: "integer", priority: 1, jsonPath: ".status.pid", description: "The main process." },
    { name: "Command", type: "string", priority: 1, jsonPath: ".spec.command", description: "The program." },
    { name: "Node", type: "string", priority: 1, jsonPath: ".spec.nodeName", description: "Where it runs." },
  ],
  selectableFields: ["spec.nodeName", "status.phase"],
});

export const secrets = define<Secret>({
  kind: "Secret",
  plural: "secrets",
  singular: "secret",
  columns: [
    { name: "Type", type: "string", jsonPath: ".type", description: "What kind of secret." },
    { name: "Data", type: "integer", description: "Number of keys." },
    age,
  ],
  selectableFields: ["type"],
});

export const configMaps = define<ConfigMap>({
  kind: "ConfigMap",
  plural: "configmaps",
  singular: "configmap",
  shortNames: ["cm"],
  columns: [{ name: "Data", type: "integer", description: "Number of keys." }, age],
});

export const namespaces = define<Namespace>({
  kind: "Namespace",
  plural: "namespaces",
  singular: "namespace",
  shortNames: ["ns"],
  namespaced: false,
  status: true,
  columns: [{ name: "Status", type: "string", jsonPath: ".status.phase", description: "Active or Terminating." }, age],
  selectableFields: ["status.phase"],
});

export const events = define<Event>({
  kind: "Event",
  plural: "events",
  singular: "event",
  shortNames: ["ev"],
  columns: [
    { name: "Last Seen", type: "string", description: "Time since it last happened." },
    { name: "Type", type: "string", jsonPath: ".type", description: "Normal or Warning." },
    { name: "Reason", type: "string", jsonPath: ".reason", description: "One word." },
    { name: "Object", type: "string", description: "What it happened to." },
    {
      name: "Subobject",
      type: "string",
      priority: 1,
      jsonPath: ".involvedObject.fieldPath",
      description: "Which part.",
    },
    { name: "Source", type: "string", priority: 1, description: "Who saw it." },
    { name: "Message", type: "string", jsonPath: ".message", description: "A sentence." },
    { name: "First Seen", type: "string", priority: 1, description: "Time since it first happened." },
    { name: "Count", type: "string", priority: 1, jsonPath: ".count", description: "How often." },
    { name: "Name", type: "string", priority: 1, jsonPath: ".metadata.name", description: "Of the event." },
  ],
  selectableFields: [
    "involvedObject.kind",
    "involvedObject.namespace",
    "involvedObject.name",
    "involvedObject.uid",
    "involvedObject.apiVersion",
    "involvedObject.resourceVersion",
    "involvedObject.fieldPath",
    "reason",
    "reportingComponent",
    "source",
    "type",
  ],
});

export const nodes = define<Node>({
  kind: "Node",
  plural: "nodes",
  singular: "node",
  shortNames: ["no"],
  namespaced: false,
  status: true,
  columns: [
    { name: "Status", type: "string", description: "Ready or NotReady." },
    age,
    { name: "Version", type: "string", jsonPath: ".status.nodeInfo.wctlVersion", description: "Of the agent." },
    {
      name: "OS-Image",
      type: "string",
      priority: 1,
      jsonPath: ".status.nodeInfo.osImage",
      description: "Operating system.",
    },
    {
      name: "Runtime",
      type: "string",
      priority: 1,
      jsonPath: ".status.nodeInfo.runtime",
      description: "Runtime body.",
    },
  ],
  selectableFields: ["spec.unschedulable"],
});

/** Kubernetes' own kind (apps/v1), so that whoever knows it can read it. */
export const controllerRevisions = define<ControllerRevision>({
  group: "apps",
  kind: "ControllerRevision",
  plural: "controllerrevisions",
  singular: "controllerrevision",
  columns: [
    { name: "Controller", type: "string", description: "Whose template it was." },
    { name: "Revision", type: "integer", jsonPath: ".revision", description: "The highest is the newest." },
    age,
  ],
});

/** Everything served. A new kind is one schema and one entry here. */
export const scheme: readonly Resource[] = [
  processes,
  instances,
  secrets,
  configMaps,
  namespaces,
  events,
  nodes,
  controllerRevisions,
] as readonly Resource[];

/** By any word a person types: plural, singular, short name, kind (any case), `plural.group`. */
export function resourceNamed(word: string): Resource | undefined {
  const wanted = word.toLowerCase();
  return scheme.find(
    (resource) =>
      [resource.plural, resource.singular, resource.kind.toLowerCase(), ...resource.shortNames].includes(wanted) ||
      wanted === `${resource.plural}.${resource.group}` ||
      wanted === `${resource.singular}.${resource.group}` ||
      wanted === `${resource.plural}.${resource.version}.${resource.group}`,
  );
}

export const resourceOfKind = (apiVersion: string, kind: string): Resource | undefined =>
  scheme.find((resource) => resource.kind === kind && apiVersionOf(resource) === apiVersion);

/** `/apis/wctl.dev/v1/namespaces/default/processes/web` and its shorter forms. */
export function urlPath(resource: Resource, namespace?: string, name?: string, subresource?: string): string {
  const root = resource.group ? `/apis/${resource.group}/${resource.version}` : `/api/${resource.version}`;
  const scope = resource.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : "";
  const tail = [name, subresource].filter((part) => part !== undefined).map((part) => `/${encodeURIComponent(part)}`);
  return `${root}${scope}/${resource.plural}${tail.join("")}`;
}

/** Names that several rooms must agree on. */
export const wellKnown = {
  /** Keeps an Instance until nothing of its process tree is left. */
  stopFinalizer: "wctl.dev/stop",
  /** Label on Instances: the name of their Process. */
  processLabel: "wctl.dev/process",
  revisionLabel: "wctl.dev/revision",
  /** Label and annotation on Objects that the directory source made; only those are pruned. */
  sourceLabel: "wctl.dev/source",
  sourceFileAnnotation: "wctl.dev/source-file",
  lastAppliedAnnotation: "kubectl.kubernetes.io/last-applied-configuration",
  foregroundFinalizer: "foregroundDeletion",
  orphanFinalizer: "orphan",
  namespaceFinalizer: "kubernetes",
} as const;
