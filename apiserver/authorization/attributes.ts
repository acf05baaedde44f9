import type { Resource } from "../../api/scheme.ts";
import { parseFieldSelector } from "../../api/selectors/selectors.ts";
import type { Verb } from "../registry/storage.ts";
import type { ParsedRequest, PathRequest } from "../router.ts";

/**
 * What an Authorizer decides about: a request, or a call inside the daemon. A collection that a field selector narrows to one `metadata.name` is
 * treated as that Object, as in Kubernetes: who may read an Object may also watch it.
 */
export interface ResourceAttributes {
  kind: "resource";
  verb: Verb;
  resource: Resource;
  subresource?: string | undefined;
  namespace?: string | undefined;
  name?: string | undefined;
  /** `spec.nodeName`, where the field selector of a collection requires one. */
  nodeName?: string | undefined;
}

export type Narrowed = Pick<ResourceAttributes, "name" | "nodeName">;

export type Attributes = ResourceAttributes | Pick<PathRequest, "kind" | "verb" | "path">;

const selecting: ReadonlySet<Verb> = new Set(["list", "watch", "deletecollection"]);

export function attributesOf(request: ParsedRequest): Attributes {
  if (request.kind === "path" || !selecting.has(request.verb)) return request;
  return { ...request, ...narrowedBy(request.query.get("fieldSelector") ?? "") };
}

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
