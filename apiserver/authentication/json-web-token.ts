import { type KeyObject, sign, verify } from "node:crypto";
import { isObject, type JsonObject } from "../../lib/json-object.ts";

/** A longer text is no token of ours. */
const LONGEST = 8_192;

/** RFC 7515 in its compact form, with ES256 (RFC 7518, 3.4) and nothing else: which algorithm it is does not follow from what a token says. */
export function signToken(claims: object, { id, privateKey }: { id: string; privateKey: KeyObject }): string {
  const signed = `${encoded({ alg: "ES256", kid: id })}.${encoded(claims)}`;
  return `${signed}.${sign("sha256", Buffer.from(signed), asIs(privateKey)).toString("base64url")}`;
}

/** What a token says that one of these keys has signed; undefined for every other text. The signature is checked before anything that it covers is believed. */
export function readToken(token: string, find: (id: string) => KeyObject | undefined): JsonObject | undefined {
  if (token.length > LONGEST) return undefined;
  const [head = "", body = "", signature = "", ...more] = token.split(".");
  if (more.length > 0 || signature === "") return undefined;
  const { alg, kid } = decoded(head) ?? {};
  const key = alg === "ES256" && typeof kid === "string" ? find(kid) : undefined;
  if (!key) return undefined;
  const isOurs = verify("sha256", Buffer.from(`${head}.${body}`), asIs(key), Buffer.from(signature, "base64url"));
  return isOurs ? decoded(body) : undefined;
}

/** Both numbers of the signature one after the other, as JWS wants them, and not in DER. */
const asIs = (key: KeyObject) => ({ key, dsaEncoding: "ieee-p1363" }) as const;

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");

function decoded(part: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
