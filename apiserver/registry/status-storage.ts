import type { Patch } from "../../api/client.ts";
import type { Key, Stored } from "../../api/object.ts";
import type { Resource } from "../../api/scheme.ts";
import type { WriteContext } from "../admission/write-context.ts";
import type { TableConvertor } from "../printing/table.ts";
import type { KindStorage } from "./kind-storage.ts";
import type { Storage, Written } from "./storage.ts";

/** The subresource `status`: it reads as the whole Object does, and writes nothing but `status`. */
export class StatusStorage implements Storage {
  readonly resource: Resource;
  readonly table: TableConvertor;
  readonly #objects: KindStorage;

  constructor(objects: KindStorage) {
    this.resource = objects.resource;
    this.table = objects.table;
    this.#objects = objects;
  }

  get(key: Key): Stored {
    return this.#objects.get(key);
  }

  async update(key: Key, body: unknown, context: WriteContext): Promise<Written> {
    const { editor } = this.#objects;
    return await editor.update(key, body, context, editor.status);
  }

  async patch(key: Key, patch: Patch, context: WriteContext): Promise<Written> {
    const { editor } = this.#objects;
    return await editor.patch(key, patch, context, editor.status);
  }
}
