import { applyObject } from "../../../../api/apply/apply.ts";
import { isNotFound } from "../../../../api/errors.ts";
import type { HttpClient } from "../../../../api/http/http-client.ts";
import { explainWarning } from "../../../../api/manifests/server-errors.ts";
import type { Key, KubeObject } from "../../../../api/object.ts";
import type { Resource } from "../../../../api/scheme.ts";
import { explainRefusal } from "../../input/explain-refusal.ts";
import type { ManifestObject } from "../../input/manifests.ts";
import { dryRunSuffix } from "../../text/messages.ts";
import { objectName } from "../../text/name.ts";
import { type Validation, writeOptionsOf } from "../../writing/options.ts";
import type { Written } from "../../writing/written.ts";

/** `process.wctl.dev/web created`. */
export interface Applied extends Written {
  resource: Resource;
  key: Key;
}

export interface ApplyFlags {
  "dry-run": "none" | "client" | "server";
  validate: Validation;
  "field-manager": string;
  force: boolean;
  "server-side": boolean;
  "force-conflicts": boolean;
}

/** The manager that is said when nobody chose another. */
export const CLIENT_SIDE_MANAGER = "wctl-client-side-apply";
const SERVER_SIDE_MANAGER = "wctl";

/** The outcome for one object: the server's warnings, and what it did or why it did not. */
export interface Attempt {
  warnings: string[];
  applied?: Applied;
  error?: unknown;
}

/** Applies one object. Errors and warnings of the server get the lines of the file. */
export async function applyManifest(manifest: ManifestObject, flags: ApplyFlags, client: HttpClient): Promise<Attempt> {
  const { resource, key } = manifest;
  const name = objectName(resource, manifest.object.metadata.name);
  const warnings: string[] = [];
  const onWarning = (text: string): unknown => warnings.push(explainWarning(manifest, text));
  try {
    const { outcome, object } = await send(manifest, flags, client, onWarning);
    const message = `${name} ${outcome}${dryRunSuffix(flags["dry-run"])}`;
    return { warnings, applied: { resource, key, object, name, message } };
  } catch (error) {
    return { warnings, error: explainRefusal(manifest, error) };
  }
}

async function send(
  { resource, key, object }: ManifestObject,
  flags: ApplyFlags,
  client: HttpClient,
  onWarning: (text: string) => void,
): Promise<{ outcome: string; object: KubeObject }> {
  if (flags["server-side"]) {
    const chosen = flags["field-manager"];
    const fieldManager = chosen === CLIENT_SIDE_MANAGER ? SERVER_SIDE_MANAGER : chosen;
    const patch = { type: "apply", body: object, force: flags["force-conflicts"] } as const;
    const options = { ...writeOptionsOf(flags), fieldManager, onWarning };
    return { outcome: "serverside-applied", object: await client.patch(resource, key, patch, options) };
  }
  if (flags["dry-run"] !== "client") {
    return applyObject(client, resource, object, {
      ...writeOptionsOf(flags),
      force: flags.force,
      onWarning,
    });
  }
  const missing = await client.get(resource, key).then(
    () => false,
    (error) => {
      if (isNotFound(error)) return true;
      throw error;
    },
  );
  return { outcome: missing ? "created" : "configured", object };
}
