import type { PublicKey } from "openpgp";
import { oneLine } from "../../../lib/one-line.ts";
import { SignatureProblem } from "../signature-problem.ts";
import { loadOpenpgp } from "./library.ts";

/** With its subkeys, names and revocations. */
export type OpenpgpKey = PublicKey;

const BEGIN = "-----BEGIN PGP ";
const LONGEST_MESSAGE = 200;

/** What `gpg --armor --export` prints, once or several times. Throws SignatureProblem, whose message follows the name of the entry. */
export async function parseOpenpgpKeys(text: string): Promise<OpenpgpKey[]> {
  const { readKeys } = await loadOpenpgp();
  const blocks = text.split(BEGIN).slice(1);
  if (blocks.length === 0) throw new SignatureProblem("has no armored key (-----BEGIN PGP PUBLIC KEY BLOCK-----)");
  const keys: OpenpgpKey[] = [];
  for (const block of blocks) {
    if (!block.startsWith("PUBLIC KEY BLOCK-----")) {
      throw new SignatureProblem("has something else than public keys: export those, with gpg --armor --export");
    }
    try {
      keys.push(...(await readKeys({ armoredKeys: BEGIN + block })));
    } catch (error) {
      throw new SignatureProblem(
        `has a key that cannot be read: ${oneLine((error as Error).message, LONGEST_MESSAGE)}`,
      );
    }
  }
  if (keys.some((key) => key.isPrivate())) throw new SignatureProblem("has a private key: export the public one");
  return keys;
}

/** Copies of one key become one, as gpg imports them: what one of them knows (that it was revoked, or lives longer) holds. */
export async function mergedKeys(keys: readonly OpenpgpKey[]): Promise<OpenpgpKey[]> {
  const merged = new Map<string, OpenpgpKey>();
  for (const key of keys) {
    const id = key.getFingerprint();
    const before = merged.get(id);
    merged.set(id, before ? await before.update(key) : key);
  }
  return [...merged.values()];
}
