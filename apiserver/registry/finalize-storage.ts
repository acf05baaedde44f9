import { type Key, splitKey } from "../../api/object.ts";
import type { Resource } from "../../api/scheme.ts";
import { isObject } from "../../lib/json-object.ts";
import { assertWellFormed } from "../admission/well-formed.ts";
import type { WriteContext } from "../admission/write-context.ts";
import type { TableConvertor } from "../printing/table.ts";
import type { KindStorage } from "./kind-storage.ts";
import { assertNamedAsUrl } from "./same-object.ts";
import type { Storage, Written } from "./storage.ts";
import { readTypeMeta } from "./type-meta.ts";

/**
 * The subresource `finalize` of Namespaces: of one that is being deleted it says which finalizers are left, and nothing else of it is read. It goes
 * when none is, and nothing is in it any more.
 */
export class FinalizeStorage implements Storage {
  readonly resource: Resource;
  readonly table: TableConvertor;
  readonly #objects: KindStorage;

  constructor(objects: KindStorage) {
    this.resource = objects.resource;
    this.table = objects.table;
    this.#objects = objects;
  }

  async update(key: Key, body: unknown, context: WriteContext): Promise<Written> {
    assertNamedAsUrl(splitKey(key), body);
    assertWellFormed(body);
    const { metadata, spec } = readTypeMeta(this.#objects.kind, body);
    const finalizers = (isObject(spec) ? spec.finalizers : undefined) ?? [];
    return await this.#objects.change(key, context, (current) => {
      const { resourceVersion, uid } = metadata;
      const next = { ...current, metadata: { ...current.metadata, resourceVersion, uid }, spec: { finalizers } };
      return this.#objects.prepare(current, next, context);
    });
  }
}
