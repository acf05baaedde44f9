import type { GitCredentials } from "./transport.ts";

/** What people call the parts of credentials, as the keys of a Secret, and what each is; the last of two that mean the same wins. */
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

export const credentialKeys: readonly string[] = KEYS.map(([key]) => key);

/** The credentials in these texts; what is called otherwise, or empty, is passed over. */
export function credentialsIn(texts: Readonly<Record<string, string>>): GitCredentials {
  const credentials: GitCredentials = {};
  for (const [key, field] of KEYS) {
    const text = texts[key]?.trim();
    if (text) credentials[field] = text;
  }
  return credentials;
}
