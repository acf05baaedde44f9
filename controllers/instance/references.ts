import type { Stored } from "../../api/object.ts";
import type { ConfigMap, EnvVar, Instance, KeyRef, Secret } from "../../api/types.generated.ts";
import type { Lister } from "../../machinery/lister.ts";

export interface Sources {
  secrets: Lister<Secret>;
  configMaps: Lister<ConfigMap>;
}

export type Resolved = { env: Record<string, string>; password?: string } | { missing: string };

/**
 * What an Instance refers to, followed: the password of its account, and the declared variables as for a container in Kubernetes: envFrom first, env wins, and
 * `$(NAME)` in a value names an earlier variable (`$$(NAME)` is the text itself). Values never appear in messages (P20).
 */
export function resolveReferences(instance: Stored<Instance>, sources: Sources): Resolved {
  try {
    const env = Object.fromEntries(environment(instance, sources));
    const reference = instance.spec.runAs?.passwordSecretRef;
    if (!reference) return { env };
    return { env, password: secretValue(instance, reference, sources, "runAs") ?? "" };
  } catch (error) {
    if (error instanceof Missing) return { missing: error.message };
    throw error;
  }
}

function environment(instance: Stored<Instance>, sources: Sources): Map<string, string> {
  const env = new Map<string, string>(identity(instance));
  for (const source of instance.spec.envFrom ?? []) {
    for (const [name, value] of everyKey(instance, source, sources)) env.set((source.prefix ?? "") + name, value);
  }
  for (const variable of instance.spec.env ?? []) {
    const value = variableValue(instance, variable, sources);
    if (value !== undefined) env.set(variable.name, variable.valueFrom ? value : expand(value, env));
  }
  return env;
}

class Missing extends Error {}

function identity(instance: Stored<Instance>): [string, string][] {
  return [
    ["WCTL_NAMESPACE", instance.metadata.namespace ?? ""],
    ["WCTL_INSTANCE_NAME", instance.metadata.name],
    ["WCTL_INSTANCE_INDEX", String(instance.spec.index)],
  ];
}

type EnvFrom = NonNullable<Instance["spec"]["envFrom"]>[number];

function everyKey(instance: Stored<Instance>, source: EnvFrom, sources: Sources): [string, string][] {
  const namespace = instance.metadata.namespace;
  const reference = source.configMapRef ?? source.secretRef;
  if (!reference) return [];
  const key = `${namespace}/${reference.name}`;
  const optional = reference.optional === true;
  if (source.configMapRef) {
    const found = sources.configMaps.get(key);
    if (!found && !optional) throw new Missing(`configmap "${reference.name}" not found`);
    return Object.entries(found?.data ?? {});
  }
  const found = sources.secrets.get(key);
  if (!found && !optional) throw new Missing(`secret "${reference.name}" not found`);
  return Object.entries(found?.data ?? {}).map(([name, value]) => [name, decode(value, reference.name, name)]);
}

function variableValue(instance: Stored<Instance>, variable: EnvVar, sources: Sources): string | undefined {
  const from = variable.valueFrom;
  if (!from) return variable.value ?? "";
  const namespace = instance.metadata.namespace;
  if (from.fieldRef) return fieldOf(instance, from.fieldRef.fieldPath);
  if (from.configMapKeyRef) {
    const { name, key, optional } = from.configMapKeyRef;
    const value = own(sources.configMaps.get(`${namespace}/${name}`)?.data, key);
    if (value === undefined && !optional)
      throw new Missing(`key "${key}" of configmap "${name}" not found (for ${variable.name})`);
    return value;
  }
  if (from.secretKeyRef) return secretValue(instance, from.secretKeyRef, sources, variable.name);
  return undefined;
}

/** Undefined only for an optional key. */
function secretValue(instance: Stored<Instance>, from: KeyRef, sources: Sources, use: string): string | undefined {
  const { name, key, optional } = from;
  const value = own(sources.secrets.get(`${instance.metadata.namespace}/${name}`)?.data, key);
  if (value !== undefined) return decode(value, name, key);
  if (optional) return undefined;
  throw new Missing(`key "${key}" of secret "${name}" not found (for ${use})`);
}

const own = (record: Record<string, string> | undefined, key: string): string | undefined =>
  record && Object.hasOwn(record, key) ? record[key] : undefined;

function fieldOf(instance: Stored<Instance>, path: string): string {
  const fields: Record<string, string | undefined> = {
    "metadata.name": instance.metadata.name,
    "metadata.namespace": instance.metadata.namespace,
    "metadata.uid": instance.metadata.uid,
    "spec.nodeName": instance.spec.nodeName,
    "spec.index": String(instance.spec.index),
  };
  return fields[path] ?? "";
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** A secret's value becomes a variable only when it is text without NUL. */
function decode(base64: string, secret: string, key: string): string {
  try {
    const text = utf8.decode(Buffer.from(base64, "base64"));
    if (!text.includes("\0")) return text;
  } catch {
    // falls through to the same message
  }
  throw new Missing(`key "${key}" of secret "${secret}" is not text and cannot be an environment variable`);
}

function expand(value: string, env: ReadonlyMap<string, string>): string {
  return value.replace(/\$\$|\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)/g, (whole, name?: string) => {
    if (whole === "$$") return "$";
    return (name !== undefined ? env.get(name) : undefined) ?? whole;
  });
}
