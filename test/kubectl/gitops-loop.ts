import { isDeepStrictEqual } from "node:util";
import type { Client } from "../../api/client.ts";
import { type KubeObject, keyOf, type Stored } from "../../api/object.ts";
import { configMaps, processes, type Resource } from "../../api/scheme.ts";

const fieldManager = "kustomize-controller";
/** The label of what a source has made. */
const OWNER = "kustomize.toolkit.fluxcd.io/name";
const kinds: readonly Resource[] = [processes, configMaps];

/**
 * What Flux's kustomize-controller does at each interval, by the same requests: a dry run of a server-side apply of each object, the apply itself where
 * that differs from what is there, and the end of what its label has and its source has not.
 */
export class GitOpsLoop {
  readonly #client: Client;
  readonly #name: string;

  constructor(client: Client, name: string) {
    this.#client = client;
    this.#name = name;
  }

  /** Resolves with what it changed, `kind/name`; nothing when everything is as the source says. */
  async reconcile(source: readonly KubeObject[]): Promise<string[]> {
    const changed: string[] = [];
    for (const object of source) if (await this.#apply(object)) changed.push(refOf(object));
    for (const resource of kinds) changed.push(...(await this.#prune(resource, new Set(source.map(refOf)))));
    return changed;
  }

  async #apply(object: KubeObject): Promise<boolean> {
    const labels = { ...object.metadata.labels, [OWNER]: this.#name };
    const patch = {
      type: "apply",
      force: true,
      body: { ...object, metadata: { ...object.metadata, labels } },
    } as const;
    const resource = resourceOf(object);
    const before = await this.read(object);
    const proposed = await this.#client.patch(resource, keyOf(object), patch, { fieldManager, dryRun: true });
    if (before && isDeepStrictEqual(wanted(before), wanted(proposed))) return false;
    await this.#client.patch(resource, keyOf(object), patch, { fieldManager });
    return true;
  }

  async #prune(resource: Resource, kept: ReadonlySet<string>): Promise<string[]> {
    const { items } = await this.#client.list(resource, { labelSelector: `${OWNER}=${this.#name}` });
    const lost = items.filter((item) => !kept.has(refOf(item)));
    for (const item of lost) await this.#client.delete(resource, keyOf(item), { propagation: "Background" });
    return lost.map(refOf);
  }

  /** Undefined when it is not there. */
  async read(object: KubeObject): Promise<Stored<KubeObject> | undefined> {
    return this.#client.get(resourceOf(object), keyOf(object)).catch((error) => {
      if (error.reason === "NotFound") return undefined;
      throw error;
    });
  }
}

/** As kstatus, which knows no kind: a controller has seen this generation, nothing is stalled or under way, and Ready is true where it is said. */
export function isCurrent(object: KubeObject): boolean {
  const { metadata, status = {} } = object as Stored<KubeObject> & {
    status?: { observedGeneration?: number; conditions?: { type: string; status: string }[] };
  };
  if (metadata.deletionTimestamp !== undefined) return false;
  if (status.observedGeneration !== undefined && status.observedGeneration !== metadata.generation) return false;
  const said = new Map(status.conditions?.map(({ type, status }) => [type, status]));
  return (
    said.get("Stalled") !== "True" && said.get("Reconciling") !== "True" && (said.get("Ready") ?? "True") === "True"
  );
}

export const refOf = ({ kind, metadata }: KubeObject): string => `${kind}/${metadata.name}`;
const resourceOf = ({ kind }: KubeObject): Resource => kinds.find((resource) => resource.kind === kind)!;

/** What Flux compares: neither status, nor what every write changes. */
function wanted(object: KubeObject): unknown {
  const { status, metadata, ...rest } = object as KubeObject & { status?: unknown };
  return { ...rest, labels: metadata.labels, annotations: metadata.annotations };
}
