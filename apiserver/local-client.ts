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
import { type Key, type KubeObject, type Stored, splitKey } from "../api/object.ts";
import type { Resource } from "../api/scheme.ts";
import type { WriteContext } from "./admission/write-context.ts";
import type { Identity } from "./authentication/identity.ts";
import { narrowedBy, type ResourceAttributes } from "./authorization/attributes.ts";
import { type Authorizer, forbidden } from "./authorization/authorizer.ts";
import { UserAuthority } from "./authorization/user-authority.ts";
import type { Registry } from "./registry/registry.ts";
import type { Verb, Written } from "./registry/storage.ts";

export interface LocalClientOptions {
  registry: Registry;
  /** The same one that decides about requests over HTTP. */
  authorizer: Authorizer;
}

/**
 * The Client inside the daemon: the Registry itself, without HTTP and without copies. What it returns is frozen and shared. Every caller has
 * one in its own name, and may do with it what the Authorizer allows to that name.
 */
export class LocalClient implements Client {
  readonly #registry: Registry;
  readonly #authorizer: Authorizer;
  readonly #user: Identity;
  readonly #authority: UserAuthority;

  constructor({ registry, authorizer }: LocalClientOptions, user: Identity) {
    this.#registry = registry;
    this.#authorizer = authorizer;
    this.#user = user;
    this.#authority = new UserAuthority(user, authorizer);
  }

  async get<T extends KubeObject>(resource: Resource<T>, key: Key, options?: CallOptions): Promise<Stored<T>> {
    options?.signal?.throwIfAborted();
    this.#authorize("get", resource, splitKey(key));
    return (await this.#registry.get(resource as Resource, key)) as Stored<T>;
  }

  async list<T extends KubeObject>(resource: Resource<T>, options: ListOptions = {}): Promise<ObjectList<T>> {
    options.signal?.throwIfAborted();
    this.#authorize("list", resource, collectionOf(options));
    return (await this.#registry.list(resource as Resource, options)) as unknown as ObjectList<T>;
  }

  watch<T extends KubeObject>(resource: Resource<T>, options: WatchOptions): AsyncIterable<WatchEvent<T>> {
    try {
      this.#authorize("watch", resource, collectionOf(options));
      return this.#registry.watch(resource as Resource, options) as AsyncIterable<WatchEvent<T>>;
    } catch (error) {
      return rejecting(error);
    }
  }

  async create<T extends KubeObject>(resource: Resource<T>, object: T, options: WriteOptions = {}): Promise<Stored<T>> {
    options.signal?.throwIfAborted();
    const namespace = namespaceOf(resource, object);
    // As over HTTP, where the name is in the body, which is read later.
    this.#authorize("create", resource, { namespace });
    return written<T>(await this.#registry.create(resource as Resource, namespace, object, this.#context(options)));
  }

  async update<T extends KubeObject>(resource: Resource<T>, object: T, options: WriteOptions = {}): Promise<Stored<T>> {
    options.signal?.throwIfAborted();
    const key = keyIn(resource, object);
    this.#authorize("update", resource, splitKey(key));
    return written<T>(await this.#registry.update(resource as Resource, key, object, this.#context(options)));
  }

  async updateStatus<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    options: WriteOptions = {},
  ): Promise<Stored<T>> {
    options.signal?.throwIfAborted();
    const key = keyIn(resource, object);
    this.#authorize("update", resource, splitKey(key), "status");
    const context = this.#context({ ...options, subresource: "status" });
    return written<T>(await this.#registry.update(resource as Resource, key, object, context));
  }

  async patch<T extends KubeObject>(
    resource: Resource<T>,
    key: Key,
    patch: Patch,
    options: WriteOptions & { subresource?: "status" | "scale" } = {},
  ): Promise<Stored<T>> {
    options.signal?.throwIfAborted();
    this.#authorize("patch", resource, splitKey(key), options.subresource);
    return written<T>(await this.#registry.patch(resource as Resource, key, patch, this.#context(options)));
  }

  async delete<T extends KubeObject>(
    resource: Resource<T>,
    key: Key,
    options: DeleteOptions = {},
  ): Promise<Stored<T> | undefined> {
    options.signal?.throwIfAborted();
    this.#authorize("delete", resource, splitKey(key));
    const { object, gone } = await this.#registry.delete(resource as Resource, key, options);
    return gone ? undefined : (object as Stored<T>);
  }

  #context<O extends WriteContext>(options: O): O & Pick<WriteContext, "user" | "authority"> {
    return { ...options, user: this.#user, authority: this.#authority };
  }

  /** Throws Forbidden. */
  #authorize(verb: Verb, resource: unknown, what: Named, subresource?: string): void {
    const attributes = { kind: "resource", verb, resource: resource as Resource, subresource, ...what } as const;
    if (!this.#authorizer.allows(this.#user, attributes)) throw forbidden(this.#authorizer, this.#user, attributes);
  }
}

type Named = Pick<ResourceAttributes, "namespace" | "name" | "nodeName">;

const collectionOf = ({ namespace, fieldSelector = "" }: ListOptions): Named => ({
  namespace,
  ...narrowedBy(fieldSelector),
});

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
