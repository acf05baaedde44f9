import type { KubeObject, Stored } from "../../api/object.ts";
import { hasSubresource, type Resource } from "../../api/scheme.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { Store } from "../../store/store.ts";
import type { AdmissionDefaults } from "../admission/template-defaults.ts";
import type { Kind } from "../kinds/kind.ts";
import { kinds } from "../kinds/kinds.ts";
import { columnTable } from "../printing/column-table.ts";
import type { DiffSource } from "./diff-source.ts";
import { DiffStorage } from "./diff-storage.ts";
import type { ExecSource } from "./exec-source.ts";
import { ExecStorage } from "./exec-storage.ts";
import { FinalizeStorage } from "./finalize-storage.ts";
import { KindStorage } from "./kind-storage.ts";
import type { LogSource } from "./log-source.ts";
import { LogStorage } from "./log-storage.ts";
import { NamespaceRoom } from "./namespace-room.ts";
import { storePrefix } from "./paths.ts";
import { Registry } from "./registry.ts";
import { relatedIn } from "./related-objects.ts";
import { ScaleStorage } from "./scale-storage.ts";
import { StatusStorage } from "./status-storage.ts";

export interface StoreRegistryOptions {
  store: Store;
  clock: Clock;
  logger: Logger;
  defaults?: () => AdmissionDefaults;
  /** Bytes that the Objects of a namespace may take: see NamespaceRoom. */
  namespaceBytes?: () => number | undefined;
  /** Without it no resource has logs. */
  logs?: LogSource;
  /** Without it no command can be run beside an Object. */
  exec?: ExecSource;
  /** Without it nothing tells what a source would change. */
  diffs?: DiffSource;
}

type Sources = Pick<StoreRegistryOptions, "clock" | "logs" | "exec" | "diffs">;

/** Serves every kind, whose Objects it keeps in a Store. Views are installed on top. */
export class StoreRegistry extends Registry {
  readonly #stored = new Map<unknown, KindStorage>();

  constructor(options: StoreRegistryOptions) {
    super();
    const { store, clock, logger, defaults = () => ({}), namespaceBytes: most = () => undefined } = options;
    const namespaced = kinds.filter(({ resource }) => resource.namespaced);
    const objectsIn = (namespace: string) =>
      namespaced.flatMap(({ resource }) => store.list(storePrefix(resource, namespace)).items as Stored[]);
    const room = new NamespaceRoom({ clock, objectsIn, most });
    for (const kind of kinds) {
      const table = columnTable(kind.columns, clock, kind.related && relatedIn(store, kind.related));
      const storage = new KindStorage(kind, { store, clock, logger, defaults, table, room });
      this.#stored.set(kind.resource, storage);
      this.#addSubresources(storage, kind, options);
      this.install(storage);
    }
  }

  /** The Storage of a kind itself: its reads answer at once. */
  stored<T extends KubeObject>(resource: Resource<T>): KindStorage {
    const storage = this.#stored.get(resource);
    if (!storage) throw new TypeError(`${resource.plural} are not stored`);
    return storage;
  }

  #addSubresources(
    storage: KindStorage,
    { resource, scale, loggedCopy: copyOf }: Kind,
    { clock, logs, exec, diffs }: Sources,
  ): void {
    if (hasSubresource(resource, "diff") && diffs) storage.subresources.set("diff", new DiffStorage(storage, diffs));
    if (hasSubresource(resource, "exec") && exec) storage.subresources.set("exec", new ExecStorage(storage, exec));
    if (hasSubresource(resource, "finalize")) storage.subresources.set("finalize", new FinalizeStorage(storage));
    if (hasSubresource(resource, "log") && copyOf && logs) {
      const storageOf = (other: Resource): KindStorage => this.stored(other);
      storage.subresources.set("log", new LogStorage({ objects: storage, copyOf, storageOf, logs }));
    }
    if (hasSubresource(resource, "scale") && scale)
      storage.subresources.set("scale", new ScaleStorage(storage, scale, clock));
    if (hasSubresource(resource, "status")) storage.subresources.set("status", new StatusStorage(storage));
  }
}
