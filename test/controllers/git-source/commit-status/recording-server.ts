import { createPrivateKey, X509Certificate } from "node:crypto";
import { once } from "node:events";
import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { issueCertificate } from "../../../../apiserver/pki/issue.ts";

export interface RecordedRequest {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: unknown;
}

export interface RecordingServer {
  port: number;
  /** PEM of the server's authority. */
  ca: string;
  requests: RecordedRequest[];
  /** What the next requests are answered. */
  answer: (response: ServerResponse, request: RecordedRequest) => void;
  close(): Promise<void>;
}

/** An HTTPS server that writes down what it is asked. */
export async function recordingServer(): Promise<RecordingServer> {
  const validity = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 3_600_000) };
  const ca = await issueCertificate({ subject: { commonName: "commit status CA" }, ...validity, use: { ca: true } });
  const issuer = { certificate: new X509Certificate(ca.cert), key: createPrivateKey(ca.key) };
  const names = { server: ["localhost", "127.0.0.1"] };
  const own = await issueCertificate({ subject: { commonName: "localhost" }, ...validity, use: names }, issuer);
  const server = createServer({ key: own.key, cert: own.cert }, async (request, response) => {
    const { method = "", url = "", headers } = request;
    const recorded = { method, url, headers, body: JSON.parse(await text(request)) as unknown };
    recording.requests.push(recorded);
    recording.answer(response, recorded);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const recording: RecordingServer = {
    port: (server.address() as AddressInfo).port,
    ca: ca.cert,
    requests: [],
    answer: (response) => response.writeHead(201).end("{}"),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return recording;
}
