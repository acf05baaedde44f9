import type { IncomingMessage } from "node:http";
import { type RequestOptions, request } from "node:https";
import type { ConnectionOptions } from "node:tls";
import { tunnel } from "./proxy-tunnel.ts";
import { tlsContext } from "./tls-context.ts";
import type { GitCredentials } from "./transport.ts";

export interface HttpsRequest {
  method: string;
  headers: Record<string, string>;
  body?: Uint8Array | undefined;
  signal: AbortSignal;
  /** Whom to trust, who the client is, and through which proxy it goes. */
  via: Pick<GitCredentials, "ca" | "cert" | "key" | "proxy">;
}

const HEADER_BYTES = 64 * 1024;

/** One request, on a connection of its own. Resolves with the head of the answer; rejects as Node does, or with GitError. */
export async function httpsRequest(
  url: URL,
  { method, headers, body, signal, via }: HttpsRequest,
): Promise<IncomingMessage> {
  const options: RequestOptions & Pick<ConnectionOptions, "secureContext"> = {
    method,
    signal,
    maxHeaderSize: HEADER_BYTES,
    headers: { ...headers, "User-Agent": "wctl", ...(body && { "Content-Length": body.length }) },
    secureContext: tlsContext(via),
    // Also where a variable of the daemon's environment says otherwise.
    rejectUnauthorized: true,
    agent: false,
  };
  const socket = via.proxy === undefined ? undefined : await tunnel(via.proxy, url, signal);
  const tunnelled = socket && ({ ...options, createConnection: undefined, socket } as RequestOptions);
  return new Promise<IncomingMessage>((resolve, reject) => {
    const asked = request(url, tunnelled ?? options, resolve);
    asked.on("error", reject);
    asked.end(body);
  });
}
