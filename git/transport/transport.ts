import type { GitUrl } from "../../api/git/git-url.ts";

/** What a Secret says of a repository; each as text, as it stands there. */
export interface GitCredentials {
  /** With a password, or a token as the password. */
  username?: string;
  password?: string;
  bearerToken?: string;
  /** PEM: whom to trust beside, or instead of, the system's authorities. */
  ca?: string;
  /** PEM: the client's own certificate. */
  cert?: string;
  key?: string;
  /** ssh: the private key, and the lines of known_hosts. */
  identity?: string;
  knownHosts?: string;
  /** `http://USER:PASSWORD@HOST:PORT`. */
  proxy?: string;
}

export interface GitRemote {
  url: GitUrl;
  credentials: GitCredentials;
}

/** Of one conversation with a server. */
export interface TransportLimits {
  /** Bytes that may be received in one answer. */
  bytes: number;
  signal: AbortSignal;
}

export interface TransportRequest {
  url: string;
  method?: string | undefined;
  headers?: Record<string, string> | undefined;
  body?: AsyncIterable<Uint8Array> | Iterable<Uint8Array> | undefined;
}

export interface TransportAnswer {
  url: string;
  method: string;
  headers: Record<string, string>;
  body: AsyncIterableIterator<Uint8Array>;
  statusCode: number;
  statusMessage: string;
}

/**
 * Git's smart HTTP, as the library asks for it (its `HttpClient`). Rejects with GitError. Credentials belong to the host of the remote and are sent nowhere
 * else.
 */
export interface Transport {
  /** What the library calls the repository: always https, since it knows no other scheme. */
  readonly url: string;
  request(request: TransportRequest): Promise<TransportAnswer>;
  /** What it began ends with it. */
  close(): Promise<void>;
}
