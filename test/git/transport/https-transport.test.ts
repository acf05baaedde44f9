import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttpsServer, type Server } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import { after, before, beforeEach, describe, it } from "node:test";
import type { TLSSocket } from "node:tls";
import { parseGitUrl } from "../../../api/git/git-url.ts";
import { issueCertificate, type KeyPair } from "../../../apiserver/pki/issue.ts";
import type { GitFailure } from "../../../git/git-error.ts";
import { createTransport } from "../../../git/transport/create-transport.ts";
import type { GitCredentials } from "../../../git/transport/transport.ts";

const never = new AbortController().signal;
const MOST = 100_000;
const validity = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 3_600_000) };
const authority = async (commonName: string): Promise<KeyPair> =>
  issueCertificate({ subject: { commonName }, ...validity, use: { ca: true } });
const issuerOf = (ca: KeyPair) => ({ certificate: new X509Certificate(ca.cert), key: createPrivateKey(ca.key) });
const portOf = (server: { address(): unknown }): number => (server.address() as AddressInfo).port;
const failsBy = (asked: Promise<unknown>, reason: GitFailure, message: RegExp) =>
  assert.rejects(asked, (error: { reason?: string; message: string }) => {
    assert.match(error.message, message);
    assert.equal(error.reason, reason, error.message);
    assert.doesNotMatch(error.message, /s3cret|PRIVATE/);
    return true;
  });

describe("a repository over HTTPS", () => {
  let ca: KeyPair;
  let own: KeyPair;
  let server: Server;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  const seen: IncomingMessage[] = [];

  before(async () => {
    ca = await authority("git test CA");
    const names = { server: ["localhost"] };
    own = await issueCertificate({ subject: { commonName: "localhost" }, ...validity, use: names }, issuerOf(ca));
    const options = { key: own.key, cert: own.cert, ca: ca.cert, requestCert: true, rejectUnauthorized: false };
    server = createHttpsServer(options, (request, response) => {
      seen.push(request);
      answer(request, response);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    seen.length = 0;
    answer = (_, response) => response.end("all of it");
  });

  const ask = async (credentials: GitCredentials = {}, signal = never): Promise<string> => {
    const url = parseGitUrl(`https://localhost:${portOf(server)}/x.git`);
    if (typeof url === "string") throw new Error(url);
    const transport = createTransport(
      { url, credentials: { ca: ca.cert, ...credentials } },
      { bytes: MOST, signal },
      "/nowhere",
    );
    try {
      const { body } = await transport.request({ url: `${transport.url}/info/refs?service=git-upload-pack` });
      const chunks: Uint8Array[] = [];
      for await (const chunk of body) chunks.push(chunk);
      return Buffer.concat(chunks).toString();
    } catch (error) {
      assert.equal(transport.failure, error, "which the library may not pass on");
      throw error;
    }
  };

  it("shows the client certificate that it was given, and none else", async () => {
    const use = { client: true } as const;
    const mine = await issueCertificate({ subject: { commonName: "fleet" }, ...validity, use }, issuerOf(ca));
    answer = ({ socket }, response) => {
      const peer = (socket as TLSSocket).getPeerCertificate();
      response.writeHead((socket as TLSSocket).authorized ? 200 : 403).end(String(peer.subject?.CN));
    };
    assert.equal(await ask({ cert: mine.cert, key: mine.key }), "fleet");
    await failsBy(ask(), "AuthenticationFailed", /answers 403/);
    const stranger = await issueCertificate(
      { subject: { commonName: "fleet" }, ...validity, use },
      issuerOf(await authority("another")),
    );
    await failsBy(ask({ cert: stranger.cert, key: stranger.key }), "AuthenticationFailed", /answers 403/);
    await failsBy(ask({ cert: mine.cert, key: stranger.key }), "CertificateInvalid", /tls\.crt and tls\.key/);
    await failsBy(ask({ cert: "no certificate", key: "no key" }), "CertificateInvalid", /tls\.crt and tls\.key/);
    await failsBy(ask({ cert: mine.cert }), "CertificateInvalid", /tls\.crt and tls\.key/);
  });

  /** As the library has it: the URL is the caller's. */
  const transportOf = (path = "/x.git", credentials: GitCredentials = {}, host = "localhost") => {
    const url = parseGitUrl(`https://${host}:${portOf(server)}${path}`);
    if (typeof url === "string") throw new Error(url);
    const remote = { url, credentials: { ca: ca.cert, ...credentials } };
    return createTransport(remote, { bytes: MOST, signal: never }, "/nowhere");
  };

  it("asks no other server, whatever URL it is given", async () => {
    const transport = transportOf("/x.git", { bearerToken: "s3cret" }, "127.0.0.1");
    const here = `127.0.0.1:${portOf(server)}`;
    for (const url of [
      `https://localhost:${portOf(server)}/x.git/info/refs`,
      `http://${here}/x.git/info/refs`,
      `https://user@${here}/x.git/info/refs`,
      "https://127.0.0.1:1/x.git/info/refs",
    ])
      await failsBy(transport.request({ url }), "FetchFailed", /another server was to be asked/);
    assert.equal(seen.length, 0);
  });

  it("is asked without the slashes at the end of its URL, as git asks", async () => {
    const transport = transportOf("/x.git//");
    await transport.request({ url: `${transport.url}/info/refs` });
    assert.equal(seen[0]?.url, "/x.git/info/refs");
    await transport.close();
  });

  it("reads nothing of an answer that redirects", { timeout: 10_000 }, async () => {
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    answer = ({ url }, response) => {
      if (url?.startsWith("/moved/")) return response.end("all of it");
      response.on("close", resolve).writeHead(302, { location: "/moved/x.git" });
      const more = (): void => void (response.destroyed || response.write("x".repeat(65_536), more));
      more();
    };
    assert.equal(await ask(), "all of it");
    await ended;
  });

  it("tells of another host shortly, however long its name is", async () => {
    answer = (_, response) => response.writeHead(302, { location: `https://${"x".repeat(9_000)}.example/` }).end();
    await assert.rejects(ask(), ({ message }: Error) => /another host/.test(message) && message.length < 500);
  });

  it("sends nothing more when it is closed", { timeout: 10_000 }, async () => {
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    answer = (_, response) => void response.on("close", resolve).write("half");
    const transport = transportOf();
    const { body } = await transport.request({ url: `${transport.url}/info/refs` });
    await transport.close();
    await ended;
    await assert.rejects(body.next(), /did not answer in time|cannot be reached/);
  });

  it("is refused shortly, however many names its certificate has", async (t) => {
    const server = Array.from({ length: 500 }, (_, at) => `host-${at}.example.com`);
    const many = await issueCertificate(
      { subject: { commonName: "many" }, ...validity, use: { server } },
      issuerOf(ca),
    );
    const other = createHttpsServer({ key: many.key, cert: many.cert });
    t.after(() => other.close());
    other.listen(0, "127.0.0.1");
    await once(other, "listening");
    const url = parseGitUrl(`https://localhost:${portOf(other)}/x.git`);
    if (typeof url === "string") throw new Error(url);
    const transport = createTransport(
      { url, credentials: { ca: ca.cert } },
      { bytes: MOST, signal: never },
      "/nowhere",
    );
    await assert.rejects(transport.request({ url: transport.url }), ({ message }: Error) => {
      assert.match(message, /^the certificate of localhost is not trusted \(.*…\): put its authority/);
      return message.length < 600;
    });
  });

  it("is trusted by its certificate whatever the environment says", async (t) => {
    const name = "NODE_TLS_REJECT_UNAUTHORIZED";
    const before = process.env[name];
    t.after(() => {
      if (before === undefined) delete process.env[name];
      else process.env[name] = before;
    });
    process.env[name] = "0";
    await failsBy(ask({ ca: (await authority("another")).cert }), "CertificateInvalid", /is not trusted/);
    assert.equal(seen.length, 0);
  });

  it("remembers that an answer was cut, or too long", async () => {
    answer = (_, response) => {
      response.writeHead(200, { "content-length": "1000" }).write("half");
      setImmediate(() => response.destroy());
    };
    await failsBy(ask(), "FetchFailed", /cannot be reached/);
    answer = (_, response) => response.end("x".repeat(MOST + 1));
    await failsBy(ask(), "LimitExceeded", /more than 100000 bytes/);
  });

  describe("through a proxy", () => {
    const proxy = createServer();
    const tunnels = new Set<Socket>();
    const asked: { target: string | undefined; authorization: string | undefined; headers: string[] }[] = [];
    let refuse: string | undefined;

    before(async () => {
      proxy.on("connect", ({ url, headers }: IncomingMessage, client: Socket) => {
        tunnels.add(client);
        client.on("error", () => {}).on("close", () => tunnels.delete(client));
        asked.push({ target: url, authorization: headers["proxy-authorization"], headers: Object.keys(headers) });
        if (refuse === undefined) return;
        client.write(refuse);
        if (!refuse.includes(" 200 ")) return client.end();
        const far = connect(portOf(server), "127.0.0.1");
        far.on("error", () => client.destroy());
        client.on("close", () => far.destroy());
        far.pipe(client).pipe(far);
      });
      proxy.listen(0, "127.0.0.1");
      await once(proxy, "listening");
    });
    after(() => {
      for (const one of tunnels) one.destroy();
      proxy.close();
    });
    beforeEach(() => {
      asked.length = 0;
      refuse = "HTTP/1.1 200 Connection established\r\n\r\n";
    });
    const via = (credentials = ""): string => `http://${credentials}127.0.0.1:${portOf(proxy)}`;

    it("gives each its own credentials, and the proxy sees nothing of what goes through", async () => {
      assert.equal(await ask({ proxy: via("me:p%40ss@"), username: "robot", password: "s3cret" }), "all of it");
      const authorization = `Basic ${Buffer.from("me:p@ss").toString("base64")}`;
      assert.deepEqual(asked, [
        {
          target: `localhost:${portOf(server)}`,
          authorization,
          headers: ["host", "proxy-authorization", "connection"],
        },
      ]);
      const [{ headers } = { headers: {} as IncomingMessage["headers"] }] = seen;
      assert.equal(headers.authorization, `Basic ${Buffer.from("robot:s3cret").toString("base64")}`);
      assert.equal(headers["proxy-authorization"], undefined);
      assert.equal(await ask({ proxy: via() }), "all of it");
      assert.equal(asked[1]?.authorization, undefined);
    });

    it("trusts the far server by its certificate, which the proxy cannot have", async () => {
      await failsBy(
        ask({ proxy: via(), ca: (await authority("another")).cert }),
        "CertificateInvalid",
        /is not trusted/,
      );
      assert.equal(seen.length, 0);
    });

    it("is found at an IPv6 address", async (t) => {
      const sixth = createServer().on("connect", (_, client) => client.end(refuse));
      t.after(() => sixth.close());
      sixth.listen(0, "::1");
      await Promise.race([once(sixth, "listening"), once(sixth, "error").then(() => t.skip("no IPv6 here"))]);
      refuse = "HTTP/1.1 502 Bad Gateway\r\n\r\n";
      if (!sixth.listening) return;
      await failsBy(ask({ proxy: `http://[::1]:${portOf(sixth)}` }), "FetchFailed", /it answers 502/);
    });

    it("that refuses, is not there, is none, or never answers is told of", async () => {
      refuse = "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n";
      await failsBy(ask({ proxy: via("me:s3cret@") }), "AuthenticationFailed", /the proxy 127\.0\.0\.1:\d+ .*407/);
      refuse = "HTTP/1.1 502 Bad Gateway\r\n\r\n";
      await failsBy(ask({ proxy: via() }), "FetchFailed", /refuses the connection: it answers 502/);
      await failsBy(ask({ proxy: "http://me:s3cret@127.0.0.1:1" }), "FetchFailed", /cannot be reached/);
      await failsBy(ask({ proxy: "socks5://me:s3cret@127.0.0.1" }), "FetchFailed", /must be http:\/\/HOST:PORT/);
      await failsBy(ask({ proxy: "http://me:s3cret%@127.0.0.1" }), "FetchFailed", /must be http:\/\/HOST:PORT/);
      refuse = undefined;
      await failsBy(ask({ proxy: via() }, AbortSignal.timeout(200)), "FetchFailed", /did not answer in time/);
      assert.equal(seen.length, 0, "nobody is asked past the proxy");
    });
  });
});
