import { createHmac, type KeyObject, randomUUID, timingSafeEqual } from "node:crypto";
import type { Clock } from "../../lib/clock.ts";
import { isObject, type JsonObject } from "../../lib/json-object.ts";
import { authenticated, type Identity, serviceAccountGroups, serviceAccountUser } from "./identity.ts";

/** Who a token is for: a ServiceAccount that is there. */
export interface TokenSubject {
  namespace: string;
  name: string;
  uid: string;
}

interface TokenKeys {
  /** Throws when there is none. */
  readonly primary: { id: string; key: KeyObject };
  find(id: string): { key: KeyObject } | undefined;
}

interface Parts {
  keys: TokenKeys;
  clock: Clock;
  /** The uid of the ServiceAccount of this name as it is now; undefined when there is none, or it is going. */
  uidOf: (namespace: string, name: string) => string | undefined;
}

export interface VerifiedToken {
  identity: Identity;
  audiences: readonly string[];
}

/** Who issued them, and whom they are for when nobody says: this API. */
export const ISSUER = "https://wctl.dev";
/** A longer text is no token of ours. */
const LONGEST = 8_192;
const CREDENTIAL = "authentication.kubernetes.io/credential-id";

/**
 * Tokens of ServiceAccounts, with Kubernetes' claims (RFC 7519), signed with HMAC-SHA256 under a key of this data directory: nobody else has to check them.
 * A token ends with its time, with its ServiceAccount, or with the key.
 */
export class ServiceAccountTokens {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** `audiences`: at least one. Throws when there is no key. */
  issue(subject: TokenSubject, audiences: readonly string[], seconds: number): { token: string; expires: Date } {
    const { keys, clock } = this.#parts;
    const { id, key } = keys.primary;
    const now = Math.floor(clock.wall().getTime() / 1000);
    const { namespace, name, uid } = subject;
    const signed = `${encoded({ alg: "HS256", typ: "JWT", kid: id })}.${encoded({
      iss: ISSUER,
      sub: serviceAccountUser(namespace, name),
      aud: audiences,
      iat: now,
      nbf: now,
      exp: now + seconds,
      jti: randomUUID(),
      "kubernetes.io": { namespace, serviceaccount: { name, uid } },
    })}`;
    return {
      token: `${signed}.${signatureOf(signed, key).toString("base64url")}`,
      expires: new Date((now + seconds) * 1000),
    };
  }

  /** Undefined for what is no token of ours, is not valid now, or is for none of these audiences. */
  verify(token: string, audiences: readonly string[] = [ISSUER]): VerifiedToken | undefined {
    const claims = this.#claimsOf(token);
    if (!claims) return undefined;
    const now = this.#parts.clock.wall().getTime() / 1000;
    const { iss, exp, nbf, aud, jti } = claims;
    if (iss !== ISSUER || typeof exp !== "number" || typeof nbf !== "number" || exp <= now || nbf > now + SKEW)
      return undefined;
    const shared = Array.isArray(aud) ? audiences.filter((one) => aud.includes(one)) : [];
    const identity = shared.length > 0 ? this.#identityIn(claims, String(jti)) : undefined;
    return identity && { identity, audiences: shared };
  }

  /** Signed by us. The signature is compared before anything that it covers is believed. */
  #claimsOf(token: string): JsonObject | undefined {
    if (token.length > LONGEST) return undefined;
    const [head = "", body = "", signature = "", ...more] = token.split(".");
    if (more.length > 0 || signature === "") return undefined;
    const { alg, kid } = decoded(head) ?? {};
    const key = alg === "HS256" && typeof kid === "string" ? this.#parts.keys.find(kid)?.key : undefined;
    if (!key) return undefined;
    const [given, wanted] = [Buffer.from(signature, "base64url"), signatureOf(`${head}.${body}`, key)];
    return given.length === wanted.length && timingSafeEqual(given, wanted) ? decoded(body) : undefined;
  }

  /** A ServiceAccount that was deleted, or made anew under its name, has another uid, or none. */
  #identityIn({ "kubernetes.io": about }: JsonObject, jti: string): Identity | undefined {
    if (!isObject(about) || !isObject(about.serviceaccount)) return undefined;
    const { namespace } = about;
    const { name, uid } = about.serviceaccount;
    if (typeof namespace !== "string" || typeof name !== "string" || typeof uid !== "string") return undefined;
    if (this.#parts.uidOf(namespace, name) !== uid) return undefined;
    const extra = { [CREDENTIAL]: [`JTI=${jti}`] };
    return authenticated({
      name: serviceAccountUser(namespace, name),
      groups: serviceAccountGroups(namespace),
      uid,
      extra,
    });
  }
}

/** Seconds that a clock may have been set back since. */
const SKEW = 60;

const signatureOf = (text: string, key: KeyObject): Buffer => createHmac("sha256", key).update(text).digest();

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");

function decoded(part: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
