import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { it } from "node:test";
import { gunzipSync } from "node:zlib";
import type { WatchEvent, WatchOptions } from "../../../api/client.ts";
import type { KubeObject, Stored } from "../../../api/object.ts";
import type { Registry } from "../../../apiserver/registry/registry.ts";
import type { Watcher } from "../../../apiserver/registry/storage.ts";
import { eventually } from "../../eventually.ts";
import { FakeClock } from "../../lib/fake-clock.ts";
import { watchingOf } from "../../store/watching-of.ts";
import { fakeRegistry } from "../fake-registry.ts";
import { type Protocol, processesPath, processManifest, TestServer } from "../test-server.ts";

const MIB = 1024 * 1024;
const root = { as: "nobody", headers: { authorization: "Bearer root-token" } } as const;

const object = (n: number, size = 100): Stored<KubeObject> =>
  Object.freeze({
    apiVersion: "wctl.dev/v1",
    kind: "Process",
    metadata: { name: `p${n}`, namespace: "default", uid: "u", resourceVersion: String(n), creationTimestamp: "" },
    spec: { command: "x".repeat(size) },
  });

type Events = (options: WatchOptions) => AsyncGenerator<WatchEvent>;

const shows =
  (events: Events): Watcher["watch"] =>
  (options) =>
    watchingOf(events(options));

const watched = (events: Events): Registry =>
  fakeRegistry({
    list: () => ({ items: [], metadata: { resourceVersion: "5" } }),
    watch: shows(events),
    get: () => object(1),
  });

const event = (n: number, size?: number): WatchEvent => ({ type: "MODIFIED", object: object(n, size) });

/** What the pipeline promises whatever version of HTTP its client speaks. */
export function protocolContract(protocol: Protocol): void {
  const withServer = async (
    overrides: Parameters<typeof TestServer.start>[0],
    body: (server: TestServer) => Promise<void>,
  ): Promise<void> => {
    const server = await TestServer.start({ ...overrides, protocol });
    try {
      await body(server);
    } finally {
      await server.stop();
    }
  };
  const read = async (response: IncomingMessage): Promise<Buffer> => {
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  };
  const watchPath = `${processesPath}?watch=1&resourceVersion=1`;

  it("serves reads, writes, refusals and HEAD", async () => {
    await withServer({}, async (server) => {
      assert.equal((await server.ask("POST", processesPath, { body: processManifest("web") })).code, 201);
      const found = await server.ask("GET", `${processesPath}/web`);
      assert.deepEqual([found.code, found.json.metadata.name], [200, "web"]);
      assert.match(String(found.headers["audit-id"]), /^[0-9a-f-]{36}$/);
      assert.equal((await server.ask("GET", `${processesPath}/none`)).json.reason, "NotFound");
      assert.equal((await server.ask("POST", processesPath, { body: "{" })).code, 400);
      assert.equal((await server.ask("DELETE", `${processesPath}/web`)).code, 200);
      const head = await server.ask("HEAD", "/version");
      assert.deepEqual([head.code, head.bytes.length], [200, 0]);
      assert.ok(Number(head.headers["content-length"]) > 0);
    });
  });

  it("knows who asks by certificate or token, and refuses strangers, one time for each connection", async () => {
    await withServer({}, async (server) => {
      const { json } = await server.ask("GET", processesPath, { as: "jane" });
      assert.match(json.message, /^processes.wctl.dev is forbidden: User "jane" cannot list/);
      for (let n = 0; n < 3; n++) {
        const refused = await server.ask("GET", processesPath, { as: "nobody" });
        assert.deepEqual([refused.code, refused.headers["www-authenticate"]], [401, 'Bearer realm="wctl"']);
      }
      assert.equal((await server.ask("GET", processesPath, root)).code, 200);
    });
  });

  it("refuses the name of another host", async () => {
    await withServer({}, async (server) => {
      const { json } = await server.ask("GET", processesPath, { headers: { host: "evil.example" } });
      assert.deepEqual(
        [json.code, json.message],
        [403, 'forbidden: the Host "evil.example" is not a name of this server'],
      );
    });
  });

  it("refuses a body above 3 MiB while it arrives, and goes on", async () => {
    await withServer({}, async (server) => {
      const body = new Uint8Array(5 * MIB).fill(0x20);
      const reply = await server.ask("POST", processesPath, { body, headers: { "transfer-encoding": "chunked" } });
      assert.deepEqual([reply.code, reply.json.reason], [413, "RequestEntityTooLarge"]);
      assert.equal((await server.ask("GET", processesPath)).code, 200);
    });
  });

  it("takes a body of just 3 MiB, and refuses one more byte, also when its length is not told before", async () => {
    await withServer({}, async (server) => {
      const start = Buffer.from(JSON.stringify(processManifest("whole")));
      const sized = (size: number): Buffer => Buffer.concat([start, Buffer.alloc(size - start.length, " ")]);
      for (const headers of [{}, { "transfer-encoding": "chunked" }]) {
        const over = await server.ask("POST", processesPath, { body: sized(3 * MIB + 1), headers });
        assert.deepEqual([over.code, over.json.code], [413, 413]);
        const whole = await server.ask("POST", `${processesPath}?dryRun=All`, { body: sized(3 * MIB), headers });
        assert.equal(whole.code, 201);
      }
    });
  });

  it("sends long lists whole, compressed for who takes that", async () => {
    const items = Array.from({ length: 5000 }, (_, n) => object(n, 1000));
    const registry = fakeRegistry({ list: () => ({ items, metadata: { resourceVersion: "5" } }) });
    await withServer({ registry }, async (server) => {
      const plain = await server.ask("GET", processesPath);
      assert.equal(plain.json.items.length, 5000);
      const packed = await server.ask("GET", processesPath, { headers: { "accept-encoding": "gzip" } });
      assert.equal(packed.headers["content-encoding"], "gzip");
      assert.ok(packed.bytes.length < plain.bytes.length / 10);
      assert.equal(gunzipSync(packed.bytes).toString(), plain.text);
    });
  });

  it("sends the headers of a watch before there is any event, and hears when its client has gone", async () => {
    const gone = Promise.withResolvers<void>();
    const more = Promise.withResolvers<void>();
    const registry = watched(async function* ({ signal }) {
      await more.promise;
      yield event(1);
      if (!signal.aborted) await once(signal, "abort");
      gone.resolve();
    });
    await withServer({ registry }, async (server) => {
      const response = await server.open("GET", watchPath);
      assert.deepEqual([response.statusCode, response.headers["content-type"]], [200, "application/json"]);
      more.resolve();
      const [line] = await once(response, "data");
      assert.match(String(line), /^\{"type":"MODIFIED".*\n$/);
      response.destroy();
      await gone.promise;
    });
  });

  it("lets go of a watcher who takes nothing for half a minute; others never waited for him", async () => {
    const clock = new FakeClock(new Date());
    let given = 0;
    const ended = Promise.withResolvers<void>();
    const registry = watched(async function* () {
      try {
        for (let n = 1; n < 5000; n++) {
          given = n;
          yield event(n, 100_000);
        }
      } finally {
        ended.resolve();
      }
    });
    await withServer({ registry, clock }, async (server) => {
      const response = await server.open("GET", watchPath);
      response.on("error", () => {});
      response.pause();
      let before = -1;
      await eventually(async () => {
        const isSame = given === before && given > 0;
        before = given;
        assert.equal((await server.ask("GET", `${processesPath}/p1`)).code, 200);
        return isSame;
      }, "the server waits");
      assert.ok(given < 500, `${given} events of 100 kB went to a reader that takes none`);
      await clock.advanceAsync(31_000);
      await ended.promise;
    });
  });

  it("never lets half an answer look whole", async () => {
    const clock = new FakeClock(new Date());
    const items = Array.from({ length: 64 }, (_, n) => object(n, MIB));
    const registry = fakeRegistry({ list: () => ({ items, metadata: { resourceVersion: "5" } }) });
    await withServer({ registry, clock, limits: { requestsPerUser: 1 } }, async (server) => {
      const response = await server.open("GET", processesPath, root);
      response.on("error", () => {}); // It may come before somebody reads.
      response.pause();
      const another = async (): Promise<number> => (await server.ask("GET", "/api", root)).code;
      await eventually(async () => (await another()) === 429, "his place is taken");
      await clock.advanceAsync(30_000);
      await eventually(async () => (await another()) === 200, "his place is free");
      await assert.rejects(read(response));
    });
  });

  it("caps what one user may have under way with 429 and a time to come back", async () => {
    await withServer({ limits: { streamsPerUser: 2 } }, async (server) => {
      const path = `${processesPath}?watch=1`;
      const [first] = [await server.open("GET", path), await server.open("GET", path)];
      const third = await server.ask("GET", path);
      assert.deepEqual([third.code, third.headers["retry-after"]], [429, "1"]);
      assert.equal((await server.ask("GET", processesPath)).code, 200);
      first.destroy();
      await eventually(async () => (await server.ask("GET", `${path}&timeoutSeconds=1`)).code === 200, "room");
    });
  });

  it("ends watches in good order when the server closes, and lets a request finish that is under way", async () => {
    const written = Promise.withResolvers<never>();
    const asked = Promise.withResolvers<void>();
    const create = (): Promise<never> => {
      asked.resolve();
      return written.promise;
    };
    const watch = shows(async function* ({ signal }) {
      yield event(1);
      if (!signal.aborted) await once(signal, "abort");
    });
    const list = () => ({ items: [], metadata: { resourceVersion: "5" } });
    await withServer({ registry: fakeRegistry({ create, watch, list }) }, async (server) => {
      const response = await server.open("GET", watchPath);
      const reply = server.ask("POST", processesPath, { body: processManifest("late") });
      await asked.promise;
      const closed = server.server.close();
      assert.match(String(await read(response)), /^\{"type":"MODIFIED".*\n$/);
      written.resolve({ object: object(1), created: true, warnings: [] } as never);
      assert.equal((await reply).code, 201);
      await closed;
      await assert.rejects(server.ask("GET", "/healthz"));
    });
  });

  it("closes in bounded time while a request never gets its answer", async () => {
    const clock = new FakeClock(new Date());
    const asked = Promise.withResolvers<void>();
    const create = (): Promise<never> => {
      asked.resolve();
      return new Promise(() => {});
    };
    await withServer({ registry: fakeRegistry({ create }), clock }, async (server) => {
      const lost = assert.rejects(server.ask("POST", processesPath, { body: processManifest("never") }));
      await asked.promise;
      const closed = server.server.close();
      await clock.advanceAsync(5_000);
      await Promise.all([closed, lost]);
    });
  });
}
