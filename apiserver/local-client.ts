import type {
  CallOptions,
  Client,
  DeleteOptions,
  ListOptions,
  ObjectList,
  Patch,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from "../api/client.ts";
import type { Key, KubeObject, Stored } from "../api/object.ts";
import type { Resource } from "../api/scheme.ts";
import type { Registry, WriteContext, Written } from "./registry/registry.ts";

/**
 * The Client inside the daemon: the Registry itself, without HTTP and without copies. What it returns is frozen and shared. One that is made
 * `as: "agent"` may let go of Instances; who holds it is trusted as who made it.
 */
export class LocalClient implements Client {
  readonly #registry: Registry;
  readonly #writer: Pick<WriteContext, "agent">;

  constructor(registry: Registry, { as }: { as?: "agent" } = {}) {
    this.#registry = registry;
    this.#writer = as === "agent" ? { agent: true } : {};
  }

  async get<T extends KubeObject>(resource: Resource<T>, key: Key, options?: CallOptions): Promise<Stored<T>> {
    options?.signal?.throwIfAborted();
    return this.#registry.get(resource as Resource, key) as Stored<T>;
  }

  async list<T extends KubeObject>(resource: Resource<T>, options: ListOptions = {}): Promise<ObjectList<T>> {
    options.signal?.throwIfAborted();
    return this.#registry.list(resource as Resource, options) as ObjectList<T>;
  }

  watch<T extends KubeObject>(resource: Resource<T>, options: WatchOptions): AsyncIterable<WatchEvent<T>> {
    try {
      return this.#registry.watch(resource as Resource, options) as AsyncIterable<WatchEvent<T>>;
    } catch (error) {
      return rejecting(error);
    }
  }

  async create<T extends KubeObject>(resource: Resource<T>, object: T, options: WriteOptions = {}): Promise<Stored<T>> {
    options.signal?.throwIfAborted();
    return written<T>(
      await this.#registry.create(resource as Resource, namespaceOf(resource, object), object, {
        ...options,
        ...this.#writer,
      }),
    );
  }

  async update<T extends KubeObject>(resource: Resource<T>, object: T, options: WriteOptions = {}): Promise<Stored<T>> {
    options.signal?.throwIfAborted();
    return written<T>(
      await this.#registry.update(resource as Resource, keyIn(resource, object), object, {
        ...options,
        ...this.#writer,
      }),
    );
  }

  async updateStatus<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    options: WriteOptions = {},
  ): Promise<Stored<T>> {
    options.signal?.throwIfAborted();
    const context = { ...options, ...this.#writer, subresource: "status" } as const;
    return written<T>(await this.#registry.update(resource as Resource, keyIn(resource, object), object, context));
  }

  async patch<T extends KubeObject>(
    resource: Resource<T>,
    key: Key,
    patch: Patch,
    options: WriteOptions & { subresource?: "status" | "scale" } = {},
  ): Promise<Stored<T>> {
    options.signal?.throwIfAborted();
    return written<T>(await this.#registry.patch(resource as Resource, key, patch, { ...options, ...this.#writer }));
  }

  async delete<T extends KubeObject>(
    resource: Resource<T>,
    key: Key,
    options: DeleteOptions = {},
  ): Promise<Stored<T> | undefined> {
    options.signal?.throwIfAborted();
    const { object, gone } = await this.#registry.delete(resource as Resource, key, options);
    return gone ? undefined : (object as Stored<T>);
  }
}

const namespaceOf = <T extends KubeObject>(resource: Resource<T>, { metadata }: T): string | undefined =>
  metadata.namespace ?? (resource.namespaced ? "default" : undefined);

function keyIn<T extends KubeObject>(resource: Resource<T>, object: T): Key {
  const namespace = namespaceOf(resource, object);
  return namespace === undefined ? object.metadata.name : `${namespace}/${object.metadata.name}`;
}

const written = <T extends KubeObject>({ object }: Written): Stored<T> => object as unknown as Stored<T>;

/** A watch that could not begin says so where its reader listens: at the first event. */
const rejecting = (error: unknown): AsyncIterable<never> => ({
  [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }),
});
