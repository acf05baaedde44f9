import type { HttpClient } from "../../../../api/http/http-client.ts";
import type { KubeObject } from "../../../../api/object.ts";
import type { ManifestObject } from "../../input/manifests.ts";
import { type Validation, withSavedConfig, writeOptionsOf } from "../../writing/options.ts";

export interface PutFlags {
  force: boolean;
  subresource: "status" | undefined;
  "save-config": boolean;
  "dry-run": string;
  validate: Validation;
  "field-manager": string;
}

/** Writes the whole object: a new one after it was deleted, else over the version that is there now, unless the file names a version itself. */
export async function put(
  client: HttpClient,
  { resource, key, object }: ManifestObject,
  flags: PutFlags,
  onWarning: (text: string) => void,
): Promise<KubeObject> {
  const options = { ...writeOptionsOf(flags), onWarning };
  const wanted = await withSavedConfig(object, flags["save-config"]);
  if (flags.force) return client.create(resource, withoutVersion(wanted), options);
  const resourceVersion = object.metadata.resourceVersion ?? (await client.get(resource, key)).metadata.resourceVersion;
  const versioned = { ...wanted, metadata: { ...wanted.metadata, resourceVersion } };
  return flags.subresource === "status"
    ? client.updateStatus(resource, versioned, options)
    : client.update(resource, versioned, options);
}

/** What a new object can't have. */
function withoutVersion<T extends KubeObject>(object: T): T {
  const { resourceVersion: _, uid: __, ...metadata } = object.metadata;
  return { ...object, metadata };
}
