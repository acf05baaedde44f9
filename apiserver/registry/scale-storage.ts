import type { ApplyPatch, Patch } from "../../api/client.ts";
import { type Key, type Stored, splitKey } from "../../api/object.ts";
import type { Resource } from "../../api/scheme.ts";
import { assertWellFormed } from "../admission/well-formed.ts";
import type { WriteContext } from "../admission/write-context.ts";
import { readConfiguration } from "../apply/configuration.ts";
import type { ScalePaths } from "../kinds/kind.ts";
import { applyPatch } from "../patch/apply-patch.ts";
import type { TableConvertor } from "../printing/table.ts";
import type { KindStorage } from "./kind-storage.ts";
import { assertNamedAsUrl } from "./same-object.ts";
import { scaledBy, scaleOf, scaleSchema, withScale } from "./scale.ts";
import type { Storage, Written } from "./storage.ts";

/** The subresource `scale`: how many copies are wanted and there, as an `autoscaling/v1 Scale`. */
export class ScaleStorage implements Storage {
  readonly resource: Resource;
  readonly table: TableConvertor;
  readonly objectKind = { group: "autoscaling", version: "v1", kind: "Scale" };
  readonly #objects: KindStorage;
  readonly #paths: ScalePaths;

  constructor(objects: KindStorage, paths: ScalePaths) {
    this.resource = objects.resource;
    this.table = objects.table;
    this.#objects = objects;
    this.#paths = paths;
  }

  get(key: Key): Stored {
    return scaleOf(this.#paths, this.#objects.get(key));
  }

  async update(key: Key, body: unknown, context: WriteContext): Promise<Written> {
    assertNamedAsUrl(splitKey(key), body);
    return await this.#change(key, context, () => body);
  }

  async patch(key: Key, patch: Patch, context: WriteContext): Promise<Written> {
    if (patch.type === "apply") return await this.#apply(key, patch, context);
    return await this.#change(key, context, (shown) => applyPatch(shown, patch, this.#objects.kind.schema));
  }

  async #apply(key: Key, { body, force = false }: ApplyPatch, context: WriteContext): Promise<Written> {
    assertWellFormed(body);
    assertNamedAsUrl(splitKey(key), body);
    const scale = readConfiguration(this.objectKind, body, scaleSchema);
    const config = scaledBy(this.#paths, this.resource, scale);
    const configuration = { config, force, shownVersion: "autoscaling/v1" };
    const written = await this.#objects.apply(key, configuration, context, (current, merged) => {
      return this.#objects.prepare(current, merged, context);
    });
    return { ...written, object: scaleOf(this.#paths, written.object) };
  }

  async #change(key: Key, context: WriteContext, bodyFrom: (shown: Stored) => unknown): Promise<Written> {
    const written = await this.#objects.change(key, context, (current) => {
      const body = bodyFrom(scaleOf(this.#paths, current));
      assertWellFormed(body);
      return this.#objects.prepare(current, withScale(this.#paths, current, body), context);
    });
    return { ...written, object: scaleOf(this.#paths, written.object) };
  }
}
