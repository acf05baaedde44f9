import type { DeleteOptions, ListOptions, ObjectList, Patch, WatchEvent, WatchOptions } from "../../api/client.ts";
import { methodNotAllowed, noSuchResource } from "../../api/errors.ts";
import type { ExecRequest, ExecSession } from "../../api/exec/exec-session.ts";
import type { PortSession } from "../../api/exec/port-session.ts";
import type { DiffOptions } from "../../api/git/source-diff.ts";
import type { LogOptions } from "../../api/log-options.ts";
import type { Key, Stored } from "../../api/object.ts";
import type { Resource } from "../../api/scheme.ts";
import type { Watching } from "../../store/store.ts";
import type { Authority } from "../admission/authority.ts";
import type { WriteContext } from "../admission/write-context.ts";
import type { Deleted, Storage, StorageListOptions, Written } from "./storage.ts";

/**
 * Every resource that is served, each by its Storage. The HTTP server and `local-client.ts` are two doors to the same Registry, so both
 * decide alike. Rejects with what the Storage says, with NotFound for what is not served, and with MethodNotAllowed for what it cannot do.
 */
export class Registry {
  readonly #storages = new Map<string, Storage>();

  /** The HTTP server serves what was installed before it was made. */
  install(storage: Storage): void {
    this.#storages.set(placeOf(storage.resource), storage);
  }

  get storages(): Iterable<Storage> {
    return this.#storages.values();
  }

  /** Makes the Objects that must always be there, such as the Namespace `default`. */
  async bootstrap(): Promise<void> {
    for (const storage of this.storages) await storage.bootstrap?.();
  }

  async get(resource: Resource, key: Key, subresource?: string): Promise<Stored> {
    const storage = this.at(resource, subresource);
    if (!storage.get) throw methodNotAllowed(storage.instead);
    return await storage.get(key);
  }

  async list(resource: Resource, options: StorageListOptions): Promise<ObjectList> {
    const storage = this.at(resource);
    if (!storage.list) throw methodNotAllowed(storage.instead);
    return await storage.list(options);
  }

  watch(resource: Resource, options: WatchOptions): Watching<WatchEvent> {
    const storage = this.at(resource);
    if (!storage.watch) throw methodNotAllowed(storage.instead);
    return storage.watch(options);
  }

  async create(
    resource: Resource,
    namespace: string | undefined,
    body: unknown,
    context: WriteContext,
  ): Promise<Written> {
    const storage = this.at(resource, context.subresource);
    if (!storage.create) throw methodNotAllowed(storage.instead);
    return await storage.create(namespace, body, context);
  }

  async update(resource: Resource, key: Key, body: unknown, context: WriteContext): Promise<Written> {
    const storage = this.at(resource, context.subresource);
    if (!storage.update) throw methodNotAllowed(storage.instead);
    return await storage.update(key, body, context);
  }

  async patch(resource: Resource, key: Key, patch: Patch, context: WriteContext): Promise<Written> {
    const storage = this.at(resource, context.subresource);
    if (!storage.patch) throw methodNotAllowed(storage.instead);
    return await storage.patch(key, patch, context);
  }

  async delete(resource: Resource, key: Key, options: DeleteOptions): Promise<Deleted> {
    const storage = this.at(resource);
    if (!storage.delete) throw methodNotAllowed(storage.instead);
    return await storage.delete(key, options);
  }

  async deleteCollection(resource: Resource, selection: ListOptions, options: DeleteOptions): Promise<ObjectList> {
    const storage = this.at(resource);
    if (!storage.deleteCollection) throw methodNotAllowed(storage.instead);
    return await storage.deleteCollection(selection, options);
  }

  async streamLog(
    resource: Resource,
    key: Key,
    subresource: string | undefined,
    options: LogOptions,
    signal: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>> {
    const storage = this.at(resource, subresource);
    if (!storage.streamLog) throw methodNotAllowed(storage.instead);
    return await storage.streamLog(key, options, signal);
  }

  async diff(
    resource: Resource,
    key: Key,
    subresource: string | undefined,
    options: DiffOptions,
    user: Authority,
    signal: AbortSignal,
  ): Promise<Stored> {
    const storage = this.at(resource, subresource);
    if (!storage.diff) throw methodNotAllowed(storage.instead);
    return await storage.diff(key, options, user, signal);
  }

  async openExec(
    resource: Resource,
    key: Key,
    subresource: string | undefined,
    request: ExecRequest,
    user: Authority,
  ): Promise<ExecSession> {
    const storage = this.at(resource, subresource);
    if (!storage.openExec) throw methodNotAllowed(storage.instead);
    return await storage.openExec(key, request, user);
  }

  async openAttach(
    resource: Resource,
    key: Key,
    subresource: string | undefined,
    outputs: readonly number[],
  ): Promise<ExecSession> {
    const storage = this.at(resource, subresource);
    if (!storage.openAttach) throw methodNotAllowed(storage.instead);
    return await storage.openAttach(key, outputs);
  }

  async openPorts(
    resource: Resource,
    key: Key,
    subresource: string | undefined,
    user: Authority,
  ): Promise<PortSession> {
    const storage = this.at(resource, subresource);
    if (!storage.openPorts) throw methodNotAllowed(storage.instead);
    return await storage.openPorts(key, user);
  }

  /** Throws NotFound. */
  at(resource: Resource, subresource?: string): Storage {
    const storage = this.#storages.get(placeOf(resource));
    const found = subresource === undefined ? storage : storage?.subresources?.get(subresource);
    if (!found) throw noSuchResource();
    return found;
  }
}

const placeOf = ({ group, version, plural }: Resource): string => `${group}/${version}/${plural}`;
