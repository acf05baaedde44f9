import { OPENPGP_BEGIN, verifyOpenpgp } from "./openpgp/verify-openpgp.ts";
import { SignatureProblem } from "./signature-problem.ts";
import { SSH_BEGIN } from "./ssh/ssh-signature.ts";
import { verifySsh } from "./ssh/verify-ssh.ts";
import type { TrustedKeys } from "./trusted-keys.ts";

export interface SignedCommit {
  /** The bytes of the commit without its signature. */
  payload: Uint8Array;
  signature?: string;
}

/** Of its armor. Signatures by the largest keys have a third of it. */
const LONGEST_SIGNATURE = 16 * 1024;
/** The clock of who signs may be ahead of that of this host. */
const SKEW_MS = 10 * 60_000;

/**
 * Who signed the commit, for people: `alice@example.com (SHA256:...)`, `Alice <alice@example.com> (40 hex digits)`; or why it does not count, a sentence
 * about "it". Whoever wrote the repository wrote both; whatever they are, this does not throw. When the commit was signed is the signer's own word (the
 * date of an OpenPGP signature, the committer's date for ssh): a key that others may have is taken out of the trusted ones, or revoked.
 */
export async function verifyCommit(
  { payload, signature }: SignedCommit,
  trusted: TrustedKeys,
  now: Date,
): Promise<{ signer: string } | { problem: string }> {
  try {
    if (signature === undefined) throw new SignatureProblem("it is not signed");
    if (signature.length > LONGEST_SIGNATURE) {
      throw new SignatureProblem(`its signature has more than ${LONGEST_SIGNATURE} characters`);
    }
    const headers = headersOf(payload);
    checkHeaders(headers, signature);
    const latest = new Date(now.getTime() + SKEW_MS);
    if (signature.startsWith(SSH_BEGIN)) {
      return { signer: verifySsh(payload, signature, trusted.ssh, committedAt(headers, latest)) };
    }
    if (!signature.startsWith(OPENPGP_BEGIN)) {
      throw new SignatureProblem("its signature is neither one of ssh nor of OpenPGP (X.509 is not known here)");
    }
    if (trusted.openpgp.length === 0) throw new SignatureProblem("it is signed by an OpenPGP key, and none is trusted");
    return { signer: await verifyOpenpgp(payload, signature, trusted.openpgp, latest) };
  } catch (error) {
    // What a library throws at bytes like these is no proof of anything either.
    return { problem: error instanceof SignatureProblem ? error.message : "its signature cannot be read" };
  }
}

/** Without the lines that go on with the one before. */
function headersOf(payload: Uint8Array): string[] {
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString("latin1");
  const end = text.indexOf("\n\n");
  const lines = (end < 0 ? text : text.slice(0, end)).split("\n");
  return lines.filter((line) => !line.startsWith(" "));
}

/** Keys sign tags and pushes in the same way. */
function checkHeaders(headers: readonly string[], signature: string): void {
  if (!headers[0]?.startsWith("tree ")) throw new SignatureProblem("it is no commit");
  const isSecond = headers.some((header) => header.startsWith("gpgsig"));
  if (isSecond || signature.split("-----BEGIN ").length > 2)
    throw new SignatureProblem("it has more than one signature");
}

function committedAt(headers: readonly string[], latest: Date): Date {
  const committers = headers.filter((header) => header.startsWith("committer "));
  const seconds = /> (\d{1,11}) [+-]\d{4}$/.exec(committers.length === 1 ? committers[0]! : "")?.[1];
  if (seconds === undefined) throw new SignatureProblem("it does not say when it was committed");
  const date = new Date(Number(seconds) * 1000);
  if (date > latest) throw new SignatureProblem(`it was committed in the future (${date.toISOString()})`);
  return date;
}
