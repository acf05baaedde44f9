import { mergedKeys, type OpenpgpKey, parseOpenpgpKeys } from "./openpgp/openpgp-keys.ts";
import { SignatureProblem } from "./signature-problem.ts";
import { type AllowedSigner, parseAllowedSigners, parsePublicKeys } from "./ssh/allowed-signers.ts";

/** Whose commits count. */
export interface TrustedKeys {
  ssh: readonly AllowedSigner[];
  openpgp: readonly OpenpgpKey[];
}

/**
 * The data of the Secret or ConfigMap of `spec.verify`: `allowed_signers` and `*.pub` (ssh), `*.asc` (OpenPGP). Everything in it must be understood and at
 * least one key be there: a key that is passed over would be missed only when a commit is refused.
 */
export async function parseTrustedKeys(
  entries: Readonly<Record<string, string>>,
): Promise<TrustedKeys | { problem: string }> {
  const ssh: AllowedSigner[] = [];
  const openpgp: OpenpgpKey[] = [];
  for (const [name, text] of Object.entries(entries)) {
    try {
      if (name === "allowed_signers") ssh.push(...parseAllowedSigners(text));
      else if (name.endsWith(".pub")) ssh.push(...parsePublicKeys(text, name));
      else if (name.endsWith(".asc")) openpgp.push(...(await parseOpenpgpKeys(text)));
      else throw new SignatureProblem("is none of allowed_signers, *.pub (ssh) and *.asc (OpenPGP)");
    } catch (error) {
      if (!(error instanceof SignatureProblem)) throw error;
      return { problem: `${name}: ${error.message}` };
    }
  }
  if (ssh.length + openpgp.length === 0) return { problem: "no key is there: allowed_signers, *.pub or *.asc" };
  return { ssh, openpgp: await mergedKeys(openpgp) };
}
