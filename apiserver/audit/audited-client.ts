import type {
  CallOptions,
  Client,
  DeleteOptions,
  ListOptions,
  Patch,
  WatchOptions,
  WriteOptions,
} from "../../api/client.ts";
import { type Key, type KubeObject, makeKey, type Stored } from "../../api/object.ts";
import type { Resource } from "../../api/scheme.ts";

/** A change that was made. */
export interface Made {
  verb: "create" | "update" | "patch" | "delete";
  resource: Resource;
  key: Key;
  subresource?: string | undefined;
}

/** A Client that tells of each change when it was made. Of status it tells nothing: that is what a controller sees, and not what it does. */
export class AuditedClient implements Client {
  readonly #client: Client;
  readonly #made: (made: Made) => void;

  constructor(client: Client, made: (made: Made) => void) {
    this.#client = client;
    this.#made = made;
  }

  get<T extends KubeObject>(resource: Resource<T>, key: Key, options?: CallOptions): Promise<Stored<T>> {
    return this.#client.get(resource, key, options);
  }

  list<T extends KubeObject>(resource: Resource<T>, options?: ListOptions) {
    return this.#client.list(resource, options);
  }

  watch<T extends KubeObject>(resource: Resource<T>, options: WatchOptions) {
    return this.#client.watch(resource, options);
  }

  async create<T extends KubeObject>(resource: Resource<T>, object: T, options?: WriteOptions): Promise<Stored<T>> {
    const created = await this.#client.create(resource, object, options);
    this.#tell("create", resource, keyOf(created), options);
    return created;
  }

  async update<T extends KubeObject>(resource: Resource<T>, object: T, options?: WriteOptions): Promise<Stored<T>> {
    const updated = await this.#client.update(resource, object, options);
    this.#tell("update", resource, keyOf(updated), options);
    return updated;
  }

  updateStatus<T extends KubeObject>(resource: Resource<T>, object: T, options?: WriteOptions): Promise<Stored<T>> {
    return this.#client.updateStatus(resource, object, options);
  }

  async patch<T extends KubeObject>(
    resource: Resource<T>,
    key: Key,
    patch: Patch,
    options?: WriteOptions & { subresource?: "status" | "scale" },
  ): Promise<Stored<T>> {
    const patched = await this.#client.patch(resource, key, patch, options);
    if (options?.subresource !== "status") this.#tell("patch", resource, key, options);
    return patched;
  }

  async delete<T extends KubeObject>(
    resource: Resource<T>,
    key: Key,
    options?: DeleteOptions,
  ): Promise<Stored<T> | undefined> {
    const left = await this.#client.delete(resource, key, options);
    this.#tell("delete", resource, key, options);
    return left;
  }

  #tell(
    verb: Made["verb"],
    resource: unknown,
    key: Key,
    options: { dryRun?: boolean; subresource?: string } | undefined,
  ): void {
    if (options?.dryRun) return;
    this.#made({ verb, resource: resource as Resource, key, subresource: options?.subresource });
  }
}

const keyOf = ({ metadata: { namespace, name } }: Stored): Key => makeKey(namespace, name);
