import { request } from "node:http";
import type { Socket } from "node:net";
import { GitError, type GitFailure } from "../git-error.ts";

const NOT_LET_IN = "answers 407: look at USER:PASSWORD@ in the key proxy of spec.secretRef";

/** A connection to the host of `url` through an HTTP proxy (CONNECT). The proxy's credentials stand in its own URL. */
export async function tunnel(proxy: string, url: URL, signal: AbortSignal): Promise<Socket> {
  const via = URL.canParse(proxy) ? new URL(proxy) : undefined;
  const credentials = via && decoded(`${via.username}:${via.password}`);
  if (via?.protocol !== "http:" || credentials === undefined) {
    throw new GitError(
      "FetchFailed",
      "the key proxy of spec.secretRef must be http://HOST:PORT, with USER:PASSWORD@ where it asks for them",
    );
  }
  const target = `${url.hostname}:${url.port || 443}`;
  const headers =
    via.username === "" ? {} : { "Proxy-Authorization": `Basic ${Buffer.from(credentials).toString("base64")}` };
  return new Promise((resolve, reject) => {
    const asked = request({
      // Names are looked up, and an address in brackets is none.
      host: via.hostname.replace(/^\[(.*)\]$/, "$1"),
      port: via.port || 80,
      method: "CONNECT",
      path: target,
      headers: { Host: target, ...headers },
      signal,
    });
    const failed = (why: string, reason: GitFailure = "FetchFailed"): void =>
      reject(new GitError(reason, `the proxy ${via.host} ${why}`));
    asked.on("connect", ({ statusCode }, socket) => {
      if (statusCode === 200) return resolve(socket);
      socket.destroy();
      if (statusCode === 407) return failed(NOT_LET_IN, "AuthenticationFailed");
      failed(`refuses the connection: it answers ${statusCode}`);
    });
    asked.on("error", ({ message }) =>
      failed(signal.aborted ? "did not answer in time" : `cannot be reached: ${message}`),
    );
    asked.end();
  });
}

/** A % that is none of an escape stands for nothing. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
