import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { HookSecret, HookType } from "./hook-target.ts";

type Check = (token: string, headers: IncomingHttpHeaders, body: Uint8Array) => boolean;

/**
 * How each of them signs: GitHub "Validating webhook deliveries", Gitea and Forgejo "Webhooks", GitLab "Webhooks: secret token" (the token itself, so the body is not
 * signed). Generic: as GitHub, in a header of nobody.
 */
const checks: Readonly<Record<HookType, Check>> = {
  GitHub: (token, headers, body) => isHmac(headers["x-hub-signature-256"], "sha256=", token, body),
  Gitea: (token, headers, body) => isHmac(headers["x-gitea-signature"], "", token, body),
  Generic: (token, headers, body) => isHmac(headers["x-signature-256"], "sha256=", token, body),
  GitLab: (token, headers) => isToken(headers["x-gitlab-token"], token),
};

/** Did somebody send this who knows the token? It compares in constant time. */
export const isSigned = ({ type, token }: HookSecret, headers: IncomingHttpHeaders, body: Uint8Array): boolean =>
  token !== "" && checks[type](token, headers, body);

/** A header that came twice is joined by a comma, and so is no signature. */
function isHmac(header: unknown, prefix: string, token: string, body: Uint8Array): boolean {
  const right = createHmac("sha256", token).update(body).digest();
  if (typeof header !== "string" || !header.startsWith(prefix)) return false;
  const given = header.slice(prefix.length);
  return /^[0-9a-f]{64}$/i.test(given) && timingSafeEqual(Buffer.from(given, "hex"), right);
}

/** Neither its length nor how far it is right can be seen: what is compared are hashes by a key that nobody knows. */
function isToken(header: unknown, token: string): boolean {
  if (typeof header !== "string") return false;
  // Node reads headers as latin1.
  return timingSafeEqual(hashed(Buffer.from(header, "latin1")), hashed(Buffer.from(token, "utf8")));
}

const KEY = randomBytes(32);
const hashed = (bytes: Uint8Array): Buffer => createHmac("sha256", KEY).update(bytes).digest();
