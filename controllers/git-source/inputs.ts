import type { Client } from "../../api/client.ts";
import { isNotFound } from "../../api/errors.ts";
import { makeKey, type Stored } from "../../api/object.ts";
import { configMaps, type Resource, secrets } from "../../api/scheme.ts";
import { Opener } from "../../api/sealing/opener.ts";
import { SealingError } from "../../api/sealing/sealing-error.ts";
import type { ConfigMap, GitSource, Secret } from "../../api/types.generated.ts";
import { isVariableName, type Variable, type Variables } from "../../api/variables/expand.ts";
import { parseTrustedKeys, type TrustedKeys } from "../../git/signatures/trusted-keys.ts";
import { SourceUnreadable } from "../source/reader.ts";

/** What a GitSource names beside its repository. */
export interface Inputs {
  /** Absent: commits need no signature. */
  trusted: TrustedKeys | undefined;
  /** Opens what is sealed; absent: nothing may be. */
  opener: (() => Promise<Opener>) | undefined;
  /** Absent: nothing is replaced. */
  variables: Variables | undefined;
  /** Differs whenever any of it may have changed. */
  version: string;
}

type Reference = { name: string; optional?: boolean } | undefined;

/** Rejects with SourceUnreadable when something is not there, or of no use. */
export async function inputsOf(client: Client, namespace: string, { spec }: Stored<GitSource>): Promise<Inputs> {
  const { verify, decrypt, substitute } = spec;
  const reader = new ContentReader(client, namespace);
  const keys = verify && {
    ...(await reader.texts(secrets, verify.secretRef, "VerificationFailed", "spec.verify")),
    ...(await reader.texts(configMaps, verify.configMapRef, "VerificationFailed", "spec.verify")),
  };
  const identities = decrypt && (await reader.texts(secrets, decrypt.secretRef, "DecryptionFailed", "spec.decrypt"));
  const variables = substitute && (await variablesOf(reader, substitute));
  return {
    trusted: keys && (await trustedOf(keys)),
    opener: identities && (() => openerOf(Object.values(identities))),
    variables,
    version: JSON.stringify([reader.versions, substitute && { variables: substitute.variables }]),
  };
}

/** Reads what is named, and remembers which version of it that was, and what for: what was read unverified must not stand for what is verified. */
class ContentReader {
  readonly versions: string[] = [];
  readonly #client: Client;
  readonly #namespace: string;

  constructor(client: Client, namespace: string) {
    this.#client = client;
    this.#namespace = namespace;
  }

  async texts(
    resource: Resource<Secret> | Resource<ConfigMap>,
    reference: Reference,
    reason: string,
    field: string,
  ): Promise<Record<string, string>> {
    if (reference === undefined) return {};
    const { name, optional = false } = reference;
    const use = `${field} ${resource.kind}`;
    try {
      const found = (await this.#client.get(resource as Resource, makeKey(this.#namespace, name))) as Stored<
        Secret | ConfigMap
      >;
      this.versions.push(`${use} ${found.metadata.uid} ${found.metadata.resourceVersion}`);
      const isSecret = resource.kind === "Secret";
      const text = (value: string): string => (isSecret ? Buffer.from(value, "base64").toString("utf8") : value);
      return Object.fromEntries(Object.entries(found.data ?? {}).map(([key, value]) => [key, text(value)]));
    } catch (error) {
      if (!isNotFound(error)) throw error;
      this.versions.push(`${use} no ${name}`);
      if (optional) return {};
      throw unusable(reason, `the ${resource.kind} ${JSON.stringify(name)} of ${field} is not there`);
    }
  }
}

async function trustedOf(keys: Readonly<Record<string, string>>): Promise<TrustedKeys> {
  const trusted = await parseTrustedKeys(keys);
  if ("problem" in trusted) throw unusable("VerificationFailed", `the keys of spec.verify: ${trusted.problem}`);
  return trusted;
}

async function openerOf(identities: readonly string[]): Promise<Opener> {
  try {
    return await Opener.with(identities);
  } catch (error) {
    if (error instanceof SealingError)
      throw unusable("DecryptionFailed", `the Secret of spec.decrypt: ${error.message}`);
    throw error;
  }
}

async function variablesOf(
  reader: ContentReader,
  { variables = {}, from = [] }: NonNullable<GitSource["spec"]["substitute"]>,
): Promise<Variables> {
  const all = new Map<string, Variable>();
  const add = (texts: Readonly<Record<string, string>>, isSecret: boolean): void => {
    for (const [name, value] of Object.entries(texts)) if (isVariableName(name)) all.set(name, { value, isSecret });
  };
  for (const { configMapRef, secretRef } of from) {
    add(await reader.texts(configMaps, configMapRef, "SubstitutionFailed", "spec.substitute.from"), false);
    add(await reader.texts(secrets, secretRef, "SubstitutionFailed", "spec.substitute.from"), true);
  }
  add(variables, false);
  return all;
}

const unusable = (reason: string, message: string): SourceUnreadable =>
  new SourceUnreadable({ reason, message, worthRetrying: true });
