import type { Duplex } from "node:stream";
import type { Impersonation } from "./impersonation.ts";

/** A server and who we are there: what a kubeconfig resolves to. Certificates and keys are PEM. */
export interface Endpoint {
  /** `https://127.0.0.1:7443`, perhaps with a path before the API's own. */
  server: string;
  ca?: string | Uint8Array;
  cert?: string | Uint8Array;
  key?: string | Uint8Array;
  token?: string;
  /** Expected in the certificate instead of the host's name. */
  tlsServerName?: string;
  insecureSkipTlsVerify?: boolean;
  /** Absent: as ourselves. */
  impersonate?: Impersonation;
}

export interface HttpRequest {
  method: string;
  /** Path and query. */
  path: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  signal?: AbortSignal;
  /** From now, connecting included, until the answer is there: to its end, or to its headers when `streams`. Absent or 0: no limit. */
  timeoutMs?: number;
  /** The answer goes on for a long time: the system checks at intervals whether the other end is still there. */
  streams?: boolean;
  /** The longest time without a byte of the answer; then it rejects with ConnectionError. Absent or 0: no limit. */
  silenceMs?: number;
}

/** The head of an answer; its body in the pieces it comes in. As much of `node:http`'s IncomingMessage as is used. */
export interface HttpAnswer extends AsyncIterable<Uint8Array> {
  readonly statusCode?: number | undefined;
  readonly headers: { readonly "content-encoding"?: string | undefined; readonly "retry-after"?: string | undefined };
  readonly headersDistinct: { readonly warning?: readonly string[] | undefined };
  /** Where it came from, when that was not the server's address. */
  readonly by?: string;
  /** The body was read to its end. */
  readonly complete: boolean;
  /** Ends the connection. */
  destroy(): unknown;
}

/**
 * How requests get to one server. Rejects with ConnectionError, or with the signal's reason. Redirects are not followed: a credential goes to the named
 * server only. What may have changed something is never sent twice.
 */
export interface Transport {
  readonly server: URL;
  /** The answer as soon as its headers are there; the caller reads the body, or destroys it. */
  send(request: HttpRequest): Promise<HttpAnswer>;
  /** The connection itself, once the server has agreed to leave HTTP for this protocol. */
  upgrade(request: HttpRequest, protocol: string): Promise<{ socket: Duplex } | { refused: HttpAnswer }>;
  /** Closes idle connections and breaks busy ones. */
  close(): void;
}

/** Of 1xx answers before the one that counts. Each is short, so without a limit of time only their number ends them. */
export const MOST_INTERIM = 100;

export const late = (ms = 0): Error => new Error(`no answer within ${ms / 1000}s`);
export const quiet = (ms: number): Error => new Error(`nothing was heard for ${ms / 1000}s`);
export const endlessInterim = (): Error => new Error("it sends interim answers without end");
export const leftHttp = (): Error => new Error("it answers with another protocol than HTTP");
export const otherProtocol = (wanted: string): Error => new Error(`it goes on in another protocol than ${wanted}`);
