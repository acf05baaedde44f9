import type { DeleteOptions, ListOptions, ObjectList, Patch, WatchEvent, WatchOptions } from "../../api/client.ts";
import type { ExecRequest, ExecSession } from "../../api/exec/exec-session.ts";
import type { PortSession } from "../../api/exec/port-session.ts";
import type { DiffOptions } from "../../api/git/source-diff.ts";
import type { LogOptions } from "../../api/log-options.ts";
import type { Key, KubeObject, Stored } from "../../api/object.ts";
import type { Resource } from "../../api/scheme.ts";
import type { Watching } from "../../store/store.ts";
import type { Authority } from "../admission/authority.ts";
import type { WriteContext } from "../admission/write-context.ts";
import type { TableConvertor } from "../printing/table.ts";

type Awaitable<T> = T | Promise<T>;

/**
 * One resource, or one subresource, as it is served (Kubernetes' `rest.Storage`). It has a method for each verb that it can. Router, discovery
 * and verbs look at nothing else, so a view, a review or a metric is a resource like another. Every method throws or rejects with `StatusError`.
 */
export interface Storage
  extends Partial<
    Getter &
      Lister &
      Watcher &
      Creater &
      Updater &
      Patcher &
      GracefulDeleter &
      CollectionDeleter &
      LogStreamer &
      Differ &
      ExecOpener &
      AttachOpener &
      PortOpener &
      Bootstrapper
  > {
  /** The names it is served under. Of a subresource: those of its parent. */
  readonly resource: Resource;
  /** What its Objects are, where that is not what the resource says: a Scale. */
  readonly objectKind?: { group: string; version: string; kind: string };
  /** By name. Each is served at `NAME/SUBRESOURCE`. */
  readonly subresources?: ReadonlyMap<string, Storage>;
  /** Who reads its Objects is written down. */
  readonly isConfidential?: boolean;
  /** A create asks something, and nothing is changed by it. */
  readonly isQuestion?: boolean;
  /** A DELETE is answered with the Object also when it is gone. Default: with a Status. */
  readonly returnsDeletedObject?: boolean;
  /** What else can be done, for whoever asks what it cannot. */
  readonly instead?: string;
  /** How its Objects are shown as rows. Default: by NAME alone. */
  readonly table?: TableConvertor;
}

export interface Getter {
  get(key: Key): Awaitable<Stored>;
  /** Why what is read may be older than what is; absent or undefined when it is not. */
  outdated?(): string | undefined;
}

/** `exact`: the revision that the list shall show. Who keeps no history shows what there is now; who does throws Expired. */
export interface StorageListOptions extends ListOptions {
  exact?: number;
}

export interface Lister {
  list(options: StorageListOptions): Awaitable<ObjectList>;
  /** Why a list may lack what was written; absent or undefined when it lacks nothing. */
  incomplete?(): string | undefined;
}

export interface Watcher {
  /** Selector transitions become ADDED and DELETED. Throws `Expired` at once for a compacted revision. */
  watch(options: WatchOptions): Watching<WatchEvent>;
}

export interface Creater {
  /** `namespace` is the one in the URL; a body that names another one is refused. */
  create(namespace: string | undefined, body: unknown, context: WriteContext): Promise<Written>;
}

export interface Updater {
  update(key: Key, body: unknown, context: WriteContext): Promise<Written>;
}

export interface Patcher {
  patch(key: Key, patch: Patch, context: WriteContext): Promise<Written>;
}

export interface GracefulDeleter {
  /** `gone` is false while finalizers hold the Object. */
  delete(key: Key, options: DeleteOptions): Promise<Deleted>;
}

export interface CollectionDeleter {
  /** Answers what was selected, as it was. */
  deleteCollection(selection: ListOptions, options: DeleteOptions): Promise<ObjectList>;
}

/** Answers the verb `get` with text instead of an Object. */
export interface LogStreamer {
  streamLog(key: Key, options: LogOptions, signal: AbortSignal): Awaitable<AsyncIterable<Uint8Array>>;
}

/** Answers the verb `get` with what is worked out for who asks. */
export interface Differ {
  /** `user`: who asks, and is shown what he may read. */
  diff(key: Key, options: DiffOptions, user: Authority, signal: AbortSignal): Promise<Stored>;
}

/** Answers the verb `create` with a session in a protocol of its own. */
export interface ExecOpener {
  /** The caller closes the session. */
  openExec(key: Key, request: ExecRequest, user: Authority): Promise<ExecSession>;
  /** Throws Forbidden for who may not open one beside this Object, or may no longer have it. */
  assertMayExec(key: Key, user: Authority): Awaitable<void>;
}

/** The same, to hear what runs already. */
export interface AttachOpener {
  /** `outputs`: the channels of output that are asked for. The caller closes the session. */
  openAttach(key: Key, outputs: readonly number[]): Promise<ExecSession>;
}

/** The same, to reach what it listens at. */
export interface PortOpener {
  /** `user`: who asks. The caller closes the session. */
  openPorts(key: Key, user: Authority): Promise<PortSession>;
}

export interface Bootstrapper {
  /** Makes the Objects that must always be there. */
  bootstrap(): Promise<void>;
}

export interface Written {
  object: Stored<KubeObject>;
  created: boolean;
  /** Texts for the `Warning: 299` header. */
  warnings: string[];
}

export interface Deleted {
  object: Stored<KubeObject>;
  gone: boolean;
}

const sessionOf = (storage: Storage): unknown => storage.openExec ?? storage.openAttach ?? storage.openPorts;

/** Its connections leave HTTP. */
export const opensSession = (storage: Storage): boolean => sessionOf(storage) !== undefined;

/** In the order of discovery. */
const abilities = {
  delete: (storage) => storage.delete,
  deletecollection: (storage) => storage.deleteCollection,
  get: (storage) => storage.get ?? storage.streamLog ?? storage.diff,
  list: (storage) => storage.list,
  patch: (storage) => storage.patch,
  create: (storage) => storage.create ?? sessionOf(storage),
  update: (storage) => storage.update,
  watch: (storage) => storage.watch,
} as const satisfies Record<string, (storage: Storage) => unknown>;

export type Verb = keyof typeof abilities;

/** What its Objects are. */
export const objectKindOf = ({ resource, objectKind }: Storage): { group: string; version: string; kind: string } =>
  objectKind ?? { group: resource.group, version: resource.version, kind: resource.kind };

export const can = (storage: Storage, verb: Verb): boolean => abilities[verb](storage) !== undefined;

export const verbsOf = (storage: Storage): Verb[] =>
  (Object.keys(abilities) as Verb[]).filter((verb) => can(storage, verb));
