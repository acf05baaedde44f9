import type { Client, ListOptions } from "../../../../api/client.ts";
import { StatusError } from "../../../../api/errors.ts";
import type { KubeObject, Stored } from "../../../../api/object.ts";
import type { Resource } from "../../../../api/scheme.ts";

/** Lists what the user may list, and remembers what that leaves out. */
export class Reading {
  readonly #client: Client;
  readonly #signal: AbortSignal;
  readonly #leftOut = new Set<string>();
  readonly #onlyIn = new Map<string, Set<string>>();

  constructor(client: Client, signal: AbortSignal) {
    this.#client = client;
    this.#signal = signal;
  }

  /** In all namespaces, or where that is not allowed, in `home`. */
  async list<T extends KubeObject>(
    resource: Resource<T>,
    labelSelector: string | undefined,
    home: string | undefined,
  ): Promise<Stored<T>[]> {
    const options = { signal: this.#signal, ...(labelSelector === undefined ? {} : { labelSelector }) };
    const everywhere = await this.#tried(resource, options);
    if (everywhere) return everywhere;
    const here =
      resource.namespaced && home !== undefined
        ? await this.#tried(resource, { ...options, namespace: home })
        : undefined;
    if (!here) this.#leftOut.add(resource.plural);
    else this.#onlyIn.set(home!, (this.#onlyIn.get(home!) ?? new Set()).add(resource.plural));
    return here ?? [];
  }

  /** What was left out, in words. */
  gaps(): string[] {
    const names = (plurals: ReadonlySet<string>): string => [...plurals].toSorted().join(", ");
    return [
      ...Array.from(
        this.#onlyIn,
        ([home, plurals]) => `you may list these in the namespace ${home} only: ${names(plurals)}`,
      ),
      ...(this.#leftOut.size > 0 ? [`left out, because you may not list them: ${names(this.#leftOut)}`] : []),
    ];
  }

  /** Undefined where it is not allowed. A kind that the server does not know has no objects. */
  async #tried<T extends KubeObject>(resource: Resource<T>, options: ListOptions): Promise<Stored<T>[] | undefined> {
    try {
      return (await this.#client.list(resource, options)).items;
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      if (error.reason === "NotFound") return [];
      if (error.reason === "Forbidden") return undefined;
      throw error;
    }
  }
}
