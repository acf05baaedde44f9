import { request } from "node:http";
import type { Socket } from "node:net";
import { GitError } from "../git-error.ts";

/** A connection to the host of `url` through an HTTP proxy (CONNECT). The proxy's credentials stand in its own URL. */
export async function tunnel(proxy: string, url: URL, signal: AbortSignal): Promise<Socket> {
  const via = URL.canParse(proxy) ? new URL(proxy) : undefined;
  if (via?.protocol !== "http:") {
    throw new GitError(
      "FetchFailed",
      "the key proxy of spec.secretRef must be http://HOST:PORT, with USER:PASSWORD@ where it asks for them",
    );
  }
  const target = `${url.hostname}:${url.port || 443}`;
  const credentials = `${decodeURIComponent(via.username)}:${decodeURIComponent(via.password)}`;
  const headers =
    via.username === "" ? {} : { "Proxy-Authorization": `Basic ${Buffer.from(credentials).toString("base64")}` };
  return new Promise((resolve, reject) => {
    const asked = request({
      host: via.hostname,
      port: via.port || 80,
      method: "CONNECT",
      path: target,
      headers: { Host: target, ...headers },
      signal,
    });
    const failed = (why: string): void => reject(new GitError("FetchFailed", `the proxy ${via.host} ${why}`));
    asked.on("connect", ({ statusCode }, socket) => {
      if (statusCode === 200) return resolve(socket);
      socket.destroy();
      failed(`refuses the connection: it answers ${statusCode}`);
    });
    asked.on("error", ({ message }) => failed(`cannot be reached: ${message}`));
    asked.end();
  });
}
