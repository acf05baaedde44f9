import { createHash, randomUUID } from "node:crypto";
import type { Clock } from "../../lib/clock.ts";
import { isObject, type JsonObject } from "../../lib/json-object.ts";
import type { SignedTokens } from "./authenticator.ts";
import { authenticated, type Identity, serviceAccountGroups, serviceAccountUser } from "./identity.ts";
import { readToken, signToken } from "./json-web-token.ts";
import type { PublicKey, SigningKeys } from "./signing-keys.ts";

/** An object, and not a later one of its name. */
export interface Ref {
  name: string;
  uid: string;
}

/** Who a token is for: a ServiceAccount that is there. */
export interface TokenSubject extends Ref {
  namespace: string;
  /** What it ends with besides. Of a Pod with the Node that it is on. */
  bound?: { pod: Ref; node?: Ref } | { secret: Ref } | { node: Ref } | undefined;
}

/** What tokens name. */
export type ObjectKind = "ServiceAccount" | "Pod" | "Secret" | "Node";

interface Parts {
  keys: Pick<SigningKeys, "primary" | "find" | "published">;
  clock: Clock;
  /** The uid of the object of this name as it is now; undefined when there is none, or when tokens shall hold for it no longer. */
  uidOf: (kind: ObjectKind, namespace: string, name: string) => string | undefined;
}

export interface VerifiedToken {
  identity: Identity;
  audiences: readonly string[];
}

/** Who issued them, and whom they are for when nobody says: this API. */
export const ISSUER = "https://wctl.dev";
/** Tokens whose signature need not be checked again. */
const MOST_SEEN = 1_000;
/** Seconds that a clock may have been set back since. */
const SKEW = 60;

/** Tokens of ServiceAccounts, with Kubernetes' claims (RFC 7519). A token ends with its time, with its ServiceAccount, with what it is bound to, or with the key. */
export class ServiceAccountTokens implements SignedTokens {
  readonly #parts: Parts;
  /** By their hash: what is kept lets nobody in. */
  readonly #seen = new Map<string, JsonObject>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** What others can check tokens with. */
  get publicKeys(): readonly PublicKey[] {
    return this.#parts.keys.published;
  }

  /** `audiences`: at least one. Throws when there is no key. */
  issue(subject: TokenSubject, audiences: readonly string[], seconds: number): { token: string; expires: Date } {
    const { keys, clock } = this.#parts;
    const now = Math.floor(clock.wall().getTime() / 1000);
    const { namespace, name, uid, bound } = subject;
    const claims = {
      iss: ISSUER,
      sub: serviceAccountUser(namespace, name),
      aud: audiences,
      iat: now,
      nbf: now,
      exp: now + seconds,
      jti: randomUUID(),
      "kubernetes.io": { namespace, serviceaccount: { name, uid }, ...bound },
    };
    return { token: signToken(claims, keys.primary), expires: new Date((now + seconds) * 1000) };
  }

  /** Undefined for what is no token of ours, is not valid now, or is for none of these audiences. */
  verify(token: string, audiences: readonly string[] = [ISSUER]): VerifiedToken | undefined {
    const claims = this.#read(token);
    if (!claims) return undefined;
    const now = this.#parts.clock.wall().getTime() / 1000;
    const { iss, exp, nbf, aud } = claims;
    if (iss !== ISSUER || typeof exp !== "number" || typeof nbf !== "number" || exp <= now || nbf > now + SKEW)
      return undefined;
    const shared = Array.isArray(aud) ? audiences.filter((one) => aud.includes(one)) : [];
    const identity = shared.length > 0 ? this.#identityIn(claims) : undefined;
    return identity && { identity, audiences: shared };
  }

  /** All that it names is still there, whatever the time is. */
  holds(token: string): boolean {
    const claims = this.#read(token);
    return claims !== undefined && this.#identityIn(claims) !== undefined;
  }

  /** What was signed stays signed as long as the key is there, so that is not computed for each request. */
  #read(token: string): JsonObject | undefined {
    const hash = createHash("sha256").update(token).digest("base64");
    const claims = this.#seen.get(hash) ?? readToken(token, (id) => this.#parts.keys.find(id));
    if (!claims || this.#seen.has(hash)) return claims;
    this.#seen.set(hash, claims);
    const [oldest] = this.#seen.keys();
    if (this.#seen.size > MOST_SEEN && oldest !== undefined) this.#seen.delete(oldest);
    return claims;
  }

  /** What was deleted, or made anew under its name, has another uid, or none. */
  #identityIn({ "kubernetes.io": about, jti }: JsonObject): Identity | undefined {
    if (!isObject(about) || typeof about.namespace !== "string") return undefined;
    const { namespace, serviceaccount: account, pod, secret, node } = about;
    const isThere = (kind: ObjectKind, ref: unknown): boolean =>
      isRef(ref) && this.#parts.uidOf(kind, namespace, ref.name) === ref.uid;
    if (!isRef(account) || !isThere("ServiceAccount", account)) return undefined;
    if (pod !== undefined && !isThere("Pod", pod)) return undefined;
    if (secret !== undefined && !isThere("Secret", secret)) return undefined;
    if (node !== undefined && pod === undefined && !isThere("Node", node)) return undefined;
    const extra = { ...extraOf("credential-id", `JTI=${jti}`), ...extraOfRef("node", node), ...extraOfRef("pod", pod) };
    return authenticated({
      name: serviceAccountUser(namespace, account.name),
      groups: serviceAccountGroups(namespace),
      uid: account.uid,
      extra,
    });
  }
}

const isRef = (value: unknown): value is Ref =>
  isObject(value) && typeof value.name === "string" && typeof value.uid === "string";

const extraOf = (key: string, value: string) => ({ [`authentication.kubernetes.io/${key}`]: [value] });

const extraOfRef = (kind: string, ref: unknown): Record<string, string[]> =>
  isRef(ref) ? { ...extraOf(`${kind}-name`, ref.name), ...extraOf(`${kind}-uid`, ref.uid) } : {};
