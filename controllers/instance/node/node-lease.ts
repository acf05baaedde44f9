import type { Client } from "../../../api/client.ts";
import { isNotFound } from "../../../api/errors.ts";
import { type Key, makeKey, type OwnerReference } from "../../../api/object.ts";
import { leases, nodes, wellKnown } from "../../../api/scheme.ts";
import type { Clock } from "../../../lib/clock.ts";

/** So long after a renewal a node is believed to live; Kubernetes' default. */
export const LEASE_SECONDS = 40;

/** The Lease of a node, which shows that its agent lives at the price of one small write (Kubernetes KEP-589). Nobody else writes it. */
export class NodeLease {
  readonly #client: Client;
  readonly #nodeName: string;
  readonly #clock: Clock;

  constructor({ client, nodeName, clock }: { client: Client; nodeName: string; clock: Clock }) {
    this.#client = client;
    this.#nodeName = nodeName;
    this.#clock = clock;
  }

  async renew(): Promise<void> {
    const spec = {
      holderIdentity: this.#nodeName,
      leaseDurationSeconds: LEASE_SECONDS,
      renewTime: microTime(this.#clock.wall()),
    };
    const key = makeKey(wellKnown.nodeLeaseNamespace, this.#nodeName);
    try {
      const { metadata } = await this.#client.patch(leases, key, { type: "merge", body: { spec } });
      if (!metadata.ownerReferences) await this.#belong(key);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      await this.#create(spec);
    }
  }

  async #create(spec: object): Promise<void> {
    const ownerReferences = await this.#owner();
    const metadata = { name: this.#nodeName, namespace: wellKnown.nodeLeaseNamespace, ownerReferences };
    await this.#client.create(leases, { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata, spec });
  }

  /** It was made while there was no Node, which has come since. */
  async #belong(key: Key): Promise<void> {
    const ownerReferences = await this.#owner();
    if (ownerReferences.length === 0) return;
    await this.#client.patch(leases, key, { type: "merge", body: { metadata: { ownerReferences } } });
  }

  /** The Lease goes with its Node. */
  async #owner(): Promise<OwnerReference[]> {
    try {
      const { metadata } = await this.#client.get(nodes, this.#nodeName);
      return [{ apiVersion: "v1", kind: "Node", name: metadata.name, uid: metadata.uid }];
    } catch (error) {
      if (isNotFound(error)) return [];
      throw error;
    }
  }
}

/** RFC 3339 with six digits of a second, as Kubernetes' MicroTime. */
const microTime = (time: Date): string => time.toISOString().replace("Z", "000Z");
