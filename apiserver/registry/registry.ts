import type { DeleteOptions, ListOptions, ObjectList, Patch, WatchEvent, WatchOptions } from "../../api/client.ts";
import type { Key, KubeObject, Stored } from "../../api/object.ts";
import type { Resource } from "../../api/scheme.ts";
import type { Identity } from "../authentication/identity.ts";

/**
 * The verbs, without HTTP: admission, generation, conflicts, finalizers and selectors between a request and the Store.
 * The HTTP server and `local-client.ts` are two doors to the same Registry, so both decide alike. Rejects with `StatusError`.
 */
export interface Registry {
  get(resource: Resource, key: Key): Stored;
  list(resource: Resource, options: ListOptions): ObjectList;
  /** Selector transitions become ADDED and DELETED. Throws `Expired` at once for a compacted revision. */
  watch(resource: Resource, options: WatchOptions): AsyncIterable<WatchEvent>;
  /** `namespace` is the one in the URL; a body that names another one is refused. */
  create(resource: Resource, namespace: string | undefined, body: unknown, options: WriteContext): Promise<Written>;
  update(resource: Resource, key: Key, body: unknown, options: WriteContext): Promise<Written>;
  patch(resource: Resource, key: Key, patch: Patch, options: WriteContext): Promise<Written>;
  /** `gone` is false while finalizers hold the Object. */
  delete(resource: Resource, key: Key, options: DeleteOptions): Promise<{ object: Stored; gone: boolean }>;
  deleteCollection(resource: Resource, selection: ListOptions, options: DeleteOptions): Promise<ObjectList>;
}

export interface WriteContext {
  subresource?: "status" | "scale";
  fieldManager?: string;
  dryRun?: boolean;
  fieldValidation?: "Strict" | "Warn" | "Ignore";
  /** Who writes. Said by whoever has authenticated him; nothing in a request can say so. */
  user?: Identity | undefined;
}

export interface Written {
  /** With subresource `scale`: an `autoscaling/v1 Scale`. */
  object: Stored<KubeObject>;
  created: boolean;
  /** Texts for the `Warning: 299` header. */
  warnings: string[];
}

/** The API server must read logs but never sees a process: the daemon hands this in. */
export interface LogSource {
  /** Rejects with NotFound when there is no such run. Ends when the log ends, or for `follow` when the run has ended or the signal aborts. */
  open(instanceUid: string, options: LogOptions, signal: AbortSignal): AsyncIterable<Uint8Array>;
}

export interface LogOptions {
  previous?: boolean;
  follow?: boolean;
  /** Only lines from the last this many seconds. */
  sinceSeconds?: number;
  /** RFC 3339. */
  sinceTime?: string;
  tailLines?: number;
  timestamps?: boolean;
  limitBytes?: number;
  /** Default: All (stdout, then what is separate of stderr interleaved by time where it can be known). */
  stream?: "All" | "Stdout" | "Stderr";
  /** The bytes as they were written, instead of UTF-8 with lines that end in LF. */
  raw?: boolean;
}
