import { SignatureProblem } from "../signature-problem.ts";
import { strictBase64, WireReader } from "./wire.ts";

export interface SshSignature {
  /** Of whom it claims to be. */
  publicKey: Buffer;
  namespace: string;
  hash: "sha256" | "sha512";
  signature: Buffer;
}

export const SSH_BEGIN = "-----BEGIN SSH SIGNATURE-----";
const SSH_END = "-----END SSH SIGNATURE-----";
const VERSION = 1;

/** https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig. Throws SignatureProblem. */
export function parseSshSignature(armored: string): SshSignature {
  const reader = new WireReader(dearmored(armored), "its ssh signature");
  if (reader.take(6).toString("latin1") !== "SSHSIG" || reader.uint32() !== VERSION) throw reader.damaged();
  const publicKey = reader.string();
  const namespace = reader.text();
  const reserved = reader.string();
  const hash = reader.text();
  const signature = reader.string();
  reader.end();
  // Nothing says what it means, so nobody can say what was signed.
  if (reserved.length > 0) throw reader.damaged();
  if (hash !== "sha256" && hash !== "sha512") throw reader.damaged();
  return { publicKey, namespace, hash, signature };
}

function dearmored(armored: string): Buffer {
  const damaged = new SignatureProblem("its ssh signature is damaged");
  const text = armored.endsWith("\n") ? armored.slice(0, -1) : armored;
  if (!text.startsWith(`${SSH_BEGIN}\n`) || !text.endsWith(`\n${SSH_END}`)) throw damaged;
  const bytes = strictBase64(text.slice(SSH_BEGIN.length, -SSH_END.length).replaceAll("\n", ""));
  if (!bytes) throw damaged;
  return bytes;
}
