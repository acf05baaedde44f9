/** What somebody without credentials can make the server keep (P17, P19, P24). */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { describe, it } from "node:test";
import { connect, type TLSSocket } from "node:tls";
import { type Logger, silentLogger } from "../../lib/logger.ts";
import { FakeClock } from "../lib/fake-clock.ts";
import { fakeRegistry } from "./fake-registry.ts";
import { processesPath, processManifest, TestServer } from "./test-server.ts";

const health = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

async function dial(server: TestServer): Promise<TLSSocket> {
  const socket = connect({ host: "127.0.0.1", port: server.port, ca: server.certificates.ca });
  socket.on("error", () => {});
  await once(socket, "secureConnect");
  return socket;
}

/** All that comes until the server ends the connection. */
async function answers(socket: TLSSocket): Promise<string[]> {
  let text = "";
  socket.on("data", (chunk) => (text += chunk));
  if (!socket.closed) await once(socket, "close");
  return text.match(/HTTP\/1\.1 \d{3}/g) ?? [];
}

/** Says whether `close` had to cut requests off. */
function warnings(): { logger: Logger; said: string[] } {
  const said: string[] = [];
  return { said, logger: { ...silentLogger, warn: (text) => void said.push(text) } };
}

async function withServer(
  overrides: Parameters<typeof TestServer.start>[0],
  body: (server: TestServer) => Promise<void>,
): Promise<void> {
  const server = await TestServer.start(overrides);
  try {
    await body(server);
  } finally {
    await server.stop();
  }
}

describe("a stranger", () => {
  it("gets one answer on a connection, and what is queued behind it leaves nothing that the server waits for", async () => {
    const { logger, said } = warnings();
    await withServer({ logger }, async (server) => {
      for (let round = 0; round < 5; round++) {
        const socket = await dial(server);
        socket.write(health.repeat(500));
        assert.deepEqual(await answers(socket), ["HTTP/1.1 200"]);
      }
    });
    assert.deepEqual(said, [], "nothing was under way any more when the server closed");
  });

  it("gets one answer also when it is a refusal, with a body behind it or none", async () => {
    await withServer({}, async (server) => {
      for (const first of [
        `GET ${processesPath} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
        `POST ${processesPath} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc`,
        `GET ${processesPath} HTTP/1.1\r\nHost: localhost\r\nExpect: miracles\r\n\r\n`,
        "GET /healthz HTTP/1.1\r\nHost: elsewhere\r\n\r\n",
      ]) {
        const socket = await dial(server);
        socket.write(first.repeat(3) + health);
        assert.equal((await answers(socket)).length, 1, first);
      }
    });
  });

  it("who announces a body and never sends it is answered and let go of", async () => {
    await withServer({}, async (server) => {
      const socket = await dial(server);
      socket.write(
        `POST ${processesPath} HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 3000000\r\n\r\n`,
      );
      assert.equal((await answers(socket)).at(-1), "HTTP/1.1 401");
    });
  });

  it("who floods headers, trailers or chunk extensions is let go of", async () => {
    await withServer({}, async (server) => {
      const chunked = `POST ${processesPath} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer root-token\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
      const floods: [string, string][] = [
        ["GET / HTTP/1.1\r\nHost: localhost\r\n", `X: ${"y".repeat(1000)}\r\n`],
        [`${chunked}1;`, "e".repeat(1000)],
        [`${chunked}0\r\n`, `X: ${"y".repeat(1000)}\r\n`],
      ];
      for (const [begin, more] of floods) {
        const socket = await dial(server);
        socket.resume();
        const ended = new Promise((resolve) => socket.once("close", resolve));
        socket.write(begin);
        let sent = 0;
        for (; !socket.destroyed && sent < 5_000; sent++) {
          if (!socket.write(more)) await Promise.race([new Promise((resolve) => socket.once("drain", resolve)), ended]);
        }
        await ended;
        assert.ok(sent < 5_000, `${begin} was taken for ever`);
      }
    });
  });

  it("who holds as many silent connections as there may be shuts nobody out, and the oldest go first", async () => {
    await withServer({ limits: { strangers: 20 } }, async (server) => {
      const silent: Socket[] = [];
      let closed = 0;
      for (let n = 0; n < 100; n++) {
        const socket = connectTcp({ host: "127.0.0.1", port: server.port });
        socket.on("error", () => {});
        socket.resume();
        socket.once("close", () => closed++);
        await once(socket, "connect");
        silent.push(socket);
      }
      assert.equal((await server.ask("GET", processesPath)).code, 200);
      for (const socket of silent.slice(0, 80)) if (!socket.closed) await once(socket, "close");
      assert.ok(closed <= 81, `${closed} of 100 were dropped`);
      for (const socket of silent) socket.destroy();
    });
  });

  it("does not cost those a connection who have shown who they are", async () => {
    await withServer({ limits: { strangers: 3 } }, async (server) => {
      const watch = await server.open("GET", `${processesPath}?watch=1`);
      const strangers: Socket[] = [];
      for (let n = 0; n < 30; n++) {
        const socket = connectTcp({ host: "127.0.0.1", port: server.port });
        socket.on("error", () => {});
        await once(socket, "connect");
        strangers.push(socket);
      }
      assert.equal((await server.ask("POST", processesPath, { body: processManifest("seen") })).code, 201);
      assert.match(String((await once(watch, "data"))[0]), /"seen"/);
      for (const socket of strangers) socket.destroy();
    });
  });
});

describe("a user", () => {
  const root = "Authorization: Bearer root-token\r\n";

  it("who leaves with requests queued behind a watch gives every place back", async () => {
    await withServer({ limits: { streamsPerUser: 2 } }, async (server) => {
      const socket = await dial(server);
      const watch = `GET ${processesPath}?watch=1 HTTP/1.1\r\nHost: localhost\r\n${root}\r\n`;
      socket.write(watch.repeat(2) + health.replace("\r\n\r\n", `\r\n${root}\r\n`).repeat(50));
      await once(socket, "data");
      const asRoot = { as: "nobody", headers: { authorization: "Bearer root-token" } } as const;
      assert.equal((await server.ask("GET", `${processesPath}?watch=1`, asRoot)).code, 429);
      socket.destroy();
      let code = 0;
      for (let tries = 0; tries < 200 && code !== 200; tries++)
        code = (await server.ask("GET", `${processesPath}?watch=1&timeoutSeconds=1`, asRoot)).code;
      assert.equal(code, 200);
    });
  });

  it("who sends requests without end before the first is answered is cut off", async () => {
    const never = (): Promise<never> => new Promise(() => {});
    const registry = fakeRegistry({ get: never, create: never });
    await withServer({ registry, clock: new FakeClock(new Date()) }, async (server) => {
      const socket = await dial(server);
      socket.resume();
      const ended = new Promise((resolve) => socket.once("close", resolve));
      const post = `POST ${processesPath} HTTP/1.1\r\nHost: localhost\r\n${root}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`;
      socket.write(post.repeat(1500));
      await ended;
    });
  });

  it("with more connections than one may have loses the one that has rested longest", async () => {
    await withServer({ limits: { connectionsPerUser: 2 } }, async (server) => {
      const ask = `GET /healthz HTTP/1.1\r\nHost: localhost\r\n${root}\r\n`;
      const sockets: TLSSocket[] = [];
      for (let n = 0; n < 3; n++) {
        const socket = await dial(server);
        socket.write(ask);
        await once(socket, "data");
        sockets.push(socket);
      }
      const [first, second, third] = sockets as [TLSSocket, TLSSocket, TLSSocket];
      if (!first.closed) await once(first, "close");
      for (const socket of [second, third]) {
        socket.write(ask);
        assert.match(String((await once(socket, "data"))[0]), / 200 /);
        socket.destroy();
      }
    });
  });
});

describe("closing", () => {
  it("is bounded while a request never gets its answer (P24)", async () => {
    const asked = Promise.withResolvers<void>();
    const create = () => {
      asked.resolve();
      return new Promise<never>(() => {});
    };
    const clock = new FakeClock(new Date());
    const { logger, said } = warnings();
    const server = await TestServer.start({ registry: fakeRegistry({ create }), clock, logger });
    const lost = assert.rejects(server.ask("POST", processesPath, { body: processManifest("never") }));
    await asked.promise;
    const closed = server.server.close();
    await clock.advanceAsync(5_000);
    await Promise.all([closed, lost]);
    assert.deepEqual(said, ["requests were cut off"]);
    await server.stop();
  });
});
