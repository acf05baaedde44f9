import { createSecureContext, rootCertificates, type SecureContext, type SecureContextOptions } from "node:tls";
import { GitError } from "../git-error.ts";
import type { GitCredentials } from "./transport.ts";

type Certificates = { [name in keyof Pick<GitCredentials, "ca" | "cert" | "key">]: string | undefined };

/** One takes a megabyte beside the heap, and ten milliseconds: for each request anew, a thread that reads many repositories would grow and grow. */
const MOST_KEPT = 8;
/** Used last comes last. */
const kept = new Map<string, SecureContext>();

/** Whom to trust, and who the client is. Throws GitError when what the Secret holds is not that: OpenSSL would say so in the words of a server's fault. */
export function tlsContext({ ca, cert, key }: Certificates): SecureContext {
  const id = JSON.stringify([ca, cert, key]);
  const context = kept.get(id) ?? make({ ca, cert, key });
  kept.delete(id);
  kept.set(id, context);
  const [oldest = ""] = kept.keys();
  if (kept.size > MOST_KEPT) kept.delete(oldest);
  return context;
}

function make({ ca, cert, key }: Certificates): SecureContext {
  if ((cert === undefined) !== (key === undefined))
    throw unusable("tls.crt and tls.key", "one is there without the other");
  const own = cert === undefined ? {} : { cert, key };
  usable("tls.crt and tls.key", own);
  return usable("ca.crt", { ...own, ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }) });
}

function usable(keys: string, options: SecureContextOptions): SecureContext {
  try {
    return createSecureContext(options);
  } catch (error) {
    throw unusable(keys, (error as Error).message);
  }
}

const unusable = (keys: string, why: string): GitError =>
  new GitError(
    "CertificateInvalid",
    `${keys} of the Secret cannot be used (${why}): it must be PEM, a key without a passphrase`,
  );
