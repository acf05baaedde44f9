import { createHash, type KeyObject, verify } from "node:crypto";
import { oneLine } from "../../../lib/one-line.ts";
import { SignatureProblem } from "../signature-problem.ts";
import type { AllowedSigner } from "./allowed-signers.ts";
import { fingerprint, type SshPublicKey } from "./public-key.ts";
import { parseSshSignature, type SshSignature } from "./ssh-signature.ts";
import { WireReader, wireString } from "./wire.ts";

/** What git signs for: a signature of a file or of an e-mail is none of a commit. */
const NAMESPACE = "git";
const LONGEST_NAME = 200;
/** https://fidoalliance.org/specs/fido-v2.1: somebody touched the key. */
const USER_PRESENT = 1;

/** Returns the signer. `date`: when the committer says it was. Throws SignatureProblem. */
export function verifySsh(payload: Uint8Array, armored: string, signers: readonly AllowedSigner[], date: Date): string {
  const parsed = parseSshSignature(armored);
  const shown = fingerprint(parsed.publicKey);
  if (parsed.namespace !== NAMESPACE) {
    const namespace = JSON.stringify(oneLine(parsed.namespace, LONGEST_NAME));
    throw new SignatureProblem(`its signature by the ssh key ${shown} is for ${namespace}, and not for git`);
  }
  const same = signers.filter(({ publicKey }) => publicKey.blob.equals(parsed.publicKey));
  const { publicKey } = same[0] ?? {};
  if (!publicKey) throw new SignatureProblem(`it is signed by the ssh key ${shown}, which is not trusted`);
  if (!isSignedBy(publicKey, parsed, payload)) {
    throw new SignatureProblem(`it is not what the ssh key ${shown} signed: it or its signature was changed`);
  }
  const refusals = same.map((signer) => refusal(signer, date));
  const signer = same[refusals.indexOf(undefined)];
  if (!signer) throw new SignatureProblem(`it is signed by the ssh key ${shown}, ${refusals.at(-1)}`);
  return `${oneLine(signer.name, LONGEST_NAME)} (${shown})`;
}

function refusal({ isForGit, validAfter, validBefore }: AllowedSigner, date: Date): string | undefined {
  if (!isForGit) return "whose namespaces in allowed_signers leave git out";
  if (validAfter && date < validAfter) return `which is valid after ${validAfter.toISOString()} only`;
  if (validBefore && date > validBefore) return `which was valid until ${validBefore.toISOString()}`;
  return undefined;
}

function isSignedBy(publicKey: SshPublicKey, { hash, signature }: SshSignature, payload: Uint8Array): boolean {
  const digest = createHash(hash).update(payload).digest();
  const fields = [NAMESPACE, "", hash, digest].map(wireString);
  return isSignature(publicKey, signature, Buffer.concat([Buffer.from("SSHSIG"), ...fields]));
}

const RSA_HASHES: Record<string, string> = { "rsa-sha2-256": "sha256", "rsa-sha2-512": "sha512" };
const ECDSA_HASHES: Record<string, [hash: string, bytes: number]> = {
  "ecdsa-sha2-nistp256": ["sha256", 32],
  "sk-ecdsa-sha2-nistp256@openssh.com": ["sha256", 32],
  "ecdsa-sha2-nistp384": ["sha384", 48],
  "ecdsa-sha2-nistp521": ["sha512", 66],
};

/** RFC 4253, section 6.6; RFC 5656, 8332 and 8709; PROTOCOL.u2f of OpenSSH. The type of the signature must be that of the trusted key. */
function isSignature({ type, key, application }: SshPublicKey, encoded: Buffer, data: Buffer): boolean {
  const reader = new WireReader(encoded, "its ssh signature");
  const format = reader.text();
  const signature = reader.string();
  const signed = application ? signedBySecurityKey(reader, application, data) : data;
  reader.end();
  if (type === "ssh-rsa") {
    const hash = Object.hasOwn(RSA_HASHES, format) ? RSA_HASHES[format] : undefined;
    if (!hash)
      throw new SignatureProblem("it is signed by an RSA key with a hash that is not trusted: SHA-256 or SHA-512 are");
    return isRsa(key, hash, signature, signed);
  }
  if (format !== type) throw reader.damaged();
  const ecdsa = ECDSA_HASHES[type];
  if (!ecdsa) return signature.length === 64 && verify(null, signed, key, signature);
  const [hash, bytes] = ecdsa;
  const numbers = new WireReader(signature, "its ssh signature");
  const pair = Buffer.concat([padded(numbers, bytes), padded(numbers, bytes)]);
  numbers.end();
  return verify(hash, signed, { key, dsaEncoding: "ieee-p1363" }, pair);
}

function isRsa(key: KeyObject, hash: string, signature: Buffer, data: Buffer): boolean {
  const bytes = Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8);
  if (signature.length > bytes) return false;
  // Some agents leave leading zeros out.
  return verify(hash, data, key, Buffer.concat([Buffer.alloc(bytes - signature.length), signature]));
}

function signedBySecurityKey(reader: WireReader, application: Buffer, data: Buffer): Buffer {
  const flags = reader.byte();
  const counter = reader.take(4);
  if ((flags & USER_PRESENT) === 0) {
    throw new SignatureProblem(
      "it is signed by a security key that nobody touched (no-touch-required), which is not trusted",
    );
  }
  const sha256 = (bytes: Buffer): Buffer => createHash("sha256").update(bytes).digest();
  return Buffer.concat([sha256(application), Buffer.of(flags), counter, sha256(data)]);
}

function padded(reader: WireReader, bytes: number): Buffer {
  const number = reader.positive();
  if (number.length > bytes) throw reader.damaged();
  return Buffer.concat([Buffer.alloc(bytes - number.length), number]);
}
