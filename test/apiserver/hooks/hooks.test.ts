import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { after, before, beforeEach, describe, it } from "node:test";
import { connect } from "node:tls";
import type { HookSecret } from "../../../apiserver/hooks/hook-target.ts";
import { silentLogger } from "../../../lib/logger.ts";
import { eventually } from "../../eventually.ts";
import { FakeClock } from "../../lib/fake-clock.ts";
import { type Protocol, type Reply, TestServer } from "../test-server.ts";

const MIB = 1024 * 1024;
const token = "hook-canary-4711";
const known = new Map<string, HookSecret>([
  ["default/web", { type: "GitHub", token }],
  ["ops/fleet", { type: "GitLab", token }],
  ["ops/empty", { type: "GitHub", token: "" }],
]);
const signature = (body: string | Uint8Array, secret = token): string =>
  `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
const body = '{"ref":"refs/heads/main"}';

// biome-ignore lint/suspicious/noExplicitAny: what is written down
type Audited = any;

for (const protocol of ["http/1.1", "h2"] as Protocol[]) {
  describe(`a hook over ${protocol}`, () => {
    let server: TestServer;
    let triggered: string[] = [];
    let audited: Audited[] = [];
    let logged: string[] = [];
    let fails = false;
    before(async () => {
      server = await TestServer.start({
        protocol,
        hooks: {
          secretOf: async (namespace, name) => {
            if (fails) throw new Error("the store is away");
            return known.get(`${namespace}/${name}`);
          },
          trigger: (namespace, name) => void triggered.push(`${namespace}/${name}`),
        },
        audit: { record: async (event) => void audited.push(event) },
        logger: { ...silentLogger, error: (text) => void logged.push(text) },
      });
    });
    after(() => server.stop());
    beforeEach(() => {
      triggered = [];
      audited = [];
      logged = [];
      fails = false;
    });

    const send = (path: string, headers: Record<string, string> = {}, sent: string | Uint8Array = body) =>
      server.ask("POST", path, { as: "nobody", body: sent, headers });
    const signed = (sent: string | Uint8Array = body) => ({ "x-hub-signature-256": signature(sent) });
    const told = ({ code, json: { message, reason, status } }: Reply) => ({ code, message, reason, status });

    it("that is signed has the source looked at, and is written down", async () => {
      const reply = await send("/hooks/web", signed());
      assert.deepEqual([reply.code, reply.json.status, triggered], [202, "Success", ["default/web"]]);
      const [begun, ended] = audited;
      assert.equal(audited.length, 2);
      assert.deepEqual(
        [begun.user, begun.requestURI, begun.verb, begun.stage],
        [{ username: "system:wctl:hook", groups: [] }, "/hooks/web", "post", "RequestReceived"],
      );
      assert.equal(ended.responseStatus.code, 202);
      assert.doesNotMatch(JSON.stringify(audited) + reply.text, /canary|sha256/);
    });

    it("names its namespace, and the same source has two names in `default`", async () => {
      assert.equal((await send("/hooks/ops/fleet", { "x-gitlab-token": token })).code, 202);
      assert.equal((await send("/hooks/default/web", signed())).code, 202);
      assert.equal((await send("/hooks/web/?a=b", signed())).code, 202);
      assert.deepEqual(triggered, ["ops/fleet", "default/web", "default/web"]);
    });

    it("may be sent again: it is only one more look", async () => {
      for (let n = 0; n < 3; n++) assert.equal((await send("/hooks/web", signed())).code, 202);
      assert.equal(triggered.length, 3);
    });

    it("is refused in the same words, whatever is wrong", async () => {
      const wrong: [string, Record<string, string>][] = [
        ["/hooks/web", {}],
        ["/hooks/web", { "x-hub-signature-256": signature(body, "another") }],
        ["/hooks/web", signed(`${body} `)],
        ["/hooks/web", { "x-gitlab-token": token }],
        ["/hooks/unknown", signed()],
        ["/hooks/ops/web", signed()],
        ["/hooks/ops/empty", { "x-hub-signature-256": signature(body, "") }],
        ["/hooks/__proto__", signed()],
        ["/hooks/a/b/c", signed()],
        ["/hooks/", signed()],
      ];
      const replies: Reply[] = [];
      for (const [path, headers] of wrong) replies.push(await send(path, headers));
      const message = "the server could not find the requested resource";
      for (const reply of replies)
        assert.deepEqual(told(reply), { code: 404, message, reason: "NotFound", status: "Failure" });
      assert.deepEqual(triggered, []);
      const of = audited.map(({ user, responseStatus: { code, message: text } }) => ({ user, code, text }));
      const stranger = { user: {}, code: 404, text: "Authentication failed, attempted: webhook" };
      assert.deepEqual(of, Array(8).fill(stranger), "but for what is no path of a hook");
      assert.doesNotMatch(JSON.stringify(audited), /canary/);
    });

    it("is refused no sooner than after the same time, whether there is such a source or not", async () => {
      for (const path of ["/hooks/web", "/hooks/unknown"]) {
        const began = performance.now();
        assert.equal((await send(path, signed("x"))).code, 404);
        assert.ok(performance.now() - began >= 99, path);
      }
    });

    it("whose token can't be read is refused as if it were not there, and the daemon's log tells", async () => {
      fails = true;
      assert.equal((await send("/hooks/web", signed())).code, 404);
      assert.deepEqual(logged, ["the token of a webhook can't be read"]);
    });

    it("is taken by POST alone", async () => {
      for (const path of ["/hooks/web", "/hooks/unknown"])
        for (const method of ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
          const reply = await server.ask(method, path, { as: "admin", headers: signed("") });
          assert.deepEqual([reply.code, reply.headers.allow], [405, "POST"], `${method} ${path}`);
        }
      assert.deepEqual(triggered, []);
    });

    it("is the only thing there: what is beside it needs credentials", async () => {
      for (const path of ["/hooks", "/hooksx/web", "/Hooks/web", "//hooks/web"])
        assert.equal((await send(path, signed())).code, 401, path);
      for (const path of ["/hooks/../api/v1/secrets", "/hooks/a%2fb", "/hooks//web", "/hooks/%2e%2e/web"])
        assert.equal((await send(path, signed())).code, 400, path);
      assert.deepEqual(triggered, []);
    });

    it("counts by its signature alone: no credential helps, and no name by which the server was found hinders", async () => {
      assert.equal((await server.ask("POST", "/hooks/web", { as: "admin", body })).code, 404);
      assert.equal((await send("/hooks/web", { ...signed(), host: "hooks.example.com" })).code, 202);
      const impersonating = { ...signed(), "impersonate-user": "system:admin", authorization: "Bearer nonsense" };
      assert.equal((await send("/hooks/web", impersonating)).code, 202);
      assert.equal(audited.at(-1).user.username, "system:wctl:hook");
    });

    it("has at most 1 MiB", async () => {
      const most = new Uint8Array(MIB).fill(0x20);
      assert.equal((await send("/hooks/web", signed(most), most)).code, 202);
      const more = new Uint8Array(MIB + 1).fill(0x20);
      for (const path of ["/hooks/web", "/hooks/unknown"])
        assert.equal((await send(path, signed(more), more)).code, 413, path);
      if (protocol === "http/1.1")
        assert.equal((await send("/hooks/web", { ...signed(more), "transfer-encoding": "chunked" }, more)).code, 413);
    });

    it("of any bytes is only checked, never read", async () => {
      for (const sent of ["", "\0", "{", new Uint8Array([0xff, 0xfe])])
        assert.equal((await send("/hooks/web", { ...signed(sent), "content-encoding": "gzip" }, sent)).code, 202);
    });

    it("in a flood of wrong ones is bounded, and the others are served", async () => {
      // As somebody known: a stranger asks once on a connection.
      const flood = (n: number) => server.ask("POST", `/hooks/flood-${n % 20}`, { as: "jane", body });
      const replies = await Promise.all(Array.from({ length: 60 }, (_, n) => flood(n)));
      const codes = new Set(replies.map(({ code }) => code));
      assert.ok(codes.has(429) && codes.has(404) && codes.size === 2, [...codes].join());
      const late = replies.find(({ code }) => code === 429);
      assert.equal(late?.headers["retry-after"], "1");
      assert.equal((await send("/hooks/web", signed())).code, 202, "every place was given back");
      assert.equal((await server.ask("GET", "/api/v1/namespaces")).code, 200);
    });
  });
}

describe("a hook", () => {
  it("that can't be written down is not taken", async () => {
    const triggered: string[] = [];
    const server = await TestServer.start({
      hooks: { secretOf: async () => ({ type: "GitLab", token }), trigger: (_, name) => void triggered.push(name) },
      audit: { record: () => Promise.reject(new Error("no space left")) },
    });
    try {
      const reply = await server.ask("POST", "/hooks/web", {
        as: "nobody",
        body,
        headers: { "x-gitlab-token": token },
      });
      assert.equal(reply.code, 503);
      assert.deepEqual(triggered, []);
    } finally {
      await server.stop();
    }
  });

  it("gives its place back when its sender goes in the middle of its body", async () => {
    const server = await TestServer.start({
      hooks: { secretOf: async () => ({ type: "GitLab", token }), trigger: () => {} },
    });
    const headers = { "x-gitlab-token": token };
    try {
      const head = "POST /hooks/web HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nhalf";
      const begin = () =>
        connect({ host: "127.0.0.1", port: server.port, ca: server.certificates.ca, servername: "localhost" });
      const sockets = Array.from({ length: 4 }, begin);
      for (const socket of sockets) {
        socket.on("error", () => {});
        await once(socket, "secureConnect");
        socket.write(head);
      }
      const ask = async () => (await server.ask("POST", "/hooks/web", { as: "nobody", body, headers })).code;
      let code = 0;
      for (let tries = 0; tries < 200 && code !== 429; tries++) code = await ask();
      assert.equal(code, 429, "four are under way");
      for (const socket of sockets) socket.destroy();
      for (let tries = 0; tries < 200 && code !== 202; tries++) code = await ask();
      assert.equal(code, 202);
    } finally {
      await server.stop();
    }
  });

  it("whose body does not come is answered after ten seconds", async () => {
    const clock = new FakeClock(new Date());
    const server = await TestServer.start({ clock });
    try {
      const socket = connect({
        host: "127.0.0.1",
        port: server.port,
        ca: server.certificates.ca,
        servername: "localhost",
      });
      await once(socket, "secureConnect");
      const armed = clock.pending;
      socket.write("POST /hooks/web HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nhalf");
      await eventually(() => clock.pending > armed, "the body is waited for");
      clock.advance(10_000);
      assert.match(String((await once(socket, "data"))[0]), /^HTTP\/1\.1 408 /);
      socket.destroy();
    } finally {
      await server.stop();
    }
  });
});
