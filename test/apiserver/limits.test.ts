import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect as connectTcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { connect } from "node:tls";
import type { StatusError } from "../../api/errors.ts";
import { HttpClient } from "../../api/http/http-client.ts";
import type { Stored } from "../../api/object.ts";
import { budgetOf } from "../../apiserver/authentication/identity.ts";
import { defaultLimits, RequestLimits } from "../../apiserver/http/request-limits.ts";
import { RequestRate } from "../../apiserver/http/request-rate.ts";
import { ensureCertificates, issueClient } from "../../apiserver/pki/certificates.ts";
import type { Creater } from "../../apiserver/registry/storage.ts";
import { collectGarbage } from "../collect-garbage.ts";
import { FakeClock } from "../lib/fake-clock.ts";
import { fakeRegistry } from "./fake-registry.ts";
import { type Ask, processesPath, processManifest, TestServer } from "./test-server.ts";

const MIB = 1024 * 1024;
let server: TestServer;
before(async () => {
  server = await TestServer.start();
});
after(() => server.stop());

const post = (body: string | Uint8Array, headers: Record<string, string> = {}) =>
  server.ask("POST", processesPath, { body, headers });

describe("bodies", () => {
  it("above 3 MiB are refused by their length, before they are read", async () => {
    const { ca } = server.certificates;
    const socket = connect({ host: "127.0.0.1", port: server.port, ca });
    socket.write(
      `POST ${processesPath} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer root-token\r\nContent-Type: application/json\r\nContent-Length: ${4 * MIB}\r\n\r\n`,
    );
    const [answer] = await once(socket, "data");
    assert.match(String(answer), /^HTTP\/1\.1 413 /);
    socket.destroy();
  });

  it("above 3 MiB are refused while they arrive in pieces, and the client can read why", async () => {
    const reply = await post(new Uint8Array(5 * MIB).fill(0x20), { "transfer-encoding": "chunked" });
    assert.equal(reply.code, 413);
    assert.equal(reply.json.reason, "RequestEntityTooLarge");
    assert.equal(reply.json.message, `Request entity too large: limit is ${3 * MIB}`);
    assert.equal((await server.ask("GET", processesPath)).code, 200);
  });

  it("in pieces of one byte, each in a packet full of nothing, keep no more than what they say", async () => {
    const { ca } = server.certificates;
    const socket = connect({ host: "127.0.0.1", port: server.port, ca });
    socket.on("error", () => {});
    const more = async (bytes: string): Promise<void> => {
      if (!socket.write(bytes)) await new Promise((resolve) => socket.once("drain", resolve));
    };
    const head = "Host: localhost\r\nAuthorization: Bearer root-token\r\nContent-Type: application/json\r\n";
    await more(`POST ${processesPath} HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\n`);
    collectGarbage();
    const before = process.memoryUsage().arrayBuffers;
    for (let n = 0; n < 6_000; n++) await more(`1;${"e".repeat(12_000)}\r\nx\r\n`);
    collectGarbage();
    const grown = (process.memoryUsage().arrayBuffers - before) / MIB;
    assert.ok(grown < 30, `6,000 bytes of a body took ${Math.round(grown)} MiB`);
    socket.write("0\r\n\r\n");
    assert.match(String((await once(socket, "data"))[0]), /^HTTP\/1\.1 400 /);
    socket.destroy();
  });

  it("of just 3 MiB are judged by what they say", async () => {
    const body = JSON.stringify(processManifest("padded"));
    assert.equal((await post(body + " ".repeat(3 * MIB - body.length))).code, 201);
  });

  const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
  const bad: [string, string | Uint8Array, RegExp][] = [
    ["nothing", "", /JSON/],
    ["half a JSON", '{"apiVersion":', /JSON/],
    ["a list", "[]", /must be an object/],
    ["null", "null", /must be an object/],
    ["a duplicate key", '{"kind":"Process","kind":"Secret"}', /duplicate key "kind"/],
    ["65 levels", nested(65), /deeper/],
    ["100,000 levels", nested(100_000), /deeper/],
    ["__proto__", '{"__proto__":{"polluted":true}}', /__proto__/],
    ["invalid UTF-8", Uint8Array.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), /UTF-8/],
    ["an integer that a double cannot keep", '{"spec":{"replicas":9007199254740993}}', /too large|exactly/],
    ["1e999", '{"spec":{"replicas":1e999}}', /./],
  ];
  for (const [what, body, message] of bad) {
    it(`with ${what} are refused`, async () => {
      const reply = await post(body);
      assert.equal(reply.code, 400);
      assert.equal(reply.json.reason, "BadRequest");
      assert.match(reply.json.message, message);
      assert.equal(({} as { polluted?: boolean }).polluted, undefined);
    });
  }

  it("never quote values in what is wrong with them", async () => {
    assert.doesNotMatch((await post('{"data":{"password":"hunter2" oops')).text, /hunter2/);
  });

  const types: [Record<string, string>, number][] = [
    [{ "content-type": "application/json" }, 201],
    [{ "content-type": "application/json; charset=utf-8" }, 201],
    [{ "content-type": "Application/JSON; charset=UTF-8" }, 201],
    [{ "content-type": "application/json; charset=utf-16" }, 415],
    [{ "content-type": "text/plain" }, 415],
    [{ "content-type": "application/vnd.kubernetes.protobuf" }, 415],
    [{ "content-type": "__proto__" }, 415],
    [{ "content-encoding": "gzip" }, 415],
    [{ "content-encoding": "identity" }, 201],
  ];
  for (const [index, [headers, code]] of types.entries()) {
    it(`with ${JSON.stringify(headers)} are ${code}`, async () => {
      const reply = await post(JSON.stringify(processManifest(`type-${index}`)), headers);
      assert.equal(reply.code, code);
      if (code !== 415) return;
      assert.equal(reply.json.reason, "UnsupportedMediaType");
      if (headers["content-type"]) assert.match(reply.json.message, /accepted media types include: application\/json/);
    });
  }
});

describe("what one client may have under way", () => {
  it("is capped with 429 and a time to come back, for watches and for requests apart", async () => {
    const release = Promise.withResolvers<never>();
    const limits = { streamsPerUser: 2, requestsPerUser: 1 };
    const real = await TestServer.start({ limits });
    try {
      const watches = [];
      for (let n = 0; n < 2; n++) watches.push(await real.open("GET", `${processesPath}?watch=1`));
      const third = await real.ask("GET", `${processesPath}?watch=1`);
      assert.equal(third.code, 429);
      assert.equal(third.json.reason, "TooManyRequests");
      assert.equal(third.headers["retry-after"], "1");
      assert.equal((await real.ask("GET", processesPath)).code, 200, "requests are counted apart");
      // A watch of somebody else has its own count; one that ended makes room.
      assert.equal(
        (
          await real.open("GET", `${processesPath}?watch=1`, {
            as: "nobody",
            headers: { authorization: "Bearer root-token" },
          })
        ).statusCode,
        200,
      );
      watches[0]?.destroy();
      let code = 0;
      for (let tries = 0; tries < 100 && code !== 200; tries++) {
        code = (await real.ask("GET", `${processesPath}?watch=1&timeoutSeconds=1`)).code;
      }
      assert.equal(code, 200);
    } finally {
      release.resolve(undefined as never);
      await real.stop();
    }
  });

  it("is counted for requests that wait", async () => {
    const written = Promise.withResolvers<never>();
    const asked = Promise.withResolvers<void>();
    const create: Creater["create"] = () => {
      asked.resolve();
      return written.promise;
    };
    const registry = fakeRegistry({ create });
    const slow = await TestServer.start({ registry, limits: { requestsPerUser: 1 } });
    try {
      const first = slow.ask("POST", processesPath, { body: processManifest("slow") });
      await asked.promise;
      assert.equal((await slow.ask("POST", processesPath, { body: processManifest("more") })).code, 429);
      assert.equal(
        (await slow.ask("GET", "/healthz", { as: "nobody" })).code,
        200,
        "health does not wait behind others",
      );
      written.resolve({ object: { metadata: {} }, created: true, warnings: [] } as never);
      assert.equal((await first).code, 201);
    } finally {
      await slow.stop();
    }
  });

  it("leaves no count behind", () => {
    const caps = { ...defaultLimits, requestsPerUser: 1, streamsPerUser: 1, streams: 1 };
    const limits = new RequestLimits(caps, new FakeClock(new Date()));
    for (let n = 0; n < 1000; n++) limits.enter(`user-${n}`, n % 2 === 0)();
    const leave = limits.enter("a", true);
    assert.throws(() => limits.enter("b", true), { reason: "TooManyRequests" });
    leave();
    limits.enter("b", true);
  });

  it("is half of what the others leave, where all share; the ServiceAccounts of a namespace are one", () => {
    const caps = { ...defaultLimits, streams: 8 };
    const limits = new RequestLimits(caps, new FakeClock(new Date()));
    const robots = [1, 2].map((n) => budgetOf({ name: `system:serviceaccount:a:robot-${n}`, groups: [] }));
    for (let n = 0; n < 4; n++) limits.enter("eve", true);
    assert.throws(() => limits.enter("eve", true), { reason: "TooManyRequests" });
    for (const robot of robots) limits.enter(robot, true);
    for (const robot of robots) assert.throws(() => limits.enter(robot, true), { reason: "TooManyRequests" });
    limits.enter("root", true);
  });

  it("is one user's, however many certificates he has; who shows none takes nothing of it", async () => {
    const directory = await mkdtemp(join(tmpdir(), "wctl-limits-"));
    const now = new Date();
    const made = await ensureCertificates({ directory, host: "127.0.0.1", now });
    const limits = { requestsPerSecond: 0.001, requestBurst: 3 };
    const real = await TestServer.start({ limits, certificates: async () => made });
    const clients: HttpClient[] = [];
    const asked = async (user?: string): Promise<string> => {
      const pair = user === undefined ? {} : await issueClient(directory, { user, groups: [], seconds: 600 }, now);
      const client = new HttpClient({ server: real.url, ca: made.ca, ...pair });
      clients.push(client);
      return await client.raw("GET", processesPath).catch(({ reason }: StatusError) => reason);
    };
    try {
      for (let n = 0; n < 5; n++) assert.equal(await asked(), "Unauthorized");
      assert.deepEqual(await Promise.all([asked("jane"), asked("jane"), asked("jane")]), Array(3).fill("Forbidden"));
      assert.equal(await asked("jane"), "TooManyRequests");
      assert.deepEqual([await asked("bob"), await asked()], ["Forbidden", "Unauthorized"]);
    } finally {
      for (const client of clients) client.close();
      await real.stop();
      await rm(directory, { recursive: true });
    }
  });

  it("may come so fast and no faster, each user for himself", async () => {
    const clock = new FakeClock(new Date());
    const limits = { requestsPerSecond: 10, requestBurst: 3 };
    const real = await TestServer.start({ clock, limits });
    const root = { as: "nobody", headers: { authorization: "Bearer root-token" } } as const;
    const codes = async (count: number, ask: Ask = {}): Promise<number[]> => {
      const all: number[] = [];
      for (let n = 0; n < count; n++) all.push((await real.ask("GET", processesPath, ask)).code);
      return all;
    };
    assert.deepEqual(await codes(5), [200, 200, 200, 429, 429]);
    assert.deepEqual(await codes(3, root), [200, 200, 200]);
    const { headers } = await real.ask("GET", processesPath);
    assert.equal(headers["retry-after"], "1");
    clock.advance(100);
    assert.deepEqual(await codes(2), [200, 429]);
    clock.advance(60_000);
    assert.deepEqual(await codes(4), [200, 200, 200, 429]);
    await real.stop();
  });

  it("is forgotten of who has rested", () => {
    const clock = new FakeClock(new Date());
    const rate = new RequestRate({ requestsPerSecond: 10, requestBurst: 3 }, clock);
    for (let n = 0; n < 3_000; n++) {
      assert.ok(rate.allows(`user-${n}`));
      clock.advance(1);
    }
    assert.ok(rate.size <= 1_000);
  });

  it("is capped in connections, and who comes next still gets in", async () => {
    const small = await TestServer.start({ limits: { connections: 4, strangers: 2 } });
    try {
      const sockets = [];
      for (let n = 0; n < 3; n++) {
        const socket = connect({ host: "127.0.0.1", port: small.port, ca: small.certificates.ca });
        await once(socket, "secureConnect");
        sockets.push(socket);
      }
      const [first] = sockets;
      if (!first!.closed) await once(first!, "close");
      assert.equal((await small.ask("GET", "/healthz")).code, 200);
      for (const socket of sockets) socket.destroy();
    } finally {
      await small.stop();
    }
  });
});

describe("slow clients", () => {
  const quick = { handshakeMs: 200, headersMs: 200, requestMs: 400, checkMs: 50 };

  it("that never finish asking are let go of; a watch goes on", async () => {
    const impatient = await TestServer.start({ limits: quick });
    try {
      const watch = await impatient.open("GET", `${processesPath}?watch=1`);
      const { ca } = impatient.certificates;
      const ask = async (bytes: string): Promise<string> => {
        const socket = connect({ host: "127.0.0.1", port: impatient.port, ca });
        socket.write(bytes);
        let text = "";
        for await (const chunk of socket) text += chunk;
        return text;
      };
      const head = `POST ${processesPath} HTTP/1.1\r\nHost: localhost\r\n`;
      const body = `${head}Authorization: Bearer root-token\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{`;
      const [nothing, headers, partial] = await Promise.all([ask(""), ask(head), ask(body)]);
      for (const text of [nothing, headers]) assert.match(text, /^HTTP\/1\.1 408 |^$/);
      assert.doesNotMatch(partial, /^HTTP\/1\.1 [25]/);
      const plain = connectTcp({ host: "127.0.0.1", port: impatient.port });
      plain.on("error", () => {});
      plain.resume();
      await once(plain, "close"); // It never began the handshake.
      assert.equal((await impatient.ask("POST", processesPath, { body: processManifest("after") })).code, 201);
      const [event] = await once(watch, "data");
      assert.match(String(event), /"ADDED"/);
      watch.destroy();
    } finally {
      await impatient.stop();
    }
  });

  it("that ask for long lists and do not read them cost little, and hold their own place only", async () => {
    const items = Array.from({ length: 5000 }, (_, n) => ({
      apiVersion: "wctl.dev/v1",
      kind: "Process",
      metadata: { name: `p${n}`, namespace: "default", uid: "u", resourceVersion: "5", creationTimestamp: "" },
      spec: { command: "x".repeat(1000) },
    }));
    for (const item of items) Object.freeze(item);
    const registry = fakeRegistry({ list: () => ({ items, metadata: { resourceVersion: "5" } }) });
    const busy = await TestServer.start({ registry, limits: { requestsPerUser: 40 } });
    try {
      const whole = await busy.ask("GET", processesPath);
      assert.equal(whole.json.items.length, 5000);
      assert.ok(whole.bytes.length > 5_000_000);
      collectGarbage();
      const before = process.memoryUsage().rss;
      const { ca } = busy.certificates;
      const sockets = [];
      for (let n = 0; n < 40; n++) {
        const socket = connect({ host: "127.0.0.1", port: busy.port, ca });
        socket.on("error", () => {});
        await once(socket, "secureConnect");
        socket.pause();
        socket.write(`GET ${processesPath} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer root-token\r\n\r\n`);
        sockets.push(socket);
      }
      const root = { as: "nobody", headers: { authorization: "Bearer root-token" } } as const;
      let code = 200;
      for (let tries = 0; tries < 200 && code !== 429; tries++)
        code = (await busy.ask("GET", `${processesPath}?limit=1`, root)).code;
      assert.equal(code, 429, "who does not read has no more places");
      assert.equal((await busy.ask("GET", processesPath)).code, 200, "somebody else has");
      const grown = (process.memoryUsage().rss - before) / MIB;
      assert.ok(
        grown < 150,
        `40 unread lists of ${Math.round(whole.bytes.length / MIB)} MiB took ${Math.round(grown)} MiB`,
      );
      for (const socket of sockets) socket.destroy();
    } finally {
      await busy.stop();
    }
  });

  it("that never read their answer hold their place for half a minute, then their connection is cut", async () => {
    const clock = new FakeClock(new Date());
    const large = { kind: "Process", metadata: { name: "large" }, spec: { command: "x".repeat(64 * MIB) } };
    const registry = fakeRegistry({ get: () => large as unknown as Stored });
    const unread = await TestServer.start({ registry, clock, limits: { requestsPerUser: 1 } });
    try {
      const socket = connect({ host: "127.0.0.1", port: unread.port, ca: unread.certificates.ca });
      socket.on("error", () => {});
      await once(socket, "secureConnect");
      socket.pause();
      socket.write(
        `GET ${processesPath}/large HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer root-token\r\n\r\n`,
      );
      const root = { as: "nobody", headers: { authorization: "Bearer root-token" } } as const;
      const another = async (): Promise<number> => (await unread.ask("GET", "/api", root)).code;
      let code = 0;
      for (let tries = 0; tries < 200 && code !== 429; tries++) code = await another();
      assert.equal(code, 429);
      await clock.advanceAsync(29_999);
      assert.equal(await another(), 429);
      await clock.advanceAsync(1);
      for (let tries = 0; tries < 200 && code !== 200; tries++) code = await another();
      assert.equal(code, 200);
      socket.destroy();
    } finally {
      await unread.stop();
    }
  });
});
