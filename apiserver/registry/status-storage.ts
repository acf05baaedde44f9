import type { Patch } from "../../api/client.ts";
import type { Key, Stored } from "../../api/object.ts";
import { splitKey } from "../../api/object.ts";
import type { Resource } from "../../api/scheme.ts";
import { assertWellFormed } from "../admission/well-formed.ts";
import type { WriteContext } from "../admission/write-context.ts";
import { applyPatch } from "../patch/apply-patch.ts";
import type { TableConvertor } from "../printing/table.ts";
import type { KindStorage } from "./kind-storage.ts";
import { type Prepared, prepareStatusUpdate } from "./prepare.ts";
import { assertNamedAsUrl } from "./same-object.ts";
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
    assertNamedAsUrl(splitKey(key), body);
    return await this.#objects.change(key, context, (current) => this.#prepare(current, body, context));
  }

  async patch(key: Key, patch: Patch, context: WriteContext): Promise<Written> {
    if (patch.type === "apply") {
      const configuration = this.#objects.configuration(key, patch);
      return await this.#objects.apply(key, configuration, context, (current, body) => {
        return this.#prepare(current, body, context);
      });
    }
    return await this.#objects.change(key, context, (current) => {
      return this.#prepare(current, applyPatch(current, patch, this.#objects.kind.schema), context);
    });
  }

  #prepare(current: Stored, body: unknown, context: WriteContext): Prepared {
    assertWellFormed(body);
    return prepareStatusUpdate(this.#objects.kind, current, body, context);
  }
}
