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
} from "../client.ts";
import { StatusError } from "../errors.ts";
import { EXEC_PROTOCOL, type ExecConnection } from "../exec/exec-connection.ts";
import { execQuery } from "../exec/exec-query.ts";
import type { ExecRequest } from "../exec/exec-session.ts";
import { FramedConnection } from "../exec/framed-connection.ts";
import type { Key, KubeObject, Stored } from "../object.ts";
import { apiVersionOf, instances, type Resource, urlPath } from "../scheme.ts";
import {
  bodyFor,
  deleteBody,
  listQuery,
  objectPath,
  queryString,
  tableQuery,
  watchQuery,
  writeQuery,
} from "./requests.ts";
import { RestClient, type RestClientOptions, type RestRequest } from "./rest-client.ts";
import { asTable, TABLE_ACCEPT, type Table, type TableEvent, type TableOptions } from "./table.ts";
import type { Endpoint } from "./transport.ts";
import type { RawWatchEvent } from "./watch-stream.ts";

/** The media type of each type of patch. */
const PATCH_TYPES: Readonly<Record<Patch["type"], string>> = {
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  json: "application/json-patch+json",
  apply: "application/apply-patch+yaml",
};

/** The Client over HTTPS. Rejects with StatusError, its ConnectionError when the server cannot be reached, or the signal's reason. */
export class HttpClient implements Client {
  readonly #rest: RestClient;

  constructor(endpoint: Endpoint, options: RestClientOptions = {}) {
    this.#rest = new RestClient(endpoint, options);
  }

  get server(): string {
    return this.#rest.server;
  }

  /** Closes idle connections and breaks busy ones. */
  close(): void {
    this.#rest.close();
  }

  async get<T extends KubeObject>(resource: Resource<T>, key: Key, options: CallOptions = {}): Promise<Stored<T>> {
    return this.#object(resource, await this.#rest.json("GET", objectPath(resource, key), options));
  }

  async list<T extends KubeObject>(resource: Resource<T>, options: ListOptions = {}): Promise<ObjectList<T>> {
    const path = urlPath(resource as Resource, options.namespace) + queryString(listQuery(options));
    const { kind, items: said, metadata } = await this.#rest.json("GET", path, options);
    // A server in Go says null where there are none.
    const items = said === null && String(kind).endsWith("List") ? [] : said;
    if (!Array.isArray(items)) throw new StatusError("InternalError", "the server's answer is not a list");
    return {
      items: items.map((item) => this.#object(resource, item)),
      metadata: metadata as ObjectList["metadata"],
    };
  }

  async *watch<T extends KubeObject>(resource: Resource<T>, options: WatchOptions): AsyncGenerator<WatchEvent<T>> {
    for await (const { type, object } of this.#watch(resource as Resource, options, "application/json")) {
      if (type === "BOOKMARK") {
        if (!options.bookmarks) continue;
        const { resourceVersion = "" } = object.metadata as { resourceVersion?: string };
        yield { type, resourceVersion };
      } else if (type === "ADDED" || type === "MODIFIED" || type === "DELETED") {
        yield { type, object: this.#object(resource, object) };
      }
    }
  }

  async create<T extends KubeObject>(resource: Resource<T>, object: T, options: WriteOptions = {}): Promise<Stored<T>> {
    const path =
      urlPath(resource as Resource, object.metadata.namespace ?? "default") + queryString(writeQuery(options));
    return this.#object(resource, await this.#rest.json("POST", path, { ...options, body: bodyFor(resource, object) }));
  }

  async update<T extends KubeObject>(resource: Resource<T>, object: T, options: WriteOptions = {}): Promise<Stored<T>> {
    return this.#put(resource, object, undefined, options);
  }

  async updateStatus<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    options: WriteOptions = {},
  ): Promise<Stored<T>> {
    return this.#put(resource, object, "status", options);
  }

  async patch<T extends KubeObject>(
    resource: Resource<T>,
    key: Key,
    patch: Patch,
    options: WriteOptions & { subresource?: "status" | "scale" } = {},
  ): Promise<Stored<T>> {
    const force = patch.type === "apply" && patch.force ? "true" : undefined;
    const path = objectPath(resource, key, options.subresource) + queryString({ ...writeQuery(options), force });
    const sent = { ...options, body: JSON.stringify(patch.body), contentType: PATCH_TYPES[patch.type] };
    const patched = await this.#rest.json("PATCH", path, sent);
    return options.subresource === "scale" ? (patched as unknown as Stored<T>) : this.#object(resource, patched);
  }

  async delete<T extends KubeObject>(
    resource: Resource<T>,
    key: Key,
    options: DeleteOptions = {},
  ): Promise<Stored<T> | undefined> {
    const gone = await this.#rest.json("DELETE", objectPath(resource, key), { ...options, body: deleteBody(options) });
    const { deletionTimestamp } = (gone.metadata ?? {}) as { deletionTimestamp?: string };
    return gone.kind === "Status" || !deletionTimestamp ? undefined : this.#object(resource, gone);
  }

  /** Any request; `path` begins with a slash and may have a query. Resolves with the text of the answer. */
  raw(method: string, path: string, request: RestRequest = {}): Promise<string> {
    return this.#rest.text(method, path, request);
  }

  /** Objects as rows for people, one page of them. */
  async table<T extends KubeObject>(resource: Resource<T>, options: TableOptions = {}): Promise<Table> {
    const path = urlPath(resource as Resource, options.namespace, options.name) + queryString(tableQuery(options));
    return asTable(await this.#rest.json("GET", path, { ...options, accept: TABLE_ACCEPT }));
  }

  /** As `watch`, with a Table of one row per event. */
  async *watchTable<T extends KubeObject>(
    resource: Resource<T>,
    options: WatchOptions & Pick<TableOptions, "includeObject">,
  ): AsyncGenerator<TableEvent> {
    for await (const event of this.#watch(resource as Resource, options, TABLE_ACCEPT)) {
      if (event.type === "BOOKMARK" && !options.bookmarks) continue;
      yield { type: event.type as TableEvent["type"], table: asTable(event.object) };
    }
  }

  /** The bytes of an answer as they come (logs). Ends when the server ends it, or when the signal aborts. */
  stream(path: string, options: CallOptions = {}): AsyncGenerator<Uint8Array> {
    return this.#rest.bytes(path, options);
  }

  /** Runs a command beside an Instance. It ends with the connection. */
  async exec(key: Key, request: ExecRequest, options: CallOptions = {}): Promise<ExecConnection> {
    const path = objectPath(instances, key, "exec") + execQuery(request);
    return new FramedConnection(await this.#rest.upgrade(path, EXEC_PROTOCOL, options));
  }

  #watch(
    resource: Resource,
    options: WatchOptions & Pick<TableOptions, "includeObject">,
    accept: string,
  ): AsyncGenerator<RawWatchEvent> {
    const path = urlPath(resource, options.namespace) + queryString(watchQuery(options));
    return this.#rest.events(path, { signal: options.signal, accept });
  }

  async #put<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    subresource: string | undefined,
    options: WriteOptions,
  ): Promise<Stored<T>> {
    const { namespace, name } = object.metadata;
    const path =
      urlPath(resource as Resource, namespace ?? "default", name, subresource) + queryString(writeQuery(options));
    return this.#object(resource, await this.#rest.json("PUT", path, { ...options, body: bodyFor(resource, object) }));
  }

  /** Some servers leave kind and version off the items of a list. */
  #object<T extends KubeObject>(resource: Resource<T>, value: unknown): Stored<T> {
    const object = value as Partial<Stored<T>> | null;
    if (typeof object !== "object" || object === null || typeof object.metadata !== "object") {
      throw new StatusError("InternalError", `the server's answer is not an object of kind ${resource.kind}`);
    }
    return (object.kind ? object : { apiVersion: apiVersionOf(resource), kind: resource.kind, ...object }) as Stored<T>;
  }
}
