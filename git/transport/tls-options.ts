import { createSecureContext, rootCertificates, type SecureContextOptions } from "node:tls";
import { GitError } from "../git-error.ts";
import type { GitCredentials } from "./transport.ts";

/** Whom to trust, and who the client is. Throws GitError when what the Secret holds is not that: OpenSSL would say so in the words of a server's fault. */
export function tlsOptions({ ca, cert, key }: GitCredentials): SecureContextOptions {
  if ((cert === undefined) !== (key === undefined))
    throw unusable("tls.crt and tls.key", "one is there without the other");
  if (ca !== undefined) usable("ca.crt", { ca });
  if (cert !== undefined) usable("tls.crt and tls.key", { cert, key });
  return { ...(ca !== undefined && { ca: [...rootCertificates, ca] }), ...(cert !== undefined && { cert, key }) };
}

function usable(keys: string, options: SecureContextOptions): void {
  try {
    createSecureContext(options);
  } catch (error) {
    throw unusable(keys, (error as Error).message);
  }
}

const unusable = (keys: string, why: string): GitError =>
  new GitError(
    "CertificateInvalid",
    `${keys} of spec.secretRef cannot be used (${why}): it must be PEM, a key without a passphrase`,
  );
