import { type Key, keyOf, type Stored } from "../../api/object.ts";
import type { Instance } from "../../api/types.generated.ts";
import type { Lister } from "../../machinery/lister.ts";
import { byProcess, byReference, byUid } from "./indexes.ts";

/** Finds the Instances of this node that an event concerns, and adds their keys to the queue. The lister has `instanceIndexers`. */
export class WakeUps {
  readonly #instances: Lister<Instance>;
  readonly #enqueue: (key: Key) => void;

  constructor(instances: Lister<Instance>, enqueue: (key: Key) => void) {
    this.#instances = instances;
    this.#enqueue = enqueue;
  }

  find(uid: string): Stored<Instance> | undefined {
    return this.#instances.by(byUid, uid)[0];
  }

  /** The Instance of this uid, which it wakes; undefined when there is none. */
  wake(uid: string): Stored<Instance> | undefined {
    const instance = this.find(uid);
    if (instance) this.#enqueue(keyOf(instance));
    return instance;
  }

  wakeAll(): void {
    this.#enqueueEach(this.#instances.list());
  }

  /** Something has changed that the Instances of this node name by `reference` (one of their `referenceKeys`). */
  wakeReferring(reference: string): void {
    this.#enqueueEach(this.#instances.by(byReference, reference));
  }

  /** Instances of the Processes that this one depends on may have waited for it to end; now they may go on stopping. */
  wakeDependencies({ metadata, spec }: Stored<Instance>): void {
    for (const { name } of spec.dependsOn ?? []) {
      this.#enqueueEach(this.#instances.by(byProcess, `${metadata.namespace}/${name}`));
    }
  }

  #enqueueEach(instances: readonly Stored<Instance>[]): void {
    for (const instance of instances) this.#enqueue(keyOf(instance));
  }
}
