import type { Key, KubeObject, Stored } from "./object.ts";
import type { Resource } from "./scheme.ts";

/**
 * How everybody but the API server itself reaches Objects. Two implementations: `apiserver/local-client.ts` inside the daemon,
 * `api/http/http-client.ts` in the CLI (and later in remote agents), which pass one contract suite (`test/api/client-contract.ts`). Every method rejects
 * with a `StatusError` (`api/errors.ts`). Returned Objects are shared: treat them as frozen, copy before you change. An Object of a
 * namespaced kind that names no namespace belongs to `default`.
 */
export interface Client {
  get<T extends KubeObject>(resource: Resource<T>, key: Key, options?: CallOptions): Promise<Stored<T>>;
  list<T extends KubeObject>(resource: Resource<T>, options?: ListOptions): Promise<ObjectList<T>>;
  /**
   * Events after `resourceVersion` (or from now when absent), in order, without gap or duplicate (P14), until the signal aborts (ends
   * normally) or the server ends the stream. A revision that was compacted rejects with reason `Expired` (410): list again.
   */
  watch<T extends KubeObject>(resource: Resource<T>, options: WatchOptions): AsyncIterable<WatchEvent<T>>;
  create<T extends KubeObject>(resource: Resource<T>, object: T, options?: WriteOptions): Promise<Stored<T>>;
  /** Replaces; `metadata.resourceVersion` must be the one that was read, else `Conflict`. Ignores `status`. */
  update<T extends KubeObject>(resource: Resource<T>, object: T, options?: WriteOptions): Promise<Stored<T>>;
  /** Writes `status` only. Without `metadata.resourceVersion` the write is unconditional. */
  updateStatus<T extends KubeObject>(resource: Resource<T>, object: T, options?: WriteOptions): Promise<Stored<T>>;
  patch<T extends KubeObject>(
    resource: Resource<T>,
    key: Key,
    patch: Patch,
    options?: WriteOptions & { subresource?: "status" | "scale" },
  ): Promise<Stored<T>>;
  /** Resolves with the Object when finalizers still hold it, with undefined when it is gone. */
  delete<T extends KubeObject>(
    resource: Resource<T>,
    key: Key,
    options?: DeleteOptions,
  ): Promise<Stored<T> | undefined>;
}

export interface CallOptions {
  signal?: AbortSignal;
  /** Gets the warnings in the server's answer to this call; without it the listener of the Client gets them. Over HTTP only. */
  onWarning?: (text: string) => void;
}

export interface ListOptions extends CallOptions {
  /** Absent: all namespaces. */
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  limit?: number;
  continue?: string;
}

export interface WatchOptions {
  signal: AbortSignal;
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  resourceVersion?: string;
  /** Ask for BOOKMARK events, so that a quiet watcher keeps a fresh resourceVersion. */
  bookmarks?: boolean;
}

export interface WriteOptions extends CallOptions {
  fieldManager?: string;
  dryRun?: boolean;
  /** Unknown fields: refused, pruned with a warning (the default), or pruned without a warning. */
  fieldValidation?: "Strict" | "Warn" | "Ignore";
}

export interface DeleteOptions extends CallOptions {
  propagation?: "Background" | "Foreground" | "Orphan";
  gracePeriodSeconds?: number;
  /** Refuse with Conflict unless the Object still is this one. */
  preconditions?: { uid?: string; resourceVersion?: string };
  dryRun?: boolean;
}

export type Patch =
  | { type: "merge"; body: unknown } // RFC 7386
  | { type: "strategic"; body: unknown } // Kubernetes' own, for its own kinds only
  | { type: "json"; body: readonly JsonPatchOperation[] } // RFC 6902
  | ApplyPatch;

/** Server-side apply: `body` is a whole configuration, and `fieldManager` must be said. What is missing is created. */
export interface ApplyPatch {
  type: "apply";
  body: unknown;
  /** Takes the fields that others own. Without it they are a Conflict. */
  force?: boolean;
}

export interface JsonPatchOperation {
  op: "add" | "remove" | "replace" | "move" | "copy" | "test";
  path: string;
  from?: string;
  value?: unknown;
}

export interface ObjectList<T extends KubeObject = KubeObject> {
  items: Stored<T>[];
  metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number };
}

export type WatchEvent<T extends KubeObject = KubeObject> =
  | { type: "ADDED" | "MODIFIED" | "DELETED"; object: Stored<T> }
  | { type: "BOOKMARK"; resourceVersion: string };
