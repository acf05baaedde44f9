import { isNotFound } from "../../api/errors.ts";
import { makeKey } from "../../api/object.ts";
import { configMaps, instances, leases, nodes, type Resource, secrets, wellKnown } from "../../api/scheme.ts";
import type { Instance } from "../../api/types.generated.ts";
import { type Identity, nodeNameOf } from "../authentication/identity.ts";
import type { KindStorage } from "../registry/kind-storage.ts";
import type { StoreRegistry } from "../registry/store-registry.ts";
import type { Attributes, ResourceAttributes } from "./attributes.ts";
import type { Authorizer } from "./authorizer.ts";
import { NamedByInstances } from "./named-by-instances.ts";

/**
 * What the agent of a node may do, which follows from the Instances that are assigned to that node (Kubernetes' NodeAuthorizer and the part
 * of NodeRestriction that makes sense here). It asks the Registry itself, so it knows of an Instance no later than the agent does.
 */
export class NodeAuthorizer implements Authorizer {
  readonly #instances: Pick<KindStorage, "get" | "list">;
  readonly #named: NamedByInstances;
  readonly #decisions: ReadonlyMap<string, (node: string, attributes: ResourceAttributes) => boolean>;

  constructor(registry: Pick<StoreRegistry, "stored">) {
    this.#instances = registry.stored(instances);
    this.#named = new NamedByInstances(this.#instances);
    this.#decisions = new Map([
      [idOf(instances), (node, attributes) => this.#mayUseInstance(node, attributes)],
      [idOf(nodes), mayUseNode],
      [idOf(leases), mayUseLease],
      [idOf(secrets), (node, attributes) => this.#mayRead(node, attributes)],
      [idOf(configMaps), (node, attributes) => this.#mayRead(node, attributes)],
    ]);
  }

  allows(user: Identity, attributes: Attributes): boolean {
    const node = nodeNameOf(user);
    if (node === undefined || attributes.kind === "path") return false;
    return this.#decisions.get(idOf(attributes.resource))?.(node, attributes) ?? false;
  }

  /** It follows from Instances, which no rule can say. */
  rulesOf(): readonly [] {
    return [];
  }

  /** The agent reads all of them, because it compares what runs here with all that is stored. It watches and writes its own. */
  #mayUseInstance(node: string, attributes: ResourceAttributes): boolean {
    const { verb, subresource } = attributes;
    if (verb === "get" || verb === "list") return subresource === undefined;
    if (verb === "watch") return attributes.nodeName === node;
    return changes.has(verb) && this.#isAssigned(node, attributes);
  }

  /** The agent reads one only while an Instance of the node names it; never a whole collection. */
  #mayRead(node: string, { verb, resource, namespace, name }: ResourceAttributes): boolean {
    if (!reads.has(verb) || namespace === undefined || name === undefined) return false;
    return this.#named.isNamed(node, resource.plural, namespace, name);
  }

  #isAssigned(node: string, { namespace, name = "" }: ResourceAttributes): boolean {
    try {
      const instance = this.#instances.get(makeKey(namespace, name)) as unknown as Instance;
      return instance.spec.nodeName === node;
    } catch (error) {
      if (isNotFound(error)) return true; // The verb answers NotFound.
      throw error;
    }
  }
}

const idOf = ({ plural, group }: Pick<Resource, "plural" | "group">): string => `${plural}.${group}`;

const changes: ReadonlySet<string> = new Set(["update", "patch"]);
const reads: ReadonlySet<string> = new Set(["get", "list", "watch"]);

/** The Lease of its node, which the agent renews to show that it is alive. To say that it belongs to the Node, it needs the right to delete it. */
function mayUseLease(node: string, { verb, namespace, name }: ResourceAttributes): boolean {
  if (namespace !== wellKnown.nodeLeaseNamespace) return false;
  return verb === "create" || (name === node && (verb === "get" || verb === "delete" || changes.has(verb)));
}

/** The agent registers its Node, and writes its status. */
function mayUseNode(node: string, { verb, name, subresource }: ResourceAttributes): boolean {
  if (verb === "create") return true; // The name is in the body.
  if (name !== node) return false;
  return verb === "get" || (changes.has(verb) && subresource === "status");
}
