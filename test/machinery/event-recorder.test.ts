import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StatusError } from "../../api/errors.ts";
import type { Stored } from "../../api/object.ts";
import { configMaps, events } from "../../api/scheme.ts";
import type { ConfigMap } from "../../api/types.generated.ts";
import { silentLogger } from "../../lib/logger.ts";
import { ApiEventRecorder } from "../../machinery/event-recorder.ts";
import { FakeClock } from "../lib/fake-clock.ts";
import { MemoryClient } from "./memory-client.ts";

async function setUp(namespace: string | undefined = "shop") {
  const clock = new FakeClock("2026-05-01T10:00:00Z");
  const client = new MemoryClient(clock);
  const recorder = new ApiEventRecorder({ client, component: "test", host: "pc1", clock, logger: silentLogger });
  const metadata = namespace === "" ? { name: "a" } : { name: "a", namespace };
  const about: Stored<ConfigMap> = await client.create(configMaps, { apiVersion: "v1", kind: "ConfigMap", metadata });
  return { clock, client, recorder, about };
}

describe("ApiEventRecorder", () => {
  it("writes an Event as Kubernetes has them", async () => {
    const { client, recorder, about } = await setUp();
    recorder.event(about, "Warning", "Failed", "it failed");
    await recorder.flush();
    const [event] = client.all(events);
    assert.match(event!.metadata.name, /^a\.[0-9a-f]+$/);
    assert.equal(event!.metadata.namespace, "shop");
    const { uid, resourceVersion } = about.metadata;
    assert.deepEqual(event!.involvedObject, {
      apiVersion: "v1",
      kind: "ConfigMap",
      name: "a",
      namespace: "shop",
      uid,
      resourceVersion,
    });
    assert.deepEqual(
      [event!.type, event!.reason, event!.message, event!.count, event!.firstTimestamp, event!.source],
      ["Warning", "Failed", "it failed", 1, "2026-05-01T10:00:00Z", { component: "test", host: "pc1" }],
    );
  });

  it("counts equal Events instead of writing them again", async () => {
    const { clock, client, recorder, about } = await setUp();
    for (let time = 0; time < 3; time++) {
      recorder.event(about, "Normal", "Started", "started");
      await recorder.flush();
      clock.advance(60_000);
    }
    const [event, ...others] = client.all(events);
    assert.deepEqual(others, []);
    assert.equal(event!.count, 3);
    assert.equal(event!.firstTimestamp, "2026-05-01T10:00:00Z");
    assert.equal(event!.lastTimestamp, "2026-05-01T10:02:00Z");
  });

  it("gives an Event annotations; of equal ones, those of the last", async () => {
    const { client, recorder, about } = await setUp();
    for (const revision of ["r1", "r2"]) {
      recorder.event(about, "Warning", "Failed", "it failed", { revision });
      await recorder.flush();
    }
    assert.deepEqual(
      client.all(events).map(({ count, metadata }) => [count, metadata.annotations]),
      [[2, { revision: "r2" }]],
    );
  });

  it("keeps what a store that takes no writes for a while has refused, and gives up at the end of the daemon", async () => {
    const { clock, client, recorder, about } = await setUp();
    client.fail = () => {
      throw new StatusError("ServiceUnavailable", "the disk is full");
    };
    recorder.event(about, "Normal", "Started", "started");
    await clock.advanceAsync(60_000);
    recorder.event(about, "Normal", "Started", "started");
    client.fail = () => {};
    await clock.advanceAsync(2_000);
    const [event, ...others] = client.all(events);
    assert.deepEqual([event?.count, event?.firstTimestamp, others], [2, "2026-05-01T10:00:00Z", []]);
    client.fail = () => {
      throw new StatusError("ServiceUnavailable", "the disk is full");
    };
    recorder.event(about, "Normal", "Stopped", "stopped");
    await clock.advanceAsync(5_000);
    await recorder.flush();
    await clock.advanceAsync(60_000);
    assert.deepEqual([client.all(events).length, clock.pending], [1, 0]);
  });

  it("writes the Event anew when it has expired meanwhile", async () => {
    const { client, recorder, about } = await setUp();
    recorder.event(about, "Normal", "Started", "started");
    await recorder.flush();
    await client.delete(events, `shop/${client.all(events)[0]!.metadata.name}`);
    recorder.event(about, "Normal", "Started", "started");
    await recorder.flush();
    assert.equal(client.all(events)[0]!.count, 2);
  });

  it("lets one Object say 25 things at once, and one more every 5 minutes", async () => {
    const { clock, client, recorder, about } = await setUp();
    for (let time = 0; time < 100; time++) recorder.event(about, "Normal", "Noise", "again");
    clock.advance(300_000);
    recorder.event(about, "Normal", "Noise", "again");
    recorder.event(about, "Normal", "Noise", "again");
    await recorder.flush();
    assert.equal(client.all(events)[0]!.count, 26);
  });

  it("combines more than ten different messages for one reason", async () => {
    const { client, recorder, about } = await setUp();
    for (let time = 0; time < 20; time++) recorder.event(about, "Warning", "Failed", `try ${time}`);
    await recorder.flush();
    const written = client.all(events);
    assert.equal(written.length, 11);
    const combined = written.find((event) => event.message?.startsWith("(combined from similar events): "));
    assert.equal(combined?.count, 10);
    assert.match(combined!.message!, /try 19$/);
  });

  it("puts Events of cluster-scoped Objects into namespace default", async () => {
    const { client, recorder, about } = await setUp("");
    recorder.event(about, "Normal", "Started", "started");
    await recorder.flush();
    assert.equal(client.all(events)[0]!.metadata.namespace, "default");
  });

  it("waits for a pause of a tenth of a second, and not longer than two seconds", async () => {
    const { client, clock, recorder, about } = await setUp();
    const of = (at: number) => ({ ...about, metadata: { ...about.metadata, uid: `u${at}` } });
    const written = (): number => client.all(events).length;
    const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    for (let at = 0; at < 101; at++) recorder.event(of(at), "Normal", "Started", "started");
    clock.advance(99);
    await settle();
    assert.equal(written(), 0, "what is told of comes first");
    clock.advance(1);
    for (let turn = 0; turn < 10; turn++) await settle();
    assert.equal(written(), 101, "until it is over");
    for (let at = 101; at < 4_000; at++) {
      recorder.event(of(at), "Normal", "Started", "started");
      if (at % 20 === 0) clock.advance(20);
      if (at % 20 === 0) await settle();
    }
    for (let turn = 0; turn < 10; turn++) await settle();
    assert.ok(written() > 101, "or has lasted too long");
    await recorder.flush();
    assert.equal(written(), 4_000);
  });

  it("drops what a failing server will not take, without throwing, and keeps its memory bounded", async () => {
    const { client, recorder, about } = await setUp();
    client.fail = () => {
      throw new Error("read-only file system");
    };
    const of = (at: number) => ({ ...about, metadata: { ...about.metadata, uid: `u${at}` } });
    for (let at = 0; at < 5_000; at++) recorder.event(of(at), "Normal", "Started", "started");
    const before = client.calls.length;
    await recorder.flush();
    assert.equal(client.calls.length - before, 4_096);
    client.fail = () => {};
    recorder.event(about, "Normal", "Back", "back");
    await recorder.flush();
    assert.equal(client.all(events).length, 1);
  });
});
