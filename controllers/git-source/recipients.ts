import type { Client } from "../../api/client.ts";
import { isNotFound } from "../../api/errors.ts";
import { makeKey, type Stored } from "../../api/object.ts";
import { secrets } from "../../api/scheme.ts";
import { recipientsFor } from "../../api/sealing/recipients.ts";
import { SealingError } from "../../api/sealing/sealing-error.ts";
import type { GitSource, Secret } from "../../api/types.generated.ts";

/** Who seals for a source needs the public halves of its identities, also while the repository cannot be read. They are computed when the Secret has changed. */
export class Recipients {
  readonly #client: Client;
  #last: { version: string; recipients: readonly string[] } | undefined;

  constructor(client: Client) {
    this.#client = client;
  }

  /** None where there is nothing of use: who reads the repository says why. */
  async of({ metadata: { namespace = "default" }, spec: { decrypt } }: Stored<GitSource>): Promise<readonly string[]> {
    if (!decrypt) return [];
    const secret = await this.#client.get(secrets, makeKey(namespace, decrypt.secretRef.name)).catch(unlessAbsent);
    if (!secret) return [];
    const version = `${secret.metadata.uid} ${secret.metadata.resourceVersion}`;
    if (this.#last?.version !== version) this.#last = { version, recipients: await recipientsOf(secret) };
    return this.#last.recipients;
  }
}

async function recipientsOf({ data = {} }: Secret): Promise<readonly string[]> {
  try {
    return await recipientsFor(Object.values(data).map((value) => Buffer.from(value, "base64").toString("utf8")));
  } catch (error) {
    if (error instanceof SealingError) return [];
    throw error;
  }
}

function unlessAbsent(error: unknown): undefined {
  if (!isNotFound(error)) throw error;
}
