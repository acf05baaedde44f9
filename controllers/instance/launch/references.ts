import { isIntact } from "../../../api/content/kept-copy.ts";
import { withKeptContent } from "../../../api/content/with-kept-content.ts";
import { headersOf } from "../../../api/instance-references.ts";
import type { Stored } from "../../../api/object.ts";
import type { EnvVar, Instance, KeyRef } from "../../../api/types.generated.ts";
import type { LaunchFile } from "../../../runtime/runtime.ts";
import { filesOf, ownValue, type Sources } from "./files-of.ts";
import { ownVariables } from "./own-variables.ts";

export interface Values {
  env: Record<string, string>;
  args: string[];
  files?: LaunchFile[];
  password?: string;
}

export type Resolved = Values | { missing: string };

/**
 * Resolves what an Instance refers to: the password of its account, and its variables, as for a container in Kubernetes. envFrom comes first and env
 * wins; `$(NAME)` in a value stands for an earlier variable, in an argument for any of them, and `$$(NAME)` is the text itself. No message contains
 * a value, and no command line the value of a Secret (P20).
 */
export function resolveReferences(declared: Stored<Instance>, sources: Sources): Resolved {
  const replaced = replacedCopy(declared, sources);
  if (replaced !== undefined) return { missing: replaced };
  const instance = { ...declared, spec: withKeptContent(declared.spec) };
  try {
    const { env, secret } = environment(instance, sources);
    const args = (instance.spec.args ?? []).map((text, index) => argument(text, `args[${index}]`, env, secret));
    for (const header of headersOf(instance.spec)) headerValue(instance, header, sources);
    const files = filesOf(instance, sources);
    if ("missing" in files) return files;
    const values: Values = { env: Object.fromEntries(env), args, ...(files.length > 0 && { files }) };
    const reference = instance.spec.runAs?.passwordSecretRef;
    if (!reference) return values;
    return { ...values, password: secretValue(instance, reference, sources, "runAs") ?? "" };
  } catch (error) {
    if (error instanceof Missing) return { missing: error.message };
    throw error;
  }
}

/** What is planted under the name of a kept copy is not started with. */
function replacedCopy({ metadata, spec }: Stored<Instance>, { configMaps, secrets }: Sources): string | undefined {
  for (const { kind, name, keptAs } of spec.keptContent ?? []) {
    const copy = (kind === "Secret" ? secrets : configMaps).get(`${metadata.namespace}/${keptAs}`);
    if (keptAs === undefined || !copy || isIntact(copy)) continue;
    return `the ${kind.toLowerCase()} "${keptAs}" is not the content of "${name}" that wctl has kept under this name`;
  }
  return undefined;
}

/** The value of a probe's header; undefined for an optional key that does not exist. Throws for a missing key that is required. */
export function headerValue(
  instance: Stored<Instance>,
  { name, value, valueFrom }: ReturnType<typeof headersOf>[number],
  sources: Sources,
): string | undefined {
  if (!valueFrom?.secretKeyRef) return value ?? "";
  const { secretKeyRef } = valueFrom;
  const found = secretValue(instance, secretKeyRef, sources, `the header ${name}`);
  if (found === undefined || !/[\u0000-\u001f\u007f]/.test(found)) return found;
  throw new Missing(
    `key "${secretKeyRef.key}" of secret "${secretKeyRef.name}" has a line end or another control character and cannot be the header ${name}`,
  );
}

/** All values of Secrets that this Instance is given, without those that cannot be read now. */
export function secretValues(instance: Stored<Instance>, sources: Sources): string[] {
  const { metadata } = instance;
  const spec = withKeptContent(instance.spec);
  const refs = [
    ...(spec.env ?? []).map(({ valueFrom }) => valueFrom?.secretKeyRef),
    ...headersOf(spec).map(({ valueFrom }) => valueFrom?.secretKeyRef),
    ...(spec.files ?? []).map(({ secretRef }) => secretRef),
    spec.runAs?.passwordSecretRef,
  ];
  const dataOf = (name: string): Record<string, string> | undefined =>
    sources.secrets.get(`${metadata.namespace}/${name}`)?.data;
  const single = refs.map((ref) => ref && ownValue(dataOf(ref.name), ref.key));
  const whole = (spec.envFrom ?? []).flatMap(({ secretRef }) =>
    Object.values((secretRef && dataOf(secretRef.name)) ?? {}),
  );
  return [...single, ...whole]
    .filter((value) => value !== undefined)
    .map((value) => Buffer.from(value, "base64").toString());
}

interface Environment {
  env: Map<string, string>;
  /** Names of the variables whose value is, or contains, the value of a Secret. */
  secret: Set<string>;
}

function environment(instance: Stored<Instance>, sources: Sources): Environment {
  const env = new Map<string, string>(ownVariables(instance));
  const own = new Set(env.keys());
  const secret = new Set<string>();
  const set = (name: string, value: string, isSecret: boolean): void => {
    if (own.has(name)) return; // A ConfigMap may have such a key.
    env.set(name, value);
    if (isSecret) secret.add(name);
    else secret.delete(name);
  };
  for (const source of instance.spec.envFrom ?? []) {
    for (const [key, value] of everyKey(instance, source, sources))
      set((source.prefix ?? "") + key, value, source.configMapRef === undefined);
  }
  for (const variable of instance.spec.env ?? []) {
    const value = variableValue(instance, variable, sources);
    if (value === undefined) continue;
    const { name, valueFrom } = variable;
    if (valueFrom) set(name, value, valueFrom.secretKeyRef !== undefined);
    else
      set(
        name,
        expand(value, env),
        namesIn(value).some((used) => secret.has(used)),
      );
  }
  return { env, secret };
}

/** Any user of the machine can read a command line, so no value of a Secret becomes a part of one. */
function argument(text: string, field: string, env: ReadonlyMap<string, string>, secret: ReadonlySet<string>): string {
  return text.replace(/(\$+)\(([A-Za-z_][A-Za-z0-9_.-]*)\)/g, (whole, dollars: string, name: string) => {
    const kept = "$".repeat(Math.floor(dollars.length / 2));
    if (dollars.length % 2 === 0) return `${kept}(${name})`;
    const value = env.get(name);
    if (value === undefined) return whole;
    if (!secret.has(name)) return kept + value;
    throw new Missing(
      `${field}: $(${name}) holds a Secret's value, and every user of the machine can read a command line: let the program read it from its environment, or write $$(${name}) for the text itself`,
    );
  });
}

class Missing extends Error {}

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
    const value = ownValue(sources.configMaps.get(`${namespace}/${name}`)?.data, key);
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
  const value = ownValue(sources.secrets.get(`${instance.metadata.namespace}/${name}`)?.data, key);
  if (value !== undefined) return decode(value, name, key);
  if (optional) return undefined;
  throw new Missing(`key "${key}" of secret "${name}" not found (for ${use})`);
}

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

const REFERENCE = /\$\$|\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)/g;

function expand(value: string, env: ReadonlyMap<string, string>): string {
  return value.replace(REFERENCE, (whole, name?: string) => {
    if (whole === "$$") return "$";
    return (name !== undefined ? env.get(name) : undefined) ?? whole;
  });
}

const namesIn = (value: string): string[] => Array.from(value.matchAll(REFERENCE), ([, name]) => name ?? "");
