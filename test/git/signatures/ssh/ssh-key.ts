import { createHash, type KeyObject, sign } from "node:crypto";

const MAGIC = "SSHSIG";

/** RFC 4251's `string`. */
export function sshString(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** RFC 4251's `mpint` of a positive number. */
export function sshNumber(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = bytes.subarray(first);
  return sshString(digits[0]! > 0x7f ? Buffer.concat([Buffer.alloc(1), digits]) : digits);
}

/** As a `.pub` file has it, of ed25519 and RSA. */
export function sshLine(key: KeyObject): string {
  const { kty, x, n, e } = key.export({ format: "jwk" });
  const [type, ...fields] =
    kty === "RSA"
      ? ["ssh-rsa", sshNumber(Buffer.from(e!, "base64url")), sshNumber(Buffer.from(n!, "base64url"))]
      : ["ssh-ed25519", sshString(Buffer.from(x!, "base64url"))];
  return `${type} ${Buffer.concat([sshString(type!), ...(fields as Buffer[])]).toString("base64")}`;
}

/** The parts of an SSHSIG, each of which a test may write otherwise. */
export interface SignatureParts {
  publicKey: Buffer;
  signature: Buffer;
  magic?: string;
  version?: number;
  namespace?: string;
  reserved?: string;
  hash?: string;
  more?: Buffer;
}

export function armored(parts: SignatureParts): string {
  const { magic = MAGIC, version = 1, namespace = "git", reserved = "", hash = "sha512" } = parts;
  const number = Buffer.alloc(4);
  number.writeUInt32BE(version);
  const fields = [parts.publicKey, namespace, reserved, hash, parts.signature].map(sshString);
  const blob = Buffer.concat([Buffer.from(magic), number, ...fields, parts.more ?? Buffer.alloc(0)]);
  return `-----BEGIN SSH SIGNATURE-----\n${blob.toString("base64")}\n-----END SSH SIGNATURE-----`;
}

/** What is signed of a payload. */
export function toSign(payload: Uint8Array, hash = "sha512", namespace = "git", reserved = ""): Buffer {
  const digest = createHash(hash).update(payload).digest();
  return Buffer.concat([Buffer.from(MAGIC), ...[namespace, reserved, hash, digest].map(sshString)]);
}

/** A security key in software: PROTOCOL.u2f. */
export class SecurityKey {
  readonly type: string;
  readonly publicKey: Buffer;
  readonly #key: KeyObject;
  readonly #application = "ssh:";

  constructor({ publicKey, privateKey }: { publicKey: KeyObject; privateKey: KeyObject }) {
    const { kty, x, y } = publicKey.export({ format: "jwk" });
    const bytes = (text: string | undefined): Buffer => Buffer.from(text ?? "", "base64url");
    const isEcdsa = kty === "EC";
    this.type = isEcdsa ? "sk-ecdsa-sha2-nistp256@openssh.com" : "sk-ssh-ed25519@openssh.com";
    const key = isEcdsa ? ["nistp256", Buffer.concat([Buffer.of(4), bytes(x), bytes(y)])] : [bytes(x)];
    this.publicKey = Buffer.concat([this.type, ...key, this.#application].map((field) => sshString(field)));
    this.#key = privateKey;
  }

  get line(): string {
    return `${this.type} ${this.publicKey.toString("base64")}`;
  }

  /** The signature within an SSHSIG. */
  sign(data: Buffer, { flags = 1, counter = 7, application = this.#application } = {}): Buffer {
    const sha256 = (bytes: string | Buffer): Buffer => createHash("sha256").update(bytes).digest();
    const besides = Buffer.alloc(5);
    besides.writeUInt8(flags);
    besides.writeUInt32BE(counter, 1);
    const signed = Buffer.concat([sha256(application), besides, sha256(data)]);
    return Buffer.concat([sshString(this.type), sshString(this.#raw(signed)), besides]);
  }

  #raw(signed: Buffer): Buffer {
    if (this.#key.asymmetricKeyType === "ed25519") return sign(null, signed, this.#key);
    const pair = sign("sha256", signed, { key: this.#key, dsaEncoding: "ieee-p1363" });
    return Buffer.concat([sshNumber(pair.subarray(0, 32)), sshNumber(pair.subarray(32))]);
  }
}
