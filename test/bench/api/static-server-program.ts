/**
 * A plain HTTPS server that serves what it has: `node static-server-program.ts`, started with an IPC channel. It is told whose answers it shall serve and says at which
 * port. What it is asked for the first time it fetches there, and keeps as it came, compressed or not; "sealed" ends that.
 */
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import { request as httpsRequest } from "node:https";
import type { AddressInfo } from "node:net";
import type { Endpoint } from "../../../api/http/transport.ts";
import { http1To } from "./connection.ts";

export interface StaticOrder {
  endpoint: Endpoint;
  /** Of the server: PEM. */
  key: string;
  cert: string;
}

interface Kept {
  code: number;
  headers: Record<string, string>;
  body: Buffer;
}

const kept = new Map<string, Kept>();
let isSealed = false;

/** What an answer depends on. */
const asked = ({ url, headers }: Http2ServerRequest): string =>
  [url, headers.accept, headers["accept-encoding"]].join("\n");

function fetchFrom(endpoint: Endpoint, { url, headers }: Http2ServerRequest): Promise<Kept> {
  const { accept = "*/*", "accept-encoding": encoding } = headers;
  const path = url;
  const options = {
    ...http1To(endpoint),
    path,
    headers: { accept, ...(encoding ? { "accept-encoding": encoding } : {}) },
  };
  return new Promise((resolve, reject) => {
    httpsRequest(options, async (answer) => {
      const body = Buffer.concat(await answer.toArray());
      const shown = Object.entries(answer.headers).filter(([name]) => /^content-(type|encoding)$/.test(name));
      resolve({ code: answer.statusCode!, headers: Object.fromEntries(shown) as Record<string, string>, body });
    })
      .on("error", reject)
      .end();
  });
}

async function serve(endpoint: Endpoint, request: Http2ServerRequest, response: Http2ServerResponse): Promise<void> {
  if (/[?&]watch=(true|1)/.test(request.url)) {
    response.writeHead(200, { "content-type": "application/json" });
    response.write("\n"); // And then nothing happens.
    return;
  }
  const known = kept.get(asked(request));
  if (!known && isSealed) {
    console.error(`the static server was asked for ${request.url}, which it does not have`);
    response.writeHead(500).end();
    return;
  }
  const { code, headers, body } = known ?? (await fetchFrom(endpoint, request));
  kept.set(asked(request), { code, headers, body });
  response.writeHead(code, { ...headers, "content-length": String(body.length) });
  response.end(body);
}

process.on("message", (order: StaticOrder | "sealed") => {
  if (order === "sealed") {
    isSealed = true;
    return;
  }
  const { endpoint, key, cert } = order;
  const server = createSecureServer({ key, cert, allowHTTP1: true }, (request, response) => {
    void serve(endpoint, request, response);
  });
  server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
});
