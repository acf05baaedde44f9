import { badRequest, conflict, isNotFound } from "../../../api/errors.ts";
import { makeKey, type Stored } from "../../../api/object.ts";
import { nodes, pods, type Resource, secrets } from "../../../api/scheme.ts";
import type { Pod } from "../../../api/types.generated.ts";
import { isObject } from "../../../lib/json-object.ts";
import type { Ref, TokenSubject } from "../../authentication/service-account-tokens.ts";
import type { Registry } from "../../registry/registry.ts";

/** What a token can be bound to, by its kind. */
const bindable: ReadonlyMap<string, Resource> = new Map<string, Resource>([
  ["Pod", pods as unknown as Resource],
  ["Secret", secrets as unknown as Resource],
  ["Node", nodes as unknown as Resource],
]);

/** As it is asked for in a TokenRequest. */
export interface BoundObjectRef {
  kind: string;
  apiVersion: string;
  name: string;
  uid: string;
}

/** Undefined when nothing is asked for. Throws BadRequest. */
export function boundObjectRefIn(value: unknown): BoundObjectRef | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw badRequest("spec.boundObjectRef must be an object");
  const { kind = "", apiVersion = "", name = "", uid = "" } = value;
  const ref = { kind, apiVersion, name, uid };
  if (!Object.values(ref).every((text) => typeof text === "string"))
    throw badRequest("the fields of spec.boundObjectRef must be strings");
  return ref as BoundObjectRef;
}

/** The objects that the token shall end with. In the words of the real server: BadRequest for other kinds, NotFound, and Conflict for a later one of its name. */
export async function boundTo(
  registry: Pick<Registry, "get">,
  namespace: string,
  { kind, apiVersion, name, uid }: BoundObjectRef,
): Promise<TokenSubject["bound"]> {
  const isCore = !apiVersion.includes("/");
  const resource = isCore ? bindable.get(kind) : undefined;
  if (!resource) {
    const group = isCore ? `/${apiVersion}` : apiVersion;
    throw badRequest(`cannot bind token to object of type ${group}, Kind=${kind}`);
  }
  const found = await registry.get(resource, makeKey(resource.namespaced ? namespace : undefined, name));
  if (uid !== "" && uid !== found.metadata.uid) {
    const why = `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`;
    throw conflict({ group: "", plural: kind, kind }, name, why);
  }
  if (kind === "Secret") return { secret: refOf(found) };
  if (kind === "Node") return { node: refOf(found) };
  const nodeName = (found as unknown as Pod).spec?.nodeName;
  const node = nodeName === undefined ? undefined : await nodeOf(registry, nodeName);
  return { pod: refOf(found), ...(node ? { node } : {}) };
}

/** It need not be there. */
async function nodeOf(registry: Pick<Registry, "get">, name: string): Promise<Ref | undefined> {
  try {
    return refOf(await registry.get(nodes as unknown as Resource, name));
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

const refOf = ({ metadata: { name, uid } }: Stored): Ref => ({ name, uid });
