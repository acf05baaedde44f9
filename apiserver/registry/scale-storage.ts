import type { Patch } from "../../api/client.ts";
import type { Key, Stored } from "../../api/object.ts";
import type { Resource } from "../../api/scheme.ts";
import type { Clock } from "../../lib/clock.ts";
import type { WriteContext } from "../admission/write-context.ts";
import { readConfiguration } from "../apply/configuration.ts";
import type { ScalePaths } from "../kinds/kind.ts";
import { ageColumn, type Column } from "../printing/column.ts";
import { columnTable } from "../printing/column-table.ts";
import type { TableConvertor } from "../printing/table.ts";
import type { KindStorage } from "./kind-storage.ts";
import type { ObjectPart } from "./object-part.ts";
import { scaledBy, scaleOf, scaleSchema, withScale } from "./scale.ts";
import type { Storage, Written } from "./storage.ts";

/** Those that Kubernetes gives the Scales of custom kinds. */
const columns: readonly Column[] = [
  { name: "Desired", type: "integer", path: ".spec.replicas", description: "How many copies are wanted." },
  { name: "Available", type: "integer", path: ".status.replicas", description: "How many copies there are." },
  ageColumn,
];

/** The subresource `scale`: how many copies are wanted and there, as an `autoscaling/v1 Scale`. */
export class ScaleStorage implements Storage {
  readonly resource: Resource;
  readonly table: TableConvertor;
  readonly objectKind = { group: "autoscaling", version: "v1", kind: "Scale" };
  readonly #objects: KindStorage;
  readonly #paths: ScalePaths;
  readonly #part: ObjectPart;

  constructor(objects: KindStorage, paths: ScalePaths, clock: Clock) {
    this.resource = objects.resource;
    this.table = columnTable(columns, clock);
    this.#objects = objects;
    this.#paths = paths;
    this.#part = this.#scalePart();
  }

  get(key: Key): Stored {
    return scaleOf(this.#paths, this.#objects.get(key));
  }

  async update(key: Key, body: unknown, context: WriteContext): Promise<Written> {
    return this.#shown(await this.#objects.editor.update(key, body, context, this.#part));
  }

  async patch(key: Key, patch: Patch, context: WriteContext): Promise<Written> {
    return this.#shown(await this.#objects.editor.patch(key, patch, context, this.#part));
  }

  #shown(written: Written): Written {
    return { ...written, object: scaleOf(this.#paths, written.object) };
  }

  /** A Scale changes the replicas of the Object that it scales. */
  #scalePart(): ObjectPart {
    const { whole } = this.#objects.editor;
    const paths = this.#paths;
    return {
      shown: (current) => scaleOf(paths, current),
      prepare: (current, body, context) => whole.prepare(current, withScale(paths, current, body), context),
      configuration: (body) => ({
        config: scaledBy(paths, this.resource, readConfiguration(this.objectKind, body, scaleSchema)),
        shownVersion: "autoscaling/v1",
      }),
      prepareMerged: whole.prepareMerged,
    };
  }
}
