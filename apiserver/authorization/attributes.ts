import { namespaces, type Resource } from "../../api/scheme.ts";
import { parseFieldSelector } from "../../api/selectors/selectors.ts";
import type { Act, PathAct } from "../admission/authority.ts";
import type { ParsedRequest, PathRequest } from "../router.ts";

/**
 * What an Authorizer decides about: a request, or a call inside the daemon. A collection that a field selector narrows to one `metadata.name` is
 * treated as that Object, as in Kubernetes: who may read an Object may also watch it.
 */
export interface ResourceAttributes {
  kind: "resource";
  /** As of the API, or one that only roles know: `impersonate`, `bind`, `use`. */
  verb: string;
  /** It need not be served. */
  resource: Pick<Resource, "group" | "plural">;
  subresource?: string | undefined;
  namespace?: string | undefined;
  name?: string | undefined;
  /** `spec.nodeName`, where the field selector of a collection requires one. */
  nodeName?: string | undefined;
}

export type Narrowed = Pick<ResourceAttributes, "name" | "nodeName">;

export type Attributes = ResourceAttributes | Pick<PathRequest, "kind" | "verb" | "path">;

const selecting: ReadonlySet<string> = new Set(["list", "watch", "deletecollection"]);

export function attributesOf(request: ParsedRequest): Attributes {
  if (request.kind === "path") return request;
  if (!selecting.has(request.verb)) return ofNamespaceItself(request);
  return { ...request, ...narrowedBy(request.query.get("fieldSelector") ?? "") };
}

/** A Namespace counts as being in itself, as in Kubernetes: a role in it may allow to read it. */
function ofNamespaceItself(request: ResourceAttributes): ResourceAttributes {
  const { resource, name } = request;
  if (name === undefined || resource.plural !== namespaces.plural || resource.group !== namespaces.group)
    return request;
  return { ...request, namespace: name };
}

/** In the words of roles. */
export function actOf(attributes: Attributes): Act | PathAct {
  if (attributes.kind === "path") return { verb: attributes.verb, path: attributes.path };
  const { verb, resource, subresource, namespace, name } = attributes;
  return {
    verb,
    group: resource.group,
    resource: resource.plural,
    ...(subresource === undefined ? {} : { subresource }),
    namespace,
    name,
  };
}

export const namespaceOf = (attributes: Attributes): string | undefined =>
  attributes.kind === "path" ? undefined : attributes.namespace;

/** The part of a collection that a field selector selects. A selector that cannot be parsed selects all of it: the verb refuses it later. */
export function narrowedBy(fieldSelector: string): Narrowed {
  if (fieldSelector === "") return {};
  const name = required(fieldSelector, "metadata.name");
  const nodeName = required(fieldSelector, "spec.nodeName");
  return { ...(name ? { name } : {}), ...(nodeName ? { nodeName } : {}) };
}

function required(fieldSelector: string, field: string): string | undefined {
  try {
    return parseFieldSelector(fieldSelector).find((one) => one.field === field && one.op === "=")?.value;
  } catch {
    return undefined;
  }
}
