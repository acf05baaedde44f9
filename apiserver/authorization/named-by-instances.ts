import { referencesOf } from "../../api/instance-references.ts";
import type { Stored } from "../../api/object.ts";
import { configMaps, secrets } from "../../api/scheme.ts";
import type { Instance } from "../../api/types.generated.ts";
import type { KindStorage } from "../registry/kind-storage.ts";

/**
 * Which Secrets and ConfigMaps the Instances of a node name (the graph of Kubernetes' NodeAuthorizer). It keeps a witness for each: one
 * Instance that names it. It reads the witness again for every question, so an answer is never older than what is stored. Only when that Instance does not
 * name it any more does it search the Instances of the namespace.
 */
export class NamedByInstances {
  readonly #stored: Pick<KindStorage, "list">;
  readonly #witnesses = new Map<string, Map<string, string>>();

  /** `instances`: where they are stored. */
  constructor(instances: Pick<KindStorage, "list">) {
    this.#stored = instances;
  }

  /** `plural`: `secrets` or `configmaps`. */
  isNamed(node: string, plural: string, namespace: string, name: string): boolean {
    const wanted = `${plural}/${name}`;
    const place = `${node}/${namespace}`;
    const key = this.#witnesses.get(place)?.get(wanted);
    const [witness] = key === undefined ? [] : this.#instances(namespace, key);
    if (witness && isOf(witness, node) && namesOf(witness).includes(wanted)) return true;
    return this.#lookThrough(node, namespace, place).has(wanted);
  }

  #lookThrough(node: string, namespace: string, place: string): Map<string, string> {
    const found = new Map<string, string>();
    for (const instance of this.#instances(namespace)) {
      if (isOf(instance, node)) for (const name of namesOf(instance)) found.set(name, instance.metadata.name);
    }
    if (found.size > 0) this.#witnesses.set(place, found);
    else this.#witnesses.delete(place);
    return found;
  }

  #instances(namespace: string, name?: string): Stored<Instance>[] {
    const fieldSelector = name === undefined ? "" : `metadata.name=${name}`;
    return this.#stored.list({ namespace, fieldSelector }).items as Stored<Instance>[];
  }
}

const isOf = ({ spec }: Stored<Instance>, node: string): boolean => spec.nodeName === node;

function namesOf({ spec }: Stored<Instance>): string[] {
  const references = referencesOf(spec);
  return [
    ...Array.from(references.secrets, (name) => `${secrets.plural}/${name}`),
    ...Array.from(references.configMaps, (name) => `${configMaps.plural}/${name}`),
  ];
}
