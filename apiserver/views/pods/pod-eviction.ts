import { badRequest } from "../../../api/errors.ts";
import { makeKey, type Stored } from "../../../api/object.ts";
import { pods, type Resource } from "../../../api/scheme.ts";
import { isObject } from "../../../lib/json-object.ts";
import { assertWellFormed } from "../../admission/well-formed.ts";
import type { WriteContext } from "../../admission/write-context.ts";
import { readDeleteOptions } from "../../registry/delete-options.ts";
import type { GracefulDeleter, Storage, Written } from "../../registry/storage.ts";
import { readTypeMeta } from "../../registry/type-meta.ts";
import { asPods } from "./as-pods.ts";

/** Of this version Evictions were before; they differ in nothing else, and are taken as the real server takes them. */
const OLDER = "policy/v1beta1";

/**
 * The subresource `eviction`: a create deletes the Pod, unless a budget of disruption speaks against it. There are none, so it is a deletion
 * that a role can give by itself. Clients take a 404 for a Pod that is gone already: without this they would pass by one that runs.
 */
export class PodEvictionStorage implements Storage {
  readonly resource = pods as unknown as Resource;
  readonly objectKind = { group: "policy", version: "v1", kind: "Eviction" };
  readonly #instances: GracefulDeleter;

  constructor(instances: GracefulDeleter) {
    this.#instances = instances;
  }

  async create(namespace = "", body: unknown, { name = "", dryRun = false }: WriteContext): Promise<Written> {
    assertWellFormed(body);
    const sent = isObject(body) && body.apiVersion === OLDER ? { ...body, apiVersion: undefined } : body;
    const kind = { ...this.resource, ...this.objectKind };
    const { metadata, deleteOptions } = readTypeMeta({ resource: kind, impliesTypeMeta: true }, sent);
    if (metadata.name !== name) throw badRequest("name in URL does not match name in Eviction object");
    if (metadata.namespace && metadata.namespace !== namespace)
      throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
    const options = readDeleteOptions(deleteOptions ?? {}, "deleteOptions");
    if (dryRun) options.dryRun = true;
    await asPods(() => this.#instances.delete(makeKey(namespace, name), options));
    return { object: success as unknown as Stored, created: true, warnings: [] };
  }
}

const success = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 };
