import { oneLine } from "../../lib/one-line.ts";
import { GitError } from "../git-error.ts";

const LONGEST_MESSAGE = 300;

/** Undefined: the answer is good. */
export function refusal(host: string, code: number, isPush: boolean): GitError | undefined {
  if (code === 200) return undefined;
  if (code === 401 || code === 403) {
    return new GitError(
      "AuthenticationFailed",
      `${host} answers ${code}: look at the credentials of spec.secretRef, and at what they may ${isPush ? "push" : "read"}`,
    );
  }
  if (code === 404) {
    return new GitError(
      "FetchFailed",
      `${host} answers 404: there is no such repository, or the credentials of spec.secretRef may not see it`,
    );
  }
  return new GitError("FetchFailed", `${host} answers ${code}`);
}

const OF_TLS = /^(ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_SSL|EPROTO|ERR_OSSL)/;

/** Why a server could not be asked, or its answer broke. */
export function explained(host: string, error: unknown, signal: AbortSignal): GitError {
  if (error instanceof GitError) return error;
  if (signal.aborted) return new GitError("FetchFailed", `${host} did not answer in time`);
  const { code = "", message: all } = error as NodeJS.ErrnoException;
  // It has the names of a certificate, which the server chooses.
  const message = oneLine(all, LONGEST_MESSAGE);
  if (OF_TLS.test(code) || /certificate/i.test(message)) {
    return new GitError(
      "CertificateInvalid",
      `the certificate of ${host} is not trusted (${message}): put its authority as ca.crt into the Secret of spec.secretRef`,
    );
  }
  return new GitError("FetchFailed", `${host} cannot be reached: ${message}`);
}
