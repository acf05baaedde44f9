import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import type { Stored } from "../../api/object.ts";
import { configMaps } from "../../api/scheme.ts";
import type { ConfigMap } from "../../api/types.generated.ts";
import { silentLogger } from "../../lib/logger.ts";
import { Informer, type InformerOptions } from "../../machinery/informer.ts";
import { FakeClock, settle } from "../lib/fake-clock.ts";
import { MemoryClient } from "./memory-client.ts";

const map = (name: string, value = "1", namespace = "default"): ConfigMap => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace, labels: { value } },
  data: { value },
});

function setUp(t: TestContext, options: Partial<InformerOptions<ConfigMap>> = {}) {
  const clock = new FakeClock();
  const client = new MemoryClient(clock);
  const informer = new Informer({ client, resource: configMaps, clock, logger: silentLogger, ...options });
  const seen: string[] = [];
  informer.on(({ type, object }) => seen.push(`${type} ${object.metadata.name}`));
  const aborter = new AbortController();
  t.after(() => aborter.abort());
  return { clock, client, informer, seen, start: () => informer.start(aborter.signal), aborter };
}
const change = (client: MemoryClient, name: string, value: string): Promise<Stored<ConfigMap>> =>
  client.patch(configMaps, `default/${name}`, { type: "merge", body: { data: { value } } });

describe("Informer", () => {
  it("lists, then watches: listeners see each change once", async (t) => {
    const { client, informer, seen, start } = setUp(t);
    await client.create(configMaps, map("a"));
    void start();
    await informer.synced;
    await client.create(configMaps, map("b"));
    await change(client, "a", "2");
    await client.delete(configMaps, "default/b");
    await settle();
    assert.deepEqual(seen, ["Added a", "Added b", "Changed a", "Deleted b"]);
    assert.equal(informer.lister.get("default/a")?.data?.value, "2");
    assert.equal(informer.lister.get("default/b"), undefined);
    assert.equal(informer.revision, client.revision);
  });

  it("tells a late listener what is already known", async (t) => {
    const { client, informer, start } = setUp(t);
    await client.create(configMaps, map("a"));
    void start();
    await informer.synced;
    const late: string[] = [];
    informer.on(({ type, object }) => late.push(`${type} ${object.metadata.name}`));
    assert.deepEqual(late, ["Added a"]);
  });

  it("resumes a watch that ended where it ended, without listing again", async (t) => {
    const { clock, client, informer, seen, start } = setUp(t);
    void start();
    await informer.synced;
    client.endWatches();
    await client.create(configMaps, map("a"));
    await clock.advanceAsync(1_000);
    assert.deepEqual(seen, ["Added a"]);
    assert.equal(client.calls.filter((call) => call.verb === "list").length, 1);
  });

  it("lists again after 410 and tells the difference, deletions nobody saw included", async (t) => {
    const { clock, client, informer, seen, start } = setUp(t);
    for (const name of ["kept", "changed", "gone", "remade"]) await client.create(configMaps, map(name));
    void start();
    await informer.synced;
    await settle();
    seen.length = 0;
    client.endWatches();
    await change(client, "changed", "2");
    await client.delete(configMaps, "default/gone");
    await client.delete(configMaps, "default/remade");
    await client.create(configMaps, map("remade", "2"));
    client.compact();
    await clock.advanceAsync(1_000);
    assert.deepEqual(seen, ["Deleted gone", "Changed changed", "Deleted remade", "Added remade"]);
  });

  it("backs off while the server fails, and syncs when it is back", async (t) => {
    const { clock, client, informer, start } = setUp(t);
    client.fail = () => {
      throw new Error("connection refused");
    };
    void start();
    await clock.advanceAsync(30_000);
    const asked = client.calls.length;
    assert.ok(asked >= 6 && asked <= 12, `${asked} tries within 30 s`);
    client.fail = () => {};
    await clock.advanceAsync(10_000);
    await informer.synced;
  });

  it("finds Objects by namespace and by its indexes", async (t) => {
    const indexers = { value: (object: Stored<ConfigMap>) => [object.metadata.labels?.value ?? ""] };
    const { client, informer, start } = setUp(t, { indexers });
    await client.create(configMaps, map("a", "x"));
    await client.create(configMaps, map("b", "x", "other"));
    void start();
    await informer.synced;
    await client.patch(configMaps, "other/b", { type: "merge", body: { metadata: { labels: { value: "y" } } } });
    await settle();
    const names = (objects: Stored<ConfigMap>[]): string[] => objects.map((object) => object.metadata.name);
    assert.deepEqual(names(informer.lister.by("value", "x")), ["a"]);
    assert.deepEqual(names(informer.lister.by("value", "y")), ["b"]);
    assert.deepEqual(names(informer.lister.list("other")), ["b"]);
    assert.equal(informer.lister.list().length, 2);
    assert.throws(() => informer.lister.by("owner", "x"), /no index "owner"/);
  });

  it("tells every Object again at the resync period, and leaves no timer behind", async (t) => {
    const { clock, client, informer, seen, start, aborter } = setUp(t, { resyncMs: 60_000, random: () => 0.5 });
    await client.create(configMaps, map("a"));
    const ended = start();
    await informer.synced;
    await clock.advanceAsync(120_000);
    assert.deepEqual(seen, ["Added a", "Resync a", "Resync a"]);
    aborter.abort();
    await ended;
    assert.equal(clock.pending, 0);
  });

  it("tells many Objects a part at a time, each once in a period", async (t) => {
    const { clock, client, informer, seen, start } = setUp(t, { resyncMs: 60_000, random: () => 0 });
    for (let n = 0; n < 120; n++) await client.create(configMaps, map(`m-${n}`));
    void start();
    await informer.synced;
    const resyncs = (): string[] => seen.filter((event) => event.startsWith("Resync"));
    await clock.advanceAsync(30_000);
    assert.ok(resyncs().length > 50 && resyncs().length < 80, `${resyncs().length} after half of the period`);
    await clock.advanceAsync(23_900);
    assert.equal(new Set(resyncs()).size, 120);
    assert.equal(resyncs().length, 120);
  });

  it("lists anew in each period, and so finds what no event told", async (t) => {
    const { clock, client, informer, seen, start } = setUp(t, { resyncMs: 60_000, random: () => 0.5 });
    await client.create(configMaps, map("a"));
    void start();
    await informer.synced;
    client.loseEvents(true);
    await client.create(configMaps, map("b"));
    await client.delete(configMaps, "default/a");
    client.loseEvents(false);
    await settle();
    assert.deepEqual(seen, ["Added a"]);
    await clock.advanceAsync(60_000);
    const news = seen.filter((event) => !event.startsWith("Resync"));
    assert.deepEqual(news, ["Added a", "Deleted a", "Added b"]);
  });

  it("goes on when a listener throws", async (t) => {
    const { client, informer, seen, start } = setUp(t);
    informer.on(() => {
      throw new Error("listener's bug");
    });
    void start();
    await informer.synced;
    await client.create(configMaps, map("a"));
    await client.create(configMaps, map("b"));
    await settle();
    assert.deepEqual(seen, ["Added a", "Added b"]);
  });

  it("rejects synced when it is stopped before the first list", async (t) => {
    const { client, informer, start, aborter } = setUp(t);
    client.fail = () => {
      throw new Error("down");
    };
    const ended = start();
    aborter.abort(new Error("stopped"));
    await ended;
    await assert.rejects(informer.synced, /stopped/);
  });
});
