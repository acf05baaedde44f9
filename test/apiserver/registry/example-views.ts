import type { ListOptions, ObjectList, WatchEvent, WatchOptions } from "../../../api/client.ts";
import type { Key, KubeObject, Stored } from "../../../api/object.ts";
import { instances, type Resource } from "../../../api/scheme.ts";
import type { Instance } from "../../../api/types.generated.ts";
import { ageColumn, type Column } from "../../../apiserver/printing/column.ts";
import { columnTable } from "../../../apiserver/printing/column-table.ts";
import { MappedWatch } from "../../../apiserver/registry/mapped-watch.ts";
import type { Registry } from "../../../apiserver/registry/registry.ts";
import type { Storage, Written } from "../../../apiserver/registry/storage.ts";
import { systemClock } from "../../../lib/clock.ts";
import type { Watching } from "../../../store/store.ts";

export const resourceOf = (kind: string, plural: string, fields: Partial<Resource> = {}): Resource => ({
  group: "views.example",
  version: "v1",
  kind,
  plural,
  singular: kind.toLowerCase(),
  shortNames: [],
  categories: [],
  namespaced: true,
  subresources: [],
  ...fields,
});

interface Pod extends KubeObject {
  status: { phase: string };
}

/** Instances, under another name and in another shape; it can be read and nothing else. */
export class PodView implements Storage {
  readonly resource = resourceOf("Pod", "pods", { shortNames: ["po"] });
  readonly table = columnTable(
    [{ name: "Phase", type: "string", path: ".status.phase", description: "One word." }, ageColumn] as Column[],
    systemClock,
  );
  readonly #registry: Registry;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  async get(key: Key): Promise<Stored> {
    return podOf(await this.#registry.get(instances as unknown as Resource, key));
  }

  async list(options: ListOptions): Promise<ObjectList> {
    const { items, metadata } = await this.#registry.list(instances as unknown as Resource, options);
    return { items: items.map(podOf), metadata };
  }

  watch(options: WatchOptions): Watching<WatchEvent> {
    return new MappedWatch(this.#registry.watch(instances as unknown as Resource, options), (event) =>
      event.type === "BOOKMARK" ? event : { ...event, object: podOf(event.object) },
    );
  }
}

function podOf(object: Stored): Stored<Pod> {
  const { metadata, status } = object as unknown as Stored<Instance>;
  const phase = status?.phase ?? "Pending";
  return { apiVersion: "views.example/v1", kind: "Pod", metadata: metadata as Stored["metadata"], status: { phase } };
}

/** A question that is asked by creating it. */
export class ReviewStorage implements Storage {
  readonly resource = resourceOf("Review", "reviews", { namespaced: false });

  async create(_namespace: string | undefined, body: unknown): Promise<Written> {
    const { spec } = body as { spec: { verb: string } };
    const answer = { apiVersion: "views.example/v1", kind: "Review", status: { allowed: spec.verb === "get" } };
    return { object: answer as unknown as Stored, created: true, warnings: ["only an example"] };
  }
}
