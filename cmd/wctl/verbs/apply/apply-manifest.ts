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

export interface Applied {
  resource: Resource;
  key: Key;
  object: KubeObject;
  /** `process.wctl.dev/web`. */
  name: string;
  /** `process.wctl.dev/web created`. */
  message: string;
}

export interface ApplyFlags {
  "dry-run": "none" | "client" | "server";
  validate: string;
  "field-manager": string;
  force: boolean;
}

const fieldValidation = { strict: "Strict", true: "Strict", warn: "Warn", ignore: "Ignore", false: "Ignore" } as const;

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
  if (flags["dry-run"] !== "client") {
    return applyObject(client, resource, object, {
      fieldManager: flags["field-manager"],
      dryRun: flags["dry-run"] === "server",
      force: flags.force,
      onWarning,
      fieldValidation: fieldValidation[flags.validate as keyof typeof fieldValidation],
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
