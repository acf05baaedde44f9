import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";
import { connect, type TLSSocket } from "node:tls";
import { scheme, urlPath } from "../../../api/scheme.ts";
import { CredentialAuthenticator } from "../../../apiserver/authentication/authenticator.ts";
import { issueCertificate } from "../../../apiserver/pki/issue.ts";
import { FakeClock } from "../../lib/fake-clock.ts";
import { processesPath, TestServer, tokens } from "../test-server.ts";

const HOUR = 3_600_000;
let server: TestServer;
before(async () => {
  server = await TestServer.start();
});
after(() => server.stop());

/** Who the server takes this connection for, by the code of its answer. */
async function codeFor(options: object): Promise<number> {
  const socket = connect({ host: "127.0.0.1", port: server.port, ca: server.certificates.ca, ...options });
  try {
    await once(socket, "secureConnect");
    return await codeOn(socket);
  } finally {
    socket.destroy();
  }
}

async function codeOn(socket: TLSSocket): Promise<number> {
  socket.write(`GET ${processesPath} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  const [chunk] = await once(socket, "data");
  return Number(/^HTTP\/1\.1 (\d+)/.exec(String(chunk))?.[1]);
}

async function clientCertificate(options: {
  organization?: string;
  ca?: "ours" | "foreign";
  from?: number;
  until?: number;
  use?: object;
}) {
  const { organization = "system:masters", ca = "ours", from = -HOUR, until = HOUR, use = { client: true } } = options;
  const at = (ms: number): Date => new Date(Date.now() + ms);
  const own = await ours();
  const foreign = await issueCertificate({
    subject: { commonName: own.certificate.subject.replace("CN=", "") },
    notBefore: at(-HOUR),
    notAfter: at(HOUR),
    use: { ca: true },
  });
  const issuer =
    ca === "ours" ? own : { certificate: new X509Certificate(foreign.cert), key: createPrivateKey(foreign.key) };
  const subject = { organizations: [organization], commonName: "someone" };
  return issueCertificate({ subject, notBefore: at(from), notAfter: at(until), use: use as { client: true } }, issuer);
}

/** An authority that the server under test trusts. */
let authority: ReturnType<typeof makeAuthority> | undefined;
async function makeAuthority() {
  const made = await issueCertificate({
    subject: { commonName: "test-ca" },
    notBefore: new Date(Date.now() - HOUR),
    notAfter: new Date(Date.now() + HOUR),
    use: { ca: true },
  });
  return { certificate: new X509Certificate(made.cert), key: createPrivateKey(made.key), pem: made.cert };
}
const ours = () => (authority ??= makeAuthority());

describe("credentials", () => {
  it("are wanted on every route of every kind, and 401 does not keep the connection", async () => {
    const routes = scheme.flatMap((resource) => [
      urlPath(resource),
      urlPath(resource, "default", "x"),
      urlPath(resource, "default", "x", "status"),
      urlPath(resource, "default", "x", "log"),
    ]);
    for (const path of [
      ...routes,
      "/",
      "/api",
      "/apis",
      "/apis/wctl.dev/v1",
      "/metrics",
      "/elsewhere",
      "/healthz/",
      "/%68ealthz",
      "/../healthz",
    ]) {
      for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"]) {
        const reply = await server.ask(method, path, { as: "nobody" });
        assert.equal(reply.code, 401, `${method} ${path}`);
        assert.equal(reply.headers.connection, "close");
        assert.deepEqual(reply.json, {
          kind: "Status",
          apiVersion: "v1",
          metadata: {},
          status: "Failure",
          message: "Unauthorized",
          reason: "Unauthorized",
          code: 401,
        });
      }
    }
  });

  it("are not wanted for health and version", async () => {
    for (const path of ["/healthz", "/livez", "/readyz", "/version", "/readyz?verbose"]) {
      const reply = await server.ask("GET", path, { as: "nobody" });
      assert.equal(reply.code, 200, path);
      assert.equal(reply.headers.connection, "close", "strangers do not keep connections");
    }
  });

  it("may be a bearer token, never one in the URL", async () => {
    const bearer = (token: string) =>
      server.ask("GET", processesPath, { as: "nobody", headers: { authorization: token } });
    assert.equal((await bearer("Bearer root-token")).code, 200);
    for (const wrong of [
      "Bearer root-toke",
      "Bearer root-token2",
      "Bearer ",
      "Bearer",
      "Basic cm9vdDpyb290",
      "root-token",
      "Bearer __proto__",
    ]) {
      assert.equal((await bearer(wrong)).code, 401, wrong);
    }
    assert.equal(
      (await server.ask("GET", `${processesPath}?token=root-token&access_token=root-token`, { as: "nobody" })).code,
      401,
    );
  });
});

describe("rights", () => {
  it("are those of system:masters only; everybody else is told what is missing", async () => {
    const list = await server.ask("GET", processesPath, { as: "jane" });
    assert.equal(list.code, 403);
    assert.deepEqual(list.json, {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message:
        'processes.wctl.dev is forbidden: User "jane" cannot list resource "processes" in API group "wctl.dev" in the namespace "default"',
      reason: "Forbidden",
      details: { group: "wctl.dev", kind: "processes" },
      code: 403,
    });
    const messages: [string, string, string][] = [
      [
        "GET",
        "/api/v1/namespaces/kube/secrets/s",
        'secrets "s" is forbidden: User "jane" cannot get resource "secrets" in API group "" in the namespace "kube"',
      ],
      [
        "GET",
        "/apis/wctl.dev/v1/processes?watch=1",
        'processes.wctl.dev is forbidden: User "jane" cannot watch resource "processes" in API group "wctl.dev" at the cluster scope',
      ],
      [
        "PATCH",
        `${processesPath}/web/status`,
        'processes.wctl.dev "web" is forbidden: User "jane" cannot patch resource "processes/status" in API group "wctl.dev" in the namespace "default"',
      ],
      [
        "GET",
        "/apis/wctl.dev/v1/namespaces/default/instances/web-0/log",
        'instances.wctl.dev "web-0" is forbidden: User "jane" cannot get resource "instances/log" in API group "wctl.dev" in the namespace "default"',
      ],
      ["GET", "/metrics", 'forbidden: User "jane" cannot get path "/metrics"'],
      ["GET", "/nowhere", 'forbidden: User "jane" cannot get path "/nowhere"'],
    ];
    for (const [method, path, message] of messages) {
      assert.equal((await server.ask(method, path, { as: "jane" })).json.message, message);
    }
  });
});

describe("client certificates", () => {
  let trusting: TestServer;
  before(async () => {
    const { pem } = await ours();
    trusting = server;
    const certificates = { ...server.certificates, ca: pem };
    server = await TestServer.start({ certificates: async () => certificates });
  });
  after(async () => {
    await server.stop();
    server = trusting;
  });
  const seen = async (options: Parameters<typeof clientCertificate>[0]) =>
    codeFor({ ...(await clientCertificate(options)), rejectUnauthorized: false });

  it("of our authority say who somebody is", async () => {
    assert.equal(await seen({}), 200);
    assert.equal(await seen({ organization: "developers" }), 403);
  });

  it("that are expired, not yet valid, foreign, or made for servers are nobody's", async () => {
    assert.equal(await seen({ until: -60_000 }), 401);
    assert.equal(await seen({ from: 60_000 }), 401);
    assert.equal(await seen({ ca: "foreign" }), 401);
    assert.equal(await seen({ use: { server: ["localhost"] } }), 401);
    assert.equal(await codeFor({ rejectUnauthorized: false }), 401);
  });

  for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
    it(`are remembered by a resumed session (${version}), and so is their absence`, async () => {
      const resume = async (options: object): Promise<number> => {
        const both = {
          host: "127.0.0.1",
          port: server.port,
          rejectUnauthorized: false,
          minVersion: version,
          maxVersion: version,
          ...options,
        };
        const first = connect(both);
        const session = once(first, "session");
        await once(first, "secureConnect");
        await codeOn(first);
        const [ticket] = await session;
        first.destroy();
        const second = connect({ ...both, session: ticket });
        await once(second, "secureConnect");
        assert.equal(second.isSessionReused(), true);
        const code = await codeOn(second);
        second.destroy();
        return code;
      };
      assert.equal(await resume({}), 401);
      assert.equal(await resume(await clientCertificate({ organization: "developers" })), 403);
      assert.equal(await resume(await clientCertificate({ ca: "foreign" })), 401);
    });
  }

  it("end when their time is over, also on a connection that is still open", async () => {
    const clock = new FakeClock(new Date());
    const authenticator = new CredentialAuthenticator(clock, tokens);
    const until = new Date(clock.wall().getTime() + HOUR).toUTCString();
    const socket = {
      authorized: true,
      getPeerCertificate: () => ({ subject: { CN: "a", O: ["x", "y"] }, valid_to: until }),
    };
    const request = { socket, headers: {} } as never;
    assert.deepEqual(authenticator.authenticate(request), { name: "a", groups: ["x", "y", "system:authenticated"] });
    clock.advance(HOUR + 1000);
    assert.equal(authenticator.authenticate(request), undefined);
  });

  it("with two common names, or none, are nobody's", () => {
    const authenticator = new CredentialAuthenticator(new FakeClock());
    for (const subject of [{ CN: ["a", "b"] }, { O: "system:masters" }, undefined, { CN: "" }]) {
      const socket = {
        authorized: true,
        getPeerCertificate: () => ({ subject, valid_to: "Jan  1 00:00:00 2099 GMT" }),
      };
      assert.equal(authenticator.authenticate({ socket, headers: {} } as never), undefined);
    }
  });
});

describe("what a web page could send", () => {
  // One name for TLS, another one in the header: exactly what DNS rebinding makes of a browser.
  async function host(value: string, more = ""): Promise<{ code: number; text: string }> {
    const { ca } = server.certificates;
    const socket = connect({ host: "127.0.0.1", port: server.port, ca, servername: "localhost" });
    socket.write(`GET /version HTTP/1.1\r\nHost: ${value}\r\n${more}Connection: close\r\n\r\n`);
    let text = "";
    for await (const chunk of socket) text += chunk;
    return { code: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]), text };
  }

  it("is refused by its Host", async () => {
    for (const good of ["localhost", "LOCALHOST:7443", "127.0.0.1:1", "[::1]:443", "10.1.2.3", "localhost."]) {
      assert.equal((await host(good)).code, 200, good);
    }
    for (const bad of [
      "evil.example",
      "localhost.evil.example:7443",
      "127.0.0.1.evil.example",
      "",
      "local host",
      "localhost:99999999",
      "a@localhost",
    ]) {
      assert.equal((await host(bad)).code, 403, JSON.stringify(bad));
    }
  });

  it("is refused by its Origin", async () => {
    assert.equal((await host("localhost:7443", "Origin: https://localhost:7443\r\n")).code, 200);
    for (const origin of ["https://evil.example", "http://localhost:7443", "null", "https://localhost"]) {
      const reply = await host("localhost:7443", `Origin: ${origin}\r\n`);
      assert.equal(reply.code, 403, origin);
      assert.match(reply.text, /"reason":"Forbidden"/);
    }
  });
});

describe("TLS", () => {
  it("is 1.2 or later", async () => {
    await assert.rejects(codeFor({ minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" }));
    assert.equal(await codeFor({ maxVersion: "TLSv1.2" }), 401);
  });

  it("does not renegotiate", async () => {
    const socket = connect({ host: "127.0.0.1", port: server.port, ca: server.certificates.ca, maxVersion: "TLSv1.2" });
    socket.on("error", () => {});
    await once(socket, "secureConnect");
    const refused = new Promise((resolve) => {
      socket.renegotiate({}, (error) => resolve(error ?? "renegotiated"));
      socket.once("close", () => resolve(new Error("closed")));
    });
    assert.ok((await refused) instanceof Error);
    socket.destroy();
    assert.equal((await server.ask("GET", "/healthz")).code, 200);
  });
});
