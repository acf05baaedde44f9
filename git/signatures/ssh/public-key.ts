import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";
import { SignatureProblem } from "../signature-problem.ts";
import { strictBase64, WireReader } from "./wire.ts";

export interface SshPublicKey {
  /** `ssh-ed25519`, `sk-ssh-ed25519@openssh.com` and so on. */
  type: string;
  blob: Buffer;
  key: KeyObject;
  /** Of a security key: what it signs for, `ssh:` as a rule. */
  application?: Buffer;
}

const SHORTEST_RSA_BITS = 2048;
const LONGEST_RSA_BITS = 16_384;
const CURVES: Record<string, { crv: string; bytes: number }> = {
  nistp256: { crv: "P-256", bytes: 32 },
  nistp384: { crv: "P-384", bytes: 48 },
  nistp521: { crv: "P-521", bytes: 66 },
};

type Read = (reader: WireReader) => Omit<SshPublicKey, "type" | "blob">;

const readers: Record<string, Read> = {
  "ssh-ed25519": (reader) => ({ key: ed25519(reader) }),
  "ssh-rsa": (reader) => ({ key: rsa(reader) }),
  "ecdsa-sha2-nistp256": (reader) => ({ key: ecdsa(reader, "nistp256") }),
  "ecdsa-sha2-nistp384": (reader) => ({ key: ecdsa(reader, "nistp384") }),
  "ecdsa-sha2-nistp521": (reader) => ({ key: ecdsa(reader, "nistp521") }),
  "sk-ssh-ed25519@openssh.com": (reader) => ({ key: ed25519(reader), application: reader.string() }),
  "sk-ecdsa-sha2-nistp256@openssh.com": (reader) => ({ key: ecdsa(reader, "nistp256"), application: reader.string() }),
};

export const isKeyType = (word: string): boolean => Object.hasOwn(readers, word);

/** The words of a `.pub` file after each other. Throws SignatureProblem, whose message follows the place of the key. */
export function parsePublicKey(type: string, base64: string): SshPublicKey {
  if (/-cert-v\d+@/.test(type)) throw new SignatureProblem("is a certificate: list the key itself");
  if (!isKeyType(type)) {
    throw new SignatureProblem(`must be an ssh public key of a type in ${Object.keys(readers).join(", ")}`);
  }
  const blob = strictBase64(base64);
  if (!blob) throw new SignatureProblem("has no base64 after the type of its key");
  const reader = new WireReader(blob, "its key");
  if (reader.text() !== type) throw reader.damaged();
  const read = readers[type]!(reader);
  reader.end();
  return { type, blob, ...read };
}

/** As `ssh-keygen -l` shows it. */
export const fingerprint = (blob: Buffer): string =>
  `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;

function ed25519(reader: WireReader): KeyObject {
  const x = reader.string();
  if (x.length !== 32) throw reader.damaged();
  return imported({ kty: "OKP", crv: "Ed25519", x: x.toString("base64url") }, reader);
}

function ecdsa(reader: WireReader, name: string): KeyObject {
  const { crv, bytes } = CURVES[name]!;
  const named = reader.text();
  const point = reader.string();
  const UNCOMPRESSED = 4;
  if (named !== name || point.length !== 1 + 2 * bytes || point[0] !== UNCOMPRESSED) throw reader.damaged();
  const x = point.toString("base64url", 1, 1 + bytes);
  const y = point.toString("base64url", 1 + bytes);
  return imported({ kty: "EC", crv, x, y }, reader);
}

function rsa(reader: WireReader): KeyObject {
  const e = reader.positive();
  const n = reader.positive();
  const bits = n.length * 8 - (Math.clz32(n[0]!) - 24);
  if (bits < SHORTEST_RSA_BITS || bits > LONGEST_RSA_BITS) {
    throw new SignatureProblem(
      `has an RSA key of ${bits} bits: ${SHORTEST_RSA_BITS} to ${LONGEST_RSA_BITS} are trusted`,
    );
  }
  return imported({ kty: "RSA", n: n.toString("base64url"), e: e.toString("base64url") }, reader);
}

function imported(key: JsonWebKey, reader: WireReader): KeyObject {
  try {
    return createPublicKey({ key, format: "jwk" });
  } catch {
    throw reader.damaged();
  }
}
