import type { Client } from "../../../api/client.ts";
import { isNotFound } from "../../../api/errors.ts";
import { type Key, makeKey, type OwnerReference } from "../../../api/object.ts";
import { leases, nodes, wellKnown } from "../../../api/scheme.ts";
import type { Clock } from "../../../lib/clock.ts";
import type { RunningTime } from "../../../lib/running-time.ts";

/** So long after a renewal a node is believed to live; Kubernetes' default. */
export const LEASE_SECONDS = 40;

export interface NodeLeaseOptions {
  client: Client;
  nodeName: string;
  clock: Clock;
  runningTime: Pick<RunningTime, "now">;
}

/**
 * The Lease of a node, which shows that its agent lives at the price of one small write (Kubernetes KEP-589), and how long its daemons have run. Nobody
 * else writes it.
 */
export class NodeLease {
  readonly #options: NodeLeaseOptions;

  constructor(options: NodeLeaseOptions) {
    this.#options = options;
  }

  async renew(): Promise<void> {
    const { client, nodeName, clock, runningTime } = this.#options;
    const spec = {
      holderIdentity: nodeName,
      leaseDurationSeconds: LEASE_SECONDS,
      renewTime: microTime(clock.wall()),
    };
    const annotations = { [wellKnown.runningTimeAnnotation]: String(runningTime.now()) };
    const key = keyOfLease(nodeName);
    try {
      const body = { metadata: { annotations }, spec };
      const { metadata } = await client.patch(leases, key, { type: "merge", body });
      if (!metadata.ownerReferences) await this.#belong(key);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      await this.#create(annotations, spec);
    }
  }

  async #create(annotations: Record<string, string>, spec: object): Promise<void> {
    const { client, nodeName } = this.#options;
    const ownerReferences = await this.#owner();
    const metadata = { name: nodeName, namespace: wellKnown.nodeLeaseNamespace, annotations, ownerReferences };
    await client.create(leases, { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata, spec });
  }

  /** It was made while there was no Node, which has come since. */
  async #belong(key: Key): Promise<void> {
    const ownerReferences = await this.#owner();
    if (ownerReferences.length === 0) return;
    await this.#options.client.patch(leases, key, { type: "merge", body: { metadata: { ownerReferences } } });
  }

  /** The Lease goes with its Node. */
  async #owner(): Promise<OwnerReference[]> {
    const { client, nodeName } = this.#options;
    try {
      const { metadata } = await client.get(nodes, nodeName);
      return [{ apiVersion: "v1", kind: "Node", name: metadata.name, uid: metadata.uid }];
    } catch (error) {
      if (isNotFound(error)) return [];
      throw error;
    }
  }
}

/** Milliseconds that daemons of this node have run, as the last one has written down; 0 when none has. */
export async function ranBefore(client: Client, nodeName: string): Promise<number> {
  try {
    const { metadata } = await client.get(leases, keyOfLease(nodeName));
    const written = Number(metadata.annotations?.[wellKnown.runningTimeAnnotation] ?? 0);
    return Number.isSafeInteger(written) && written > 0 ? written : 0;
  } catch (error) {
    if (isNotFound(error)) return 0;
    throw error;
  }
}

const keyOfLease = (nodeName: string): Key => makeKey(wellKnown.nodeLeaseNamespace, nodeName);

/** RFC 3339 with six digits of a second, as Kubernetes' MicroTime. */
const microTime = (time: Date): string => time.toISOString().replace("Z", "000Z");
