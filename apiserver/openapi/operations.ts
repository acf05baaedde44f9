import { urlPath } from "../../api/scheme.ts";
import { can, opensSession, type Storage, type Verb } from "../registry/storage.ts";
import type { KindName } from "./components/component-name.ts";
import { type Components, gvk } from "./components/components.ts";
import { metaNames } from "./components/meta-components.ts";
import {
  ofDelete,
  ofDiff,
  ofExec,
  ofList,
  ofLog,
  ofPatch,
  ofPath,
  ofSelection,
  ofWrite,
  type Parameter,
} from "./parameters.ts";

export type Method = "get" | "put" | "post" | "delete" | "patch";

/** One method of one path. Bodies and answers are names of components. */
export interface Operation {
  path: string;
  /** Of the path: namespace and name. */
  pathParameters: readonly Parameter[];
  method: Method;
  id: string;
  /** Of its group version: `core_v1`. */
  tag: string;
  description: string;
  /** Kubernetes' `x-kubernetes-action`. */
  action: string;
  kind: KindName;
  parameters: readonly Parameter[];
  body?: { component: string; mediaTypes: readonly string[]; isRequired: boolean };
  /** By code. An answer without a component is a text. */
  answers: Readonly<Record<string, { description: string; component?: string }>>;
}

const bodyTypes = ["application/json", "application/yaml"] as const;

interface Shape {
  method: Method;
  action: string;
  /** The first word of the operation's id. */
  word: string;
  parameters: readonly Parameter[];
}

const shapes = {
  list: { method: "get", action: "list", word: "list", parameters: ofList },
  create: { method: "post", action: "post", word: "create", parameters: ofWrite },
  deletecollection: {
    method: "delete",
    action: "deletecollection",
    word: "delete",
    parameters: [...ofDelete, ...ofSelection],
  },
  get: { method: "get", action: "get", word: "read", parameters: [] },
  update: { method: "put", action: "put", word: "replace", parameters: ofWrite },
  patch: { method: "patch", action: "patch", word: "patch", parameters: ofPatch },
  delete: { method: "delete", action: "delete", word: "delete", parameters: ofDelete },
} as const satisfies Record<Exclude<Verb, "watch">, Shape>;

type Shown = keyof typeof shapes;
const ofCollection = ["list", "create", "deletecollection"] as const;
const ofItem = ["get", "update", "patch", "delete"] as const;

/** Everything that a Storage and its subresources can be asked over HTTP. */
export function operationsOf(storage: Storage, components: Components, patchTypes: readonly string[]): Operation[] {
  const make = (place: Place, verbs: readonly Shown[]): Operation[] =>
    verbs
      .filter((verb) => can(place.storage, verb))
      .map((verb) => operation(place, verb, components, verb === "patch" ? patchTypes : bodyTypes));
  const { resource } = storage;
  const at = (name?: string, subresource?: string): string =>
    unescaped(urlPath(resource, resource.namespaced ? "{namespace}" : undefined, name, subresource));
  const scope = resource.namespaced ? [ofPath.namespace] : [];
  const scoped = resource.namespaced ? "Namespaced" : "";
  const operations = [
    ...make({ storage, path: at(), parameters: scope, scoped }, ofCollection),
    ...make({ storage, path: at("{name}"), parameters: [ofPath.name, ...scope], scoped }, ofItem),
  ];
  for (const [name, subresource] of storage.subresources ?? []) {
    const path = at("{name}", name);
    const place = { storage: subresource, path, parameters: [ofPath.name, ...scope], scoped, subresource: name };
    operations.push(...make(place, ["create", ...ofItem]));
  }
  const everywhere = { storage, path: unescaped(urlPath(resource)), parameters: [], scoped: "", isEverywhere: true };
  if (resource.namespaced) operations.push(...make(everywhere, ["list"]));
  return operations;
}

interface Place {
  storage: Storage;
  path: string;
  parameters: readonly Parameter[];
  /** In the operation's id. */
  scoped: string;
  subresource?: string;
  /** In all namespaces together. */
  isEverywhere?: boolean;
}

function operation(place: Place, verb: Shown, components: Components, mediaTypes: readonly string[]): Operation {
  const { storage, path, subresource } = place;
  const { resource, objectKind = resource } = storage;
  const shape = shapes[verb];
  const group = shortGroup(resource.group);
  const of = verb === "deletecollection" ? "Collection" : "";
  const where = place.isEverywhere ? "ForAllNamespaces" : "";
  const what = `${of}${place.scoped}${resource.kind}${subresource ? capital(subresource) : ""}${where}`;
  const component = components.kind(objectKind);
  return {
    path,
    pathParameters: place.parameters,
    method: shape.method,
    id: `${shape.word}${capital(group)}${capital(resource.version)}${what}`,
    tag: `${group}_${resource.version}`,
    description: `${shape.word} ${subresource ? `${subresource} of ` : ""}${resource.kind}`,
    action: isConnection(storage, verb) ? "connect" : shape.action,
    kind: gvk(objectKind),
    parameters: parametersOf(storage, verb),
    ...bodyOf(storage, verb, component, mediaTypes),
    answers: answersOf(storage, verb, component, verb === "list" ? components.list(resource) : ""),
  };
}

const isConnection = (storage: Storage, verb: Shown): boolean => verb === "create" && opensSession(storage);

function parametersOf(storage: Storage, verb: Shown): readonly Parameter[] {
  if (isConnection(storage, verb)) return ofExec;
  if (verb === "get" && storage.diff) return ofDiff;
  return verb === "get" && storage.streamLog ? ofLog : shapes[verb].parameters;
}

function bodyOf(storage: Storage, verb: Shown, component: string, mediaTypes: readonly string[]) {
  if (verb === "get" || verb === "list" || isConnection(storage, verb)) return {};
  if (verb === "delete" || verb === "deletecollection")
    return { body: { component: metaNames.deleteOptions, mediaTypes, isRequired: false } };
  return { body: { component: verb === "patch" ? metaNames.patch : component, mediaTypes, isRequired: true } };
}

function answersOf(storage: Storage, verb: Shown, component: string, list: string): Operation["answers"] {
  const answer = (description: string, name: string) => ({ description, component: name });
  if ((verb === "get" && storage.streamLog) || isConnection(storage, verb)) return { 200: { description: "OK" } };
  switch (verb) {
    case "list":
      return { 200: answer("OK", list) };
    case "create":
      return { 200: answer("OK", component), 201: answer("Created", component), 202: answer("Accepted", component) };
    case "update":
    case "patch":
      return { 200: answer("OK", component), 201: answer("Created", component) };
    case "delete": {
      const deleted = storage.returnsDeletedObject ? component : metaNames.status;
      return { 200: answer("OK", deleted), 202: answer("Accepted", deleted) };
    }
    case "deletecollection":
      return { 200: answer("OK", metaNames.status) };
    case "get":
      return { 200: answer("OK", component) };
  }
}

/** `core`, `apps`, `coordination`, `wctlDev`. */
function shortGroup(group: string): string {
  const [first = "", ...rest] = group.split(".");
  return group.endsWith(".k8s.io") ? first : `${first || "core"}${rest.map(capital).join("")}`;
}

const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1);

const unescaped = (path: string): string => path.replaceAll("%7B", "{").replaceAll("%7D", "}");

/** Also those of a body that nothing else names. */
export function componentsOf(operations: Iterable<Operation>): Set<string> {
  const names = new Set<string>();
  for (const { body, answers } of operations) {
    if (body) names.add(body.component);
    for (const { component } of Object.values(answers)) if (component) names.add(component);
  }
  return names;
}
