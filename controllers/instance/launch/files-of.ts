import { withKeptContent } from "../../../api/content/with-kept-content.ts";
import type { Stored } from "../../../api/object.ts";
import type { ConfigMap, FileSpec, Instance, Secret } from "../../../api/types.generated.ts";
import type { Lister } from "../../../machinery/lister.ts";
import type { LaunchFile } from "../../../runtime/runtime.ts";

/** What the agent knows of the Secrets and ConfigMaps that its Instances name. */
export interface Sources {
  secrets: Pick<Lister<Secret>, "get">;
  configMaps: Pick<Lister<ConfigMap>, "get">;
}

/** They are in memory while they are written. */
const MOST_BYTES = 8 * 1024 * 1024;

/** The files that an Instance declares, with their content; an optional one whose key does not exist is left out. No message contains a value (P20). */
export function filesOf({ metadata, spec }: Stored<Instance>, sources: Sources): LaunchFile[] | { missing: string } {
  const files: LaunchFile[] = [];
  let bytes = 0;
  for (const file of withKeptContent(spec).files ?? []) {
    const { configMapRef, secretRef, path } = file;
    const content = secretRef
      ? ofSecret(sources.secrets.get(`${metadata.namespace}/${secretRef.name}`), secretRef.key)
      : ofConfigMap(sources.configMaps.get(`${metadata.namespace}/${configMapRef!.name}`), configMapRef!.key);
    const { name, key, optional } = (secretRef ?? configMapRef)!;
    bytes += content?.length ?? 0;
    if (bytes > MOST_BYTES) return { missing: `the files are longer than ${MOST_BYTES} bytes together (with ${path})` };
    if (content) files.push({ path, content, mode: modeOf(file), isSecret: secretRef !== undefined });
    else if (!optional) {
      const what = secretRef ? "secret" : "configmap";
      return { missing: `key "${key}" of ${what} "${name}" not found (for the file ${path})` };
    }
  }
  return files;
}

const modeOf = ({ mode, secretRef }: FileSpec): number => Number.parseInt(mode ?? (secretRef ? "0400" : "0644"), 8);

function ofSecret(secret: Secret | undefined, key: string): Buffer | undefined {
  const value = ownValue(secret?.data, key);
  return value === undefined ? undefined : Buffer.from(value, "base64");
}

function ofConfigMap(configMap: ConfigMap | undefined, key: string): Buffer | undefined {
  const [text, binary] = [ownValue(configMap?.data, key), ownValue(configMap?.binaryData, key)];
  if (text !== undefined) return Buffer.from(text);
  return binary === undefined ? undefined : Buffer.from(binary, "base64");
}

export const ownValue = (record: Record<string, string> | undefined, key: string): string | undefined =>
  record && Object.hasOwn(record, key) ? record[key] : undefined;
