import type { Key, Stored } from "../../api/object.ts";
import type { Resource } from "../../api/scheme.ts";
import { isObject } from "../../lib/json-object.ts";
import type { WriteContext } from "../admission/write-context.ts";
import type { TableConvertor } from "../printing/table.ts";
import type { KindStorage } from "./kind-storage.ts";
import type { Prepared } from "./prepare.ts";
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
    const { editor } = this.#objects;
    return await editor.update(key, body, context, { ...editor.whole, prepare: (...write) => this.#prepare(...write) });
  }

  #prepare(current: Stored, body: unknown, context: WriteContext): Prepared {
    const { kind, editor } = this.#objects;
    const { metadata, spec } = readTypeMeta(kind, body);
    const { resourceVersion, uid } = metadata;
    const finalizers = (isObject(spec) ? spec.finalizers : undefined) ?? [];
    const next = { ...current, metadata: { ...current.metadata, resourceVersion, uid }, spec: { finalizers } };
    return editor.whole.prepare(current, next, context);
  }
}
