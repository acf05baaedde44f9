import type { Client } from "../../api/client.ts";
import { isNotFound } from "../../api/errors.ts";
import { makeKey } from "../../api/object.ts";
import { secrets } from "../../api/scheme.ts";
import { credentialKeys, credentialsIn } from "../../git/transport/credentials.ts";
import type { GitCredentials } from "../../git/transport/transport.ts";
import { SourceUnreadable } from "../source/reader.ts";

/** Of the Secret that a GitSource names; none when it names none. Rejects with SourceUnreadable when the Secret is not there, or has nothing of use. */
export async function credentialsOf(
  client: Client,
  namespace: string,
  name: string | undefined,
): Promise<GitCredentials> {
  if (name === undefined) return {};
  const secret = await client.get(secrets, makeKey(namespace, name)).catch((error: unknown) => {
    if (isNotFound(error)) throw unusable(`the Secret ${JSON.stringify(name)} of spec.secretRef is not there`);
    throw error;
  });
  const text = (value: string): string => Buffer.from(value, "base64").toString("utf8");
  const texts = Object.entries(secret.data ?? {}).map(([key, value]) => [key, text(value)]);
  const credentials = credentialsIn(Object.fromEntries(texts));
  if (Object.keys(credentials).length > 0) return credentials;
  throw unusable(
    `the Secret ${JSON.stringify(name)} of spec.secretRef has none of the keys ${credentialKeys.join(", ")}`,
  );
}

const unusable = (message: string): SourceUnreadable =>
  new SourceUnreadable({ reason: "AuthenticationFailed", message, worthRetrying: true });
