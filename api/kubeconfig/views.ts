/** What `wctl config` shows and changes, as pure functions of a kubeconfig. */

import type { JsonObject } from "../../lib/json-object.ts";
import { type Kubeconfig, KubeconfigError } from "./format.ts";
import type { LoadedKubeconfig } from "./kubeconfig.ts";

export interface ContextRow {
  current: boolean;
  name: string;
  cluster: string;
  user: string;
  namespace: string;
}

/** Rows of `config get-contexts`, by name; all of them, or those that are named. */
export function contextRows(config: Kubeconfig, names: readonly string[] = []): ContextRow[] {
  for (const name of names) if (!hasContext(config, name)) throw new KubeconfigError(`context ${name} not found`);
  const shown = (config.contexts ?? []).filter(({ name }) => names.length === 0 || names.includes(name));
  return shown
    .map(({ name, context = {} }) => ({
      current: name === config["current-context"],
      name,
      cluster: String(context.cluster ?? ""),
      user: String(context.user ?? ""),
      namespace: String(context.namespace ?? ""),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

export function currentContext(config: Kubeconfig): string {
  const name = config["current-context"];
  if (!name) throw new KubeconfigError("current-context is not set");
  return name;
}

/** Which file `config use-context` changes, and what it then holds: the one that decides now, else the first. */
export function useContext(
  { config, files }: Pick<LoadedKubeconfig, "config" | "files">,
  name: string,
): { path: string; config: Kubeconfig } {
  if (!hasContext(config, name)) throw new KubeconfigError(`no context exists with the name: "${name}"`);
  const file = files.find((one) => one.config["current-context"]) ?? files[0];
  if (!file) throw new KubeconfigError("there is no kubeconfig to change");
  return { path: file.path, config: { ...file.config, "current-context": name } };
}

/** `config view`: without secrets unless `raw`, only what the current context needs with `minify`. */
export function viewConfig(config: Kubeconfig, { raw = false, minify = false } = {}): Kubeconfig {
  const shown = minify ? minified(config) : config;
  if (raw) return shown;
  return {
    ...shown,
    ...(shown.clusters ? { clusters: shown.clusters.map((one) => ({ ...one, cluster: redacted(one.cluster) })) } : {}),
    ...(shown.users ? { users: shown.users.map((one) => ({ ...one, user: redacted(one.user) })) } : {}),
  };
}

const hasContext = (config: Kubeconfig, name: string): boolean =>
  (config.contexts ?? []).some((one) => one.name === name);

function minified(config: Kubeconfig): Kubeconfig {
  const name = currentContext(config);
  const contexts = (config.contexts ?? []).filter((one) => one.name === name);
  const { cluster, user } = contexts[0]?.context ?? {};
  return {
    ...config,
    contexts,
    clusters: (config.clusters ?? []).filter((one) => one.name === cluster),
    users: (config.users ?? []).filter((one) => one.name === user),
  };
}

/** Everything but what is known to be harmless is a secret: plugins keep theirs in fields of their own. */
const harmless = new Set([
  "server",
  "tls-server-name",
  "insecure-skip-tls-verify",
  "proxy-url",
  "certificate-authority",
  "client-certificate",
  "client-key",
  "tokenFile",
  "token-file",
  "username",
]);

function redacted(fields: JsonObject = {}): JsonObject {
  const shown = Object.entries(fields).map(([field, value]) => {
    if (harmless.has(field)) return [field, value];
    return [field, field.endsWith("-data") ? "DATA+OMITTED" : "REDACTED"];
  });
  return Object.fromEntries(shown);
}
