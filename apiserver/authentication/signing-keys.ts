import { createECDH, createHash, createPrivateKey, createPublicKey, hkdfSync, type KeyObject } from "node:crypto";

/** A pair of keys on P-256. */
export interface SigningKey {
  /** As Kubernetes names its keys: the hash of the public one. */
  id: string;
  privateKey: KeyObject;
  publicKey: KeyObject;
}

/** Of a JSON Web Key Set (RFC 7517). */
export interface PublicKey {
  use: "sig";
  alg: "ES256";
  kid: string;
  kty?: string;
  crv?: string;
  x?: string;
  y?: string;
}

/** Where the secrets lie that they are made of, the one that signs first. */
interface Secrets {
  readonly keys: readonly { key: KeyObject }[];
  /** Throws when there is none. */
  readonly primary: { key: KeyObject };
}

/** The keys that tokens are signed with. Each follows from a secret, so that what is kept, and how it is protected, is the same as for the keys of the Secrets. */
export class SigningKeys {
  readonly #secrets: Secrets;
  readonly #made = new WeakMap<object, SigningKey>();

  constructor(secrets: Secrets) {
    this.#secrets = secrets;
  }

  /** Throws when there is none. */
  get primary(): SigningKey {
    return this.#of(this.#secrets.primary);
  }

  find(id: string): KeyObject | undefined {
    return this.#all.find((key) => key.id === id)?.publicKey;
  }

  /** For whoever checks tokens himself. */
  get published(): PublicKey[] {
    return this.#all.map(({ id, publicKey }) => ({
      use: "sig",
      alg: "ES256",
      kid: id,
      ...publicKey.export({ format: "jwk" }),
    }));
  }

  get #all(): SigningKey[] {
    return this.#secrets.keys.map((secret) => this.#of(secret));
  }

  #of(secret: { key: KeyObject }): SigningKey {
    const made = this.#made.get(secret) ?? signingKey(secret.key.export());
    this.#made.set(secret, made);
    return made;
  }
}

/** The order of P-256 (FIPS 186-5). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** FIPS 186-5, A.2.1: so many more bits than the order has that no number is likelier than another. */
function signingKey(secret: Buffer): SigningKey {
  const bits = Buffer.from(hkdfSync("sha256", secret, "", "wctl tokens of service accounts ES256", 48));
  const number = (BigInt(`0x${bits.toString("hex")}`) % (ORDER - 1n)) + 1n;
  const d = Buffer.from(number.toString(16).padStart(64, "0"), "hex");
  const curve = createECDH("prime256v1");
  curve.setPrivateKey(d);
  const point = curve.getPublicKey(); // A byte for its form, and two numbers.
  const [x, y, secretPart] = [point.subarray(1, 33), point.subarray(33), d].map((part) => part.toString("base64url"));
  const jwk = { kty: "EC", crv: "P-256", x: x!, y: y!, d: secretPart! };
  const privateKey = createPrivateKey({ key: jwk, format: "jwk" });
  const publicKey = createPublicKey(privateKey);
  const id = createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("base64url");
  return { id, privateKey, publicKey };
}
