import type { Client } from "../../api/client.ts";
import { isNotFound } from "../../api/errors.ts";
import { makeKey } from "../../api/object.ts";
import { secrets } from "../../api/scheme.ts";
import type { GitCredentials } from "../../git/transport/transport.ts";
import { SourceUnreadable } from "../source/reader.ts";

/** The keys of a Secret, and what each is; the last of two that mean the same wins. */
const KEYS = [
  ["username", "username"],
  ["token", "password"],
  ["password", "password"],
  ["bearerToken", "bearerToken"],
  ["ca.crt", "ca"],
  ["tls.crt", "cert"],
  ["tls.key", "key"],
  ["ssh-privatekey", "identity"],
  ["identity", "identity"],
  ["known_hosts", "knownHosts"],
  ["proxy", "proxy"],
] as const;

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
  const credentials: GitCredentials = {};
  for (const [key, field] of KEYS) {
    const value = secret.data?.[key];
    const text = Buffer.from(value ?? "", "base64")
      .toString("utf8")
      .trim();
    if (text) credentials[field] = text;
  }
  if (Object.keys(credentials).length > 0) return credentials;
  const known = KEYS.map(([key]) => key).join(", ");
  throw unusable(`the Secret ${JSON.stringify(name)} of spec.secretRef has none of the keys ${known}`);
}

const unusable = (message: string): SourceUnreadable =>
  new SourceUnreadable({ reason: "AuthenticationFailed", message, worthRetrying: true });
