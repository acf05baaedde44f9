import type { PartialConfig, Signature } from "openpgp";
import { oneLine } from "../../../lib/one-line.ts";
import { SignatureProblem } from "../signature-problem.ts";
import { loadOpenpgp } from "./library.ts";
import type { OpenpgpKey } from "./openpgp-keys.ts";

export const OPENPGP_BEGIN = "-----BEGIN PGP SIGNATURE-----";
const OPENPGP_END = "-----END PGP SIGNATURE-----";
const LONGEST_NAME = 200;

/**
 * Returns the signer. The key must have been valid when it signed, as the signature says, and its own signatures count only with hashes that are not weak;
 * a key that was revoked because somebody else may have it never counts. `latest`: no signature is newer. Throws SignatureProblem.
 */
export async function verifyOpenpgp(
  payload: Uint8Array,
  armored: string,
  keys: readonly OpenpgpKey[],
  latest: Date,
): Promise<string> {
  const { createMessage, verify, enums } = await loadOpenpgp();
  const weak = new Set([enums.hash.md5, enums.hash.ripemd, enums.hash.sha1]);
  const config: PartialConfig = { rejectHashAlgorithms: weak, rejectMessageHashAlgorithms: weak };
  const signature = await parsed(armored);
  const [packet] = signature.packets;
  // A signature of text would hold for other line ends too, and other kinds are of keys.
  if (signature.packets.length !== 1 || packet?.signatureType !== enums.signature.binary) {
    throw new SignatureProblem("its OpenPGP signature is not one signature of bytes");
  }
  const id = packet.issuerKeyID;
  const shown = id.toHex().toUpperCase();
  const key = keys.find((one) => one.getKeys(id).length > 0);
  if (!key) throw new SignatureProblem(`it is signed by the OpenPGP key ${shown}, which is not trusted`);
  const message = await createMessage({ binary: payload });
  const verificationKeys = [key];
  const given = { message, signature, verificationKeys, format: "binary", date: latest, config } as const;
  const { signatures } = await verify(given);
  try {
    if (signatures.length !== 1 || (await signatures[0]?.verified) !== true) throw new Error("it is not verified");
  } catch (error) {
    throw new SignatureProblem(`its signature by the OpenPGP key ${shown} does not count: ${words(error)}`);
  }
  return `${await nameOf(key)} (${key.getFingerprint().toUpperCase()})`;
}

async function parsed(armored: string): Promise<Signature> {
  const { readSignature } = await loadOpenpgp();
  const text = armored.trimEnd();
  const isOne = text.startsWith(OPENPGP_BEGIN) && text.indexOf("-----END") === text.length - OPENPGP_END.length;
  try {
    if (!isOne) throw new Error("no single armored signature");
    return await readSignature({ armoredSignature: text });
  } catch (error) {
    throw new SignatureProblem(`its OpenPGP signature cannot be read: ${words(error)}`);
  }
}

async function nameOf(key: OpenpgpKey): Promise<string> {
  const [user] = key.getUserIDs();
  const primary = await key.getPrimaryUser().catch(() => undefined);
  return oneLine(primary?.user.userID?.userID ?? user ?? "no name", LONGEST_NAME);
}

const words = (error: unknown): string => oneLine(String((error as Error).message).split("\n", 1)[0]!, LONGEST_NAME);
