import type { DeleteOptions, ListOptions, ObjectList, WatchEvent, WatchOptions } from "../../../api/client.ts";
import type { Key, Stored } from "../../../api/object.ts";
import { instances, nodes, pods, type Resource } from "../../../api/scheme.ts";
import type { Instance, Node, Pod } from "../../../api/types.generated.ts";
import type { Clock } from "../../../lib/clock.ts";
import type { Watching } from "../../../store/store.ts";
import type { Column } from "../../printing/column.ts";
import { columnTable } from "../../printing/column-table.ts";
import type { TableConvertor } from "../../printing/table.ts";
import type { KindStorage } from "../../registry/kind-storage.ts";
import { MappedWatch } from "../../registry/mapped-watch.ts";
import type { PortSource } from "../../registry/port-source.ts";
import type {
  CollectionDeleter,
  Deleted,
  Lister,
  Storage,
  StorageListOptions,
  Watcher,
} from "../../registry/storage.ts";
import type { StoreRegistry } from "../../registry/store-registry.ts";
import { asPods } from "./as-pods.ts";
import { podColumns } from "./pod-columns.ts";
import { podFields } from "./pod-fields.ts";
import { podOf } from "./pod-of.ts";
import { podSubresources } from "./pod-subresources.ts";

/**
 * Every Instance as a Pod, for clients that know Pods: they read, watch, delete, and ask for output and commands. Nothing is kept of them: what is
 * asked of a Pod is asked of the Instance of its name, at the moment.
 */
export class PodsView implements Storage {
  readonly resource = pods as unknown as Resource;
  readonly table: TableConvertor;
  readonly subresources: ReadonlyMap<string, Storage>;
  readonly returnsDeletedObject = true;
  readonly instead =
    "a Pod here shows an Instance (instances.wctl.dev): create or change its Process (processes.wctl.dev) instead; deleting the Pod deletes the Instance, and its Process makes a new one";
  readonly #instances: KindStorage;
  readonly #nodes: KindStorage;
  readonly #selected: Lister & Watcher & CollectionDeleter;

  /** Without `ports` nobody can be connected to what an Instance listens at. */
  constructor(registry: Pick<StoreRegistry, "stored">, clock: Clock, ports?: PortSource) {
    this.#instances = registry.stored(instances);
    this.#nodes = registry.stored(nodes);
    this.#selected = this.#instances.selecting(podFields);
    this.table = columnTable(podColumns as unknown as Column[], clock);
    this.subresources = podSubresources(this.#instances, ports);
  }

  async get(key: Key): Promise<Stored> {
    const instance = await asPods(() => this.#instances.get(key));
    return this.#podsOf()(instance);
  }

  outdated(): string | undefined {
    return this.#instances.outdated();
  }

  async list(options: StorageListOptions): Promise<ObjectList> {
    const { items, metadata } = await this.#selected.list(options);
    return { items: items.map(this.#podsOf()), metadata };
  }

  incomplete(): string | undefined {
    return this.#instances.incomplete();
  }

  watch(options: WatchOptions): Watching<WatchEvent> {
    return new MappedWatch(this.#selected.watch(options), (event) =>
      event.type === "BOOKMARK" ? event : { ...event, object: this.#podsOf()(event.object) },
    );
  }

  async delete(key: Key, options: DeleteOptions): Promise<Deleted> {
    const { object, gone } = await asPods(() => this.#instances.delete(key, options));
    return { object: this.#podsOf()(object), gone };
  }

  async deleteCollection(selection: ListOptions, options: DeleteOptions): Promise<ObjectList> {
    const { items, metadata } = await this.#selected.deleteCollection(selection, options);
    return { items: items.map(this.#podsOf()), metadata };
  }

  /** The addresses of the nodes are looked up once for all that is shown together. */
  #podsOf(): (instance: Stored) => Stored {
    const addresses = new Map(
      (this.#nodes.list({}).items as Stored<Node>[]).map((node) => [node.metadata.name, addressOf(node)]),
    );
    return (object) => {
      const instance = object as Stored<Instance>;
      return podOf(instance, addresses.get(instance.spec.nodeName)) satisfies Stored<Pod>;
    };
  }
}

const addressOf = ({ status }: Node): string | undefined =>
  status?.addresses?.find(({ type }) => type === "InternalIP")?.address;
