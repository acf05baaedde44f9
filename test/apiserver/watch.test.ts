import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { after, before, describe, it } from "node:test";
import { connect } from "node:tls";
import type { WatchEvent, WatchOptions } from "../../api/client.ts";
import { expired } from "../../api/errors.ts";
import type { Process } from "../../api/types.generated.ts";
import type { Registry } from "../../apiserver/registry/registry.ts";
import { eventually } from "../eventually.ts";
import { FakeClock } from "../lib/fake-clock.ts";
import { watchingOf } from "../store/watching-of.ts";
import { fakeRegistry } from "./fake-registry.ts";
import { processesPath, processManifest, TestServer } from "./test-server.ts";

// biome-ignore lint/suspicious/noExplicitAny: whatever the server says
type Json = any;

let server: TestServer;
before(async () => {
  server = await TestServer.start();
});
after(() => server.stop());

const make = (name: string, metadata: object = {}) =>
  server.ask("POST", processesPath, { body: processManifest(name, {}, metadata) });
const merge = (name: string, body: object) =>
  server.ask("PATCH", `${processesPath}/${name}`, {
    headers: { "content-type": "application/merge-patch+json" },
    body: JSON.stringify(body),
  });

/** Reads one event after the other. */
class Events {
  readonly response: IncomingMessage;
  readonly #lines: AsyncGenerator<Json>;

  constructor(response: IncomingMessage) {
    this.response = response;
    this.#lines = lines(response);
  }

  async next(): Promise<Json> {
    return (await this.#lines.next()).value;
  }

  close(): void {
    this.response.destroy();
  }
}

async function* lines(response: IncomingMessage): AsyncGenerator<Json> {
  let rest = "";
  for await (const chunk of response) {
    const parts = (rest + chunk).split("\n");
    rest = parts.pop() ?? "";
    for (const part of parts) yield JSON.parse(part);
  }
  assert.equal(rest, "", "the stream ended inside an event");
}

async function watch(query: string, headers: Record<string, string> = {}): Promise<Events> {
  const response = await server.open("GET", `${processesPath}?watch=true${query && `&${query}`}`, { headers });
  assert.equal(response.statusCode, 200);
  return new Events(response);
}

const seen = ({ type, object }: Json): string => `${type} ${object.metadata.name}`;
const revisionNow = async (): Promise<string> => (await server.ask("GET", processesPath)).json.metadata.resourceVersion;

describe("a watch", () => {
  it("sends its headers before there is any event, then each event as it happens", async () => {
    const events = await watch(`resourceVersion=${await revisionNow()}`);
    assert.equal(events.response.headers["content-type"], "application/json");
    await make("w1");
    await merge("w1", { spec: { replicas: 2 } });
    await server.ask("DELETE", `${processesPath}/w1`);
    assert.equal(seen(await events.next()), "ADDED w1");
    const modified = await events.next();
    assert.equal(seen(modified), "MODIFIED w1");
    assert.equal(modified.object.spec.replicas, 2);
    const deleted = await events.next();
    assert.equal(seen(deleted), "DELETED w1");
    assert.ok(Number(deleted.object.metadata.resourceVersion) > Number(modified.object.metadata.resourceVersion));
    events.close();
  });

  it("begins with what there is, when no revision is named", async () => {
    await make("w2", { labels: { set: "initial" } });
    for (const query of ["labelSelector=set%3Dinitial", "labelSelector=set%3Dinitial&resourceVersion=0"]) {
      const events = await watch(query);
      assert.equal(seen(await events.next()), "ADDED w2");
      events.close();
    }
  });

  it("ends the initial events with a bookmark (WatchList)", async () => {
    const query =
      "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&labelSelector=set%3Dinitial";
    const events = await watch(query);
    assert.equal(seen(await events.next()), "ADDED w2");
    const mark = await events.next();
    assert.equal(mark.type, "BOOKMARK");
    assert.equal(mark.object.kind, "Process");
    assert.equal(mark.object.metadata.annotations["k8s.io/initial-events-end"], "true");
    assert.match(mark.object.metadata.resourceVersion, /^\d+$/);
    events.close();
  });

  it("that begins with what there is ends that with the same bookmark when nobody asked for initial events, as the real server does", async () => {
    const events = await watch("allowWatchBookmarks=true&labelSelector=set%3Dinitial");
    assert.equal(seen(await events.next()), "ADDED w2");
    assert.equal((await events.next()).object.metadata.annotations["k8s.io/initial-events-end"], "true");
    events.close();
  });

  it("begins now with sendInitialEvents=false", async () => {
    const events = await watch("sendInitialEvents=false&resourceVersionMatch=NotOlderThan");
    await make("w3");
    assert.equal(seen(await events.next()), "ADDED w3");
    events.close();
  });

  it("shows changes of the selection as ADDED and DELETED", async () => {
    await make("w4");
    const events = await watch(`resourceVersion=${await revisionNow()}&labelSelector=in%3Dyes`);
    await merge("w4", { metadata: { labels: { in: "yes" } } });
    await merge("w4", { metadata: { labels: { in: "no" } } });
    assert.equal(seen(await events.next()), "ADDED w4");
    assert.equal(seen(await events.next()), "DELETED w4");
    events.close();
  });

  it("of one name selects on the collection", async () => {
    const events = await watch(`resourceVersion=${await revisionNow()}&fieldSelector=metadata.name%3Dw6`);
    await make("w5");
    await make("w6");
    assert.equal(seen(await events.next()), "ADDED w6");
    events.close();
  });

  it("as Table defines its columns in the first event only", async () => {
    const accept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
    const events = await watch(`resourceVersion=${await revisionNow()}`, { accept });
    await make("w7");
    await make("w8");
    const [first, second] = [await events.next(), await events.next()];
    assert.equal(first.object.kind, "Table");
    assert.equal(first.object.columnDefinitions[0].name, "Name");
    assert.equal(first.object.rows[0].cells[0], "w7");
    assert.deepEqual(second.object.columnDefinitions, []);
    assert.equal(second.object.rows[0].cells[0], "w8");
    assert.equal(second.object.rows[0].object.kind, "PartialObjectMetadata");
    events.close();
  });

  it("ends in good order after timeoutSeconds", async () => {
    const events = await watch("timeoutSeconds=1&resourceVersion=0&labelSelector=none%3Dsuch");
    assert.equal(await events.next(), undefined);
  });

  const refused: [string, number, string][] = [
    ["fieldSelector=spec.replicas%3D1", 400, "BadRequest"],
    ["labelSelector=%21%21", 400, "BadRequest"],
    ["resourceVersion=99999999", 504, "Timeout"],
    ["resourceVersion=abc", 400, "BadRequest"],
    ["sendInitialEvents=true", 422, "Invalid"],
    ["resourceVersionMatch=NotOlderThan&resourceVersion=1", 422, "Invalid"],
    ["sendInitialEvents=true&resourceVersionMatch=Exact", 422, "Invalid"],
    ["sendInitialEvents=true&resourceVersionMatch=NotOlderThan&continue=x", 422, "Invalid"],
    ["timeoutSeconds=soon", 400, "BadRequest"],
  ];
  for (const [query, code, reason] of refused) {
    it(`with ${query} is refused before it begins`, async () => {
      const { json } = await server.ask("GET", `${processesPath}?watch=true&${query}`);
      assert.deepEqual([json.code, json.reason], [code, reason]);
    });
  }

  it("finds in the stream, with code 200, that its revision is too old", async () => {
    server.store.compact(server.store.revision);
    await make("w9");
    const events = await watch("resourceVersion=1");
    const error = await events.next();
    assert.equal(error.type, "ERROR");
    assert.deepEqual([error.object.code, error.object.reason, error.object.kind], [410, "Expired", "Status"]);
    assert.match(error.object.message, /too old resource version: 1/);
    assert.equal(await events.next(), undefined);
  });
});

/** A Registry whose watch is what the test makes of it. */
const watched = (events: (options: WatchOptions) => AsyncGenerator<WatchEvent>): Registry =>
  fakeRegistry({
    list: () => ({ items: [], metadata: { resourceVersion: "5" } }),
    watch: (options) => watchingOf(events(options)),
  });

async function withServer(
  overrides: Parameters<typeof TestServer.start>[0],
  test: (server: TestServer) => Promise<void>,
) {
  const other = await TestServer.start(overrides);
  try {
    await test(other);
  } finally {
    await other.stop();
  }
}

const big = (n: number): WatchEvent<Process> => ({
  type: "MODIFIED",
  object: {
    apiVersion: "wctl.dev/v1",
    kind: "Process",
    metadata: {
      name: `p${n}`,
      namespace: "default",
      uid: "u",
      resourceVersion: String(n),
      creationTimestamp: "",
      annotations: { x: "x".repeat(100_000) },
    },
    spec: { command: "/bin/true" },
  },
});

describe("a watch that goes wrong", () => {
  it("tells a watcher who fell behind, and ends", async () => {
    const registry = watched(async function* () {
      yield big(1);
      throw expired("too old resource version: 1 (2)");
    });
    await withServer({ registry }, async (other) => {
      const events = new Events(await other.open("GET", `${processesPath}?watch=1&resourceVersion=1`));
      assert.equal(seen(await events.next()), "MODIFIED p1");
      assert.equal((await events.next()).object.reason, "Expired");
      assert.equal(await events.next(), undefined);
    });
  });

  it("says no more than an audit id of what is our own fault", async () => {
    const registry = watched(async function* () {
      yield big(1);
      throw new Error("secret inside");
    });
    await withServer({ registry }, async (other) => {
      const events = new Events(await other.open("GET", `${processesPath}?watch=1&resourceVersion=1`));
      await events.next();
      const { object } = await events.next();
      assert.equal(object.code, 500);
      assert.doesNotMatch(object.message, /secret/);
      assert.equal(await events.next(), undefined, "in good order");
    });
  });

  it("does not read on while its reader does not, and lets go of it in the end", async () => {
    const clock = new FakeClock(new Date());
    let given = 0;
    let ended = Promise.withResolvers<void>();
    const registry = watched(async function* () {
      try {
        for (let n = 1; n < 5000; n++) {
          given = n;
          yield big(n);
        }
      } finally {
        ended.resolve();
      }
    });
    await withServer({ registry, clock }, async (other) => {
      ended = Promise.withResolvers<void>();
      const { ca, admin } = other.certificates;
      const socket = connect({ host: "127.0.0.1", port: other.port, ca, cert: admin.cert, key: admin.key });
      socket.on("error", () => {});
      await once(socket, "secureConnect");
      socket.pause();
      socket.write(`GET ${processesPath}?watch=1&resourceVersion=1 HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      // Twenty looks at the same number, and nobody reads: the server waits.
      let [before, looks] = [0, 0];
      await eventually(() => {
        looks = given > 0 && given === before ? looks + 1 : 0;
        before = given;
        return looks === 20;
      }, "the server waits");
      assert.ok(given < 500, `${given} events of 100 kB went to a reader that takes none`);
      await clock.advanceAsync(31_000);
      await ended.promise;
      socket.destroy();
    });
  });

  it("is let go of when its client goes away", async () => {
    const gone = Promise.withResolvers<void>();
    const registry = watched(async function* ({ signal }) {
      yield big(1);
      await once(signal, "abort");
      gone.resolve();
    });
    await withServer({ registry }, async (other) => {
      const events = new Events(await other.open("GET", `${processesPath}?watch=1&resourceVersion=1`));
      await events.next();
      events.close();
      await gone.promise;
    });
  });
});

describe("a quiet watch", () => {
  it("ends by itself between 30 and 60 minutes, in good order", async () => {
    const clock = new FakeClock(new Date());
    const registry = watched(async function* ({ signal }) {
      yield big(1);
      await once(signal, "abort");
    });
    await withServer({ registry, clock, random: () => 0.5 }, async (other) => {
      const events = new Events(await other.open("GET", `${processesPath}?watch=1&resourceVersion=1`));
      await events.next();
      let ended = false;
      const end = events.next().then((event) => {
        ended = true;
        return event;
      });
      await clock.advanceAsync(44 * 60_000);
      assert.equal(ended, false);
      await clock.advanceAsync(60_000);
      assert.equal(await end, undefined);
    });
  });

  it("hands on bookmarks to who asked for them, and to nobody else", async () => {
    const asked: (boolean | undefined)[] = [];
    const registry = watched(async function* ({ bookmarks }) {
      asked.push(bookmarks);
      yield { type: "BOOKMARK", resourceVersion: "41" };
      yield big(42);
    });
    await withServer({ registry }, async (other) => {
      const all: Events[] = [];
      const open = async (query: string, headers = {}): Promise<Events> => {
        const path = `${processesPath}?watch=1&resourceVersion=1${query}`;
        all.push(new Events(await other.open("GET", path, { headers })));
        return all.at(-1) as Events;
      };
      const marked = await open("&allowWatchBookmarks=true");
      assert.deepEqual(await marked.next(), {
        type: "BOOKMARK",
        object: {
          kind: "Process",
          apiVersion: "wctl.dev/v1",
          metadata: { resourceVersion: "41", creationTimestamp: null },
        },
      });
      assert.equal(seen(await marked.next()), "MODIFIED p42");
      const without = await open("");
      assert.equal(seen(await without.next()), "MODIFIED p42");
      assert.deepEqual(asked, [true, false]);
      const partial = { accept: "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io" };
      const { object } = await (await open("&allowWatchBookmarks=true", partial)).next();
      assert.deepEqual([object.kind, object.metadata.resourceVersion], ["PartialObjectMetadata", "41"]);
      const table = { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" };
      const bookmark = (await (await open("&allowWatchBookmarks=true", table)).next()).object;
      assert.deepEqual([bookmark.kind, bookmark.metadata.resourceVersion], ["Table", "41"]);
      for (const events of all) events.close();
    });
  });
});

describe("closing the server", () => {
  it("ends watches in good order, at once", async () => {
    const other = await TestServer.start({ clock: new FakeClock(new Date()) }); // No deadline ever comes.
    const events = new Events(await other.open("GET", `${processesPath}?watch=1&labelSelector=none`));
    const [last] = await Promise.all([events.next(), other.server.close()]);
    await other.stop();
    assert.equal(last, undefined);
  });

  it("lets a request finish that is under way", async () => {
    const written = Promise.withResolvers<never>();
    const asked = Promise.withResolvers<void>();
    const registry = fakeRegistry({
      create: () => {
        asked.resolve();
        return written.promise;
      },
    });
    const other = await TestServer.start({ registry });
    const reply = other.ask("POST", processesPath, { body: processManifest("late") });
    await asked.promise;
    const closed = other.server.close();
    const event = big(1) as { object: object };
    written.resolve({ object: event.object, created: true, warnings: [] } as never);
    assert.equal((await reply).code, 201);
    await closed;
    await assert.rejects(other.ask("GET", "/healthz"));
    await other.stop();
  });
});
