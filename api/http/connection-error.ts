import { StatusError } from "../errors.ts";

/** The server could not be reached, or something else answered in its place. The message is a whole sentence for people, in kubectl's words. */
export class ConnectionError extends StatusError {
  constructor(message: string, cause: unknown) {
    super("ServiceUnavailable", message, { cause });
  }
}

/** What went wrong between here and `server` (a URL), said so that a person knows where to look. */
export function connectionError(server: URL, cause: unknown): ConnectionError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const host = server.host.includes(":") ? server.host : `${server.host}:${server.protocol === "http:" ? 80 : 443}`;
  if (code === "ECONNREFUSED") {
    return new ConnectionError(
      `The connection to the server ${host} was refused - did you specify the right host or port?`,
      cause,
    );
  }
  const known = code === undefined ? undefined : reasons[code];
  return new ConnectionError(
    `Unable to connect to the server: ${known?.(host) ?? `${host}: ${message || code}`}`,
    cause,
  );
}

const untrusted = (host: string): string =>
  `tls: the certificate of ${host} is signed by an unknown authority: is this the kubeconfig of that server?`;

const reasons: Readonly<Record<string, (host: string) => string>> = {
  ENOTFOUND: (host) => `dial tcp: lookup ${host}: no such host`,
  EAI_AGAIN: (host) => `dial tcp: lookup ${host}: the name server does not answer`,
  ETIMEDOUT: (host) => `dial tcp ${host}: timed out`,
  EHOSTUNREACH: (host) => `dial tcp ${host}: no route to host`,
  ENETUNREACH: (host) => `dial tcp ${host}: network is unreachable`,
  ECONNRESET: (host) => `${host} closed the connection`,
  EPIPE: (host) => `${host} closed the connection`,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  CERT_SIGNATURE_FAILURE: untrusted,
  CERT_HAS_EXPIRED: (host) => `tls: the certificate of ${host} has expired`,
  CERT_NOT_YET_VALID: (host) => `tls: the certificate of ${host} is not valid yet: is the clock right?`,
  ERR_TLS_CERT_ALTNAME_INVALID: (host) => `tls: the certificate is not for ${host}`,
  ERR_SSL_WRONG_VERSION_NUMBER: (host) => `${host} gave HTTP response to HTTPS client`,
  EPROTO: (host) => `${host} gave HTTP response to HTTPS client`,
};
