import type { IncomingMessage } from "node:http";
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
import { badRequest, StatusError } from "../errors.ts";
import { type Key, type KubeObject, type Stored, splitKey } from "../object.ts";
import { apiVersionOf, type Resource, urlPath } from "../scheme.ts";
import { answer, bodyOf, readText, refusal, warningsOf } from "./http-response.ts";
import { type Endpoint, type HttpRequest, HttpTransport } from "./http-transport.ts";
import { type RawWatchEvent, watchEvents } from "./watch-stream.ts";

export type { Endpoint };

export interface HttpClientOptions {
  /** Gets the text of every `Warning` header, once per answer that has it, unless the call has its own listener. */
  onWarning?: (text: string) => void;
  /** Gets one line per request and answer (`-v 6`). No header, no body: nothing secret. */
  onRequest?: (line: string) => void;
  /** For each answer, connecting included; of what streams, until it begins. Absent or 0: no limit. */
  timeoutMs?: number;
  /** For a watch to say nothing: then it rejects with ConnectionError, and is to be resumed. Default: three bookmarks that did not come. */
  silenceMs?: number;
  /** As in `wctl/1.2.3 (linux/amd64)`. */
  userAgent?: string;
}

export interface RawOptions extends CallOptions {
  body?: string | Uint8Array | Record<string, unknown>;
  /** Of the body; default `application/json`. */
  contentType?: string;
  /** Default `application/json`. */
  accept?: string;
}

/** `meta.k8s.io/v1 Table`: the server makes the cells. */
export interface Table {
  kind: "Table";
  metadata?: { resourceVersion?: string; continue?: string; remainingItemCount?: number };
  columnDefinitions: { name: string; type?: string; format?: string; description?: string; priority?: number }[];
  rows: {
    cells: unknown[];
    object?: { metadata?: { name?: string; namespace?: string; labels?: Record<string, string> } };
  }[];
}

export interface TableOptions extends ListOptions {
  /** One Object only. */
  name?: string;
  /** What `rows[].object` holds; default Metadata. */
  includeObject?: "None" | "Metadata" | "Object";
}

/** In a watch `columnDefinitions` come with the first event only. */
export interface TableEvent {
  type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";
  table: Table;
}

/** A server that is there sends a bookmark every minute. */
const WATCH_SILENCE_MS = 200_000;

const TABLE_ACCEPT = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

/** The Client over HTTPS. Rejects with StatusError, its ConnectionError when the server cannot be reached, or the signal's reason. */
export class HttpClient implements Client {
  #transport: HttpTransport;
  #options: HttpClientOptions;

  constructor(endpoint: Endpoint, options: HttpClientOptions = {}) {
    this.#transport = new HttpTransport(endpoint);
    this.#options = options;
  }

  get server(): string {
    return this.#transport.server.href.replace(/\/$/, "");
  }

  /** Closes idle connections and breaks busy ones. */
  close(): void {
    this.#transport.close();
  }

  async get<T extends KubeObject>(resource: Resource<T>, key: Key, options: CallOptions = {}): Promise<Stored<T>> {
    return this.#object(resource, await this.#json("GET", objectPath(resource, key), options));
  }

  async list<T extends KubeObject>(resource: Resource<T>, options: ListOptions = {}): Promise<ObjectList<T>> {
    const path = urlPath(resource as Resource, options.namespace) + query(selection(options));
    const { items, metadata } = await this.#json("GET", path, options);
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
    const path = urlPath(resource as Resource, object.metadata.namespace ?? "default") + query(writing(options));
    return this.#object(resource, await this.#json("POST", path, { ...options, body: body(resource, object) }));
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
    const path = objectPath(resource, key, options.subresource) + query(writing(options));
    const contentType = patch.type === "merge" ? "application/merge-patch+json" : "application/json-patch+json";
    const sent = { ...options, body: JSON.stringify(patch.body), contentType };
    const patched = await this.#json("PATCH", path, sent);
    return options.subresource === "scale" ? (patched as unknown as Stored<T>) : this.#object(resource, patched);
  }

  async delete<T extends KubeObject>(
    resource: Resource<T>,
    key: Key,
    options: DeleteOptions = {},
  ): Promise<Stored<T> | undefined> {
    const { propagation, gracePeriodSeconds, preconditions, dryRun } = options;
    const sent = {
      kind: "DeleteOptions",
      apiVersion: "v1",
      ...(propagation ? { propagationPolicy: propagation } : {}),
      ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
      ...(preconditions ? { preconditions } : {}),
      ...(dryRun ? { dryRun: ["All"] } : {}),
    };
    const gone = await this.#json("DELETE", objectPath(resource, key), { ...options, body: sent });
    const { deletionTimestamp } = (gone.metadata ?? {}) as { deletionTimestamp?: string };
    return gone.kind === "Status" || !deletionTimestamp ? undefined : this.#object(resource, gone);
  }

  /** Any request; `path` begins with a slash and may have a query. Resolves with the text of the answer. */
  async raw(method: string, path: string, options: RawOptions = {}): Promise<string> {
    const response = await this.#send(method, path, options);
    return readText(response, this.#transport.server, options.signal);
  }

  /** Objects as rows for people, one page of them. */
  async table<T extends KubeObject>(resource: Resource<T>, options: TableOptions = {}): Promise<Table> {
    const path = urlPath(resource as Resource, options.namespace, options.name) + query(tableQuery(options));
    return asTable(await this.#json("GET", path, { ...options, accept: TABLE_ACCEPT }));
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
  async *stream(path: string, options: CallOptions = {}): AsyncGenerator<Uint8Array> {
    const { signal } = options;
    try {
      const response = await this.#send("GET", path, { ...options, accept: "*/*" }, { streams: true });
      yield* bodyOf(response, this.#transport.server, signal);
    } catch (error) {
      if (!signal?.aborted) throw error;
    }
  }

  async *#watch(
    resource: Resource,
    options: WatchOptions & { includeObject?: string },
    accept: string,
  ): AsyncGenerator<RawWatchEvent> {
    const parameters = {
      watch: "true",
      ...selection(options),
      resourceVersion: options.resourceVersion || undefined,
      // A server begins with all there is when it is told no revision; our callers list first when they want that.
      ...(options.resourceVersion ? {} : { sendInitialEvents: "false", resourceVersionMatch: "NotOlderThan" }),
      allowWatchBookmarks: "true", // By them we hear that the server still is there.
      includeObject: options.includeObject,
    };
    try {
      const path = urlPath(resource, options.namespace) + query(parameters);
      const { silenceMs = WATCH_SILENCE_MS } = this.#options;
      const response = await this.#send("GET", path, { signal: options.signal, accept }, { streams: true, silenceMs });
      yield* watchEvents(bodyOf(response, this.#transport.server, options.signal));
    } catch (error) {
      if (!options.signal.aborted) throw error;
    }
  }

  async #put<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    subresource: string | undefined,
    options: WriteOptions,
  ): Promise<Stored<T>> {
    const { namespace, name } = object.metadata;
    const path = urlPath(resource as Resource, namespace ?? "default", name, subresource) + query(writing(options));
    return this.#object(resource, await this.#json("PUT", path, { ...options, body: body(resource, object) }));
  }

  async #json(method: string, path: string, options: RawOptions): Promise<Record<string, unknown>> {
    return answer(await this.raw(method, path, options), this.#transport.server);
  }

  /** The answer to a request that was not refused; its body is still to be read. */
  async #send(
    method: string,
    path: string,
    options: RawOptions,
    stream: Pick<HttpRequest, "streams" | "silenceMs"> = {},
  ): Promise<IncomingMessage> {
    const { accept = "application/json", contentType = "application/json", signal } = options;
    const { onRequest, timeoutMs, userAgent = "wctl" } = this.#options;
    const { onWarning = this.#options.onWarning } = options;
    const sent =
      typeof options.body === "object" && !(options.body instanceof Uint8Array)
        ? JSON.stringify(options.body)
        : options.body;
    const started = performance.now();
    const response = await this.#transport.send({
      method,
      path,
      headers: {
        accept,
        "user-agent": userAgent,
        // Packing costs more than it saves unless there is a network between.
        ...(this.#isNear ? {} : { "accept-encoding": "gzip" }),
        ...(sent === undefined ? {} : { "content-type": contentType }),
      },
      ...(sent === undefined ? {} : { body: sent }),
      ...(signal ? { signal } : {}),
      ...(timeoutMs ? { timeoutMs } : {}),
      ...stream,
    });
    const code = response.statusCode ?? 0;
    onRequest?.(`${method} ${this.server}${path} ${code} in ${Math.round(performance.now() - started)} milliseconds`);
    for (const warning of onWarning ? warningsOf(response) : []) onWarning?.(warning);
    if (code >= 200 && code < 300) return response;
    throw refusal(code, await readText(response, this.#transport.server, signal));
  }

  get #isNear(): boolean {
    return ["127.0.0.1", "[::1]", "localhost"].includes(this.#transport.server.hostname);
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

function objectPath<T extends KubeObject>(resource: Resource<T>, key: Key, subresource?: string): string {
  const { namespace, name } = splitKey(key);
  if (name === "") throw badRequest("resource name may not be empty");
  return urlPath(resource as Resource, namespace ?? "default", name, subresource);
}

const body = <T extends KubeObject>(resource: Resource<T>, object: T): Record<string, unknown> => ({
  ...(object as KubeObject),
  apiVersion: object.apiVersion ?? apiVersionOf(resource),
  kind: object.kind ?? resource.kind,
});

const selection = ({ labelSelector, fieldSelector, ...rest }: ListOptions): Record<string, string | undefined> => ({
  labelSelector: labelSelector || undefined,
  fieldSelector: fieldSelector || undefined,
  limit: rest.limit ? String(rest.limit) : undefined,
  continue: rest.continue || undefined,
});

const tableQuery = (options: TableOptions): Record<string, string | undefined> => ({
  ...(options.name === undefined ? selection(options) : {}),
  includeObject: options.includeObject,
});

const writing = ({ fieldManager, dryRun, fieldValidation }: WriteOptions): Record<string, string | undefined> => ({
  fieldManager,
  dryRun: dryRun ? "All" : undefined,
  fieldValidation,
});

function query(parameters: Record<string, string | undefined>): string {
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length === 0 ? "" : `?${new URLSearchParams(given)}`;
}

function asTable(value: Record<string, unknown>): Table {
  const table = value as unknown as Table;
  if (table.kind !== "Table" || !Array.isArray(table.rows)) {
    throw new StatusError("InternalError", "the server's answer is not a table");
  }
  return { ...table, columnDefinitions: table.columnDefinitions ?? [] };
}
