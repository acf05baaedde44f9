import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { after, describe, it } from "node:test";
import type { TLSSocket } from "node:tls";
import { ConnectionError } from "../../../api/http/connection-error.ts";
import { HttpClient } from "../../../api/http/http-client.ts";
import { processes } from "../../../api/scheme.ts";
import { issueCertificate } from "../../../apiserver/pki/issue.ts";
import { httpClientContract, json, type Lane, serve, web } from "./http-client-contract.ts";

const closers: (() => unknown)[] = [];
after(async () => {
  for (const close of closers.reverse()) await close();
});

const network: Lane = {
  closers,
  async clientOf(server, options) {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new HttpClient({ server: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }, options);
  },
};

describe("HttpClient", () => {
  httpClientContract(network);

  it("keeps one connection for many requests", async () => {
    const { client, connections } = await serve(network, json(web));
    for (let n = 0; n < 5; n++) await client.get(processes, "default/web");
    assert.equal(connections(), 1);
  });

  it("reads again when the kept connection was closed, but never writes again", async () => {
    const answered = new WeakSet<object>();
    const { client, seen } = await serve(network, (response, request) => {
      if (answered.has(request.socket)) request.socket.destroy();
      else json(web)(response);
      answered.add(request.socket);
    });
    await client.get(processes, "default/web");
    await client.get(processes, "default/web");
    assert.deepEqual(
      seen.map(({ method }) => method),
      ["GET", "GET", "GET"],
    );
    await assert.rejects(client.create(processes, web), ConnectionError);
    assert.equal(seen.length, 4);
  });

  it("gives up after the timeout also while it connects, shakes hands, or reads what never ends", async () => {
    const sockets: Socket[] = [];
    const mute = createTcpServer((socket) => void sockets.push(socket.on("error", () => {})));
    await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
    closers.push(() => {
      for (const socket of sockets) socket.destroy();
      mute.close();
    });
    const { port } = mute.address() as AddressInfo;
    const timeoutMs = 100;
    const greeted = new HttpClient({ server: `https://127.0.0.1:${port}` }, { timeoutMs });
    await assert.rejects(greeted.get(processes, "default/web"), /no answer within 0.1s/);
    const unheard = new HttpClient({ server: "https://192.0.2.1" }, { timeoutMs });
    await assert.rejects(unheard.get(processes, "default/web"), ConnectionError);
    const half = await serve(network, (response) => response.writeHead(200).write("{"), { timeoutMs });
    await assert.rejects(half.client.get(processes, "default/web"), /no answer within 0.1s/);
  });

  it("proves who it is, and trusts only its own authority", async () => {
    const span = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 3_600_000) };
    const ca = await issueCertificate({ subject: { commonName: "test" }, ...span, use: { ca: true } });
    const issuer = { certificate: new X509Certificate(ca.cert), key: createPrivateKey(ca.key) };
    const own = await issueCertificate(
      { subject: { commonName: "server" }, ...span, use: { server: ["127.0.0.1", "wctl.test"] } },
      issuer,
    );
    const admin = await issueCertificate({ subject: { commonName: "admin" }, ...span, use: { client: true } }, issuer);
    const seen: { user: unknown; token: string | undefined }[] = [];
    const server = createSecureServer(
      { ...own, ca: ca.cert, requestCert: true, rejectUnauthorized: false },
      (request, response) => {
        const { subject } = (request.socket as TLSSocket).getPeerCertificate();
        seen.push({ user: subject?.CN, token: request.headers.authorization });
        response.end(JSON.stringify(web));
      },
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closers.push(
      () => server.close(),
      () => server.closeAllConnections(),
    );
    const { port } = server.address() as AddressInfo;
    const endpoint = { server: `https://127.0.0.1:${port}`, ca: ca.cert, cert: admin.cert, key: admin.key, token: "t" };
    await new HttpClient(endpoint).get(processes, "default/web");
    assert.deepEqual(seen, [{ user: "admin", token: "Bearer t" }]);
    const { ca: _, ...stranger } = endpoint;
    await assert.rejects(new HttpClient(stranger).get(processes, "default/web"), /signed by an unknown authority/);
    await assert.rejects(
      new HttpClient({ ...endpoint, server: `https://localhost:${port}` }).get(processes, "default/web"),
      /the certificate is not for localhost/,
    );
    await new HttpClient({ ...endpoint, server: `https://localhost:${port}`, tlsServerName: "wctl.test" }).get(
      processes,
      "default/web",
    );
    await new HttpClient({ ...stranger, insecureSkipTlsVerify: true }).get(processes, "default/web");
  });

  it("never sends a token over a line that is not encrypted", async () => {
    const { client: plain, seen } = await serve(network, json(web));
    const client = new HttpClient({ server: plain.server, token: "secret" });
    closers.push(() => client.close());
    await client.get(processes, "default/web");
    assert.equal(seen[0]!.headers.authorization, undefined);
  });

  it("says what is the matter with a connection", async () => {
    const closed = createTcpServer();
    await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const refused = new HttpClient({ server: `https://127.0.0.1:${port}` });
    await assert.rejects(refused.get(processes, "default/web"), {
      reason: "ServiceUnavailable",
      message: `The connection to the server 127.0.0.1:${port} was refused - did you specify the right host or port?`,
    });
    const { client } = await serve(network, json(web));
    const plain = new HttpClient({ server: client.server.replace("http:", "https:") });
    await assert.rejects(plain.get(processes, "default/web"), /gave HTTP response to HTTPS client/);
  });
});
