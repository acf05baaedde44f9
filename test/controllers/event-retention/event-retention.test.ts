import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Stored } from "../../../api/object.ts";
import { events } from "../../../api/scheme.ts";
import type { Event } from "../../../api/types.generated.ts";
import { EventRetention, superfluousEvents } from "../../../controllers/event-retention/event-retention.ts";
import { silentLogger } from "../../../lib/logger.ts";
import { FakeClock, settle } from "../../lib/fake-clock.ts";
import { MemoryClient } from "../../machinery/memory-client.ts";

const now = new Date("2026-05-01T12:00:00Z");
const event = (name: string, lastTimestamp: string | null, namespace = "a"): Stored<Event> => ({
  apiVersion: "v1",
  kind: "Event",
  metadata: { name, namespace, uid: name, resourceVersion: "1", creationTimestamp: "2026-05-01T11:00:00Z" },
  involvedObject: {},
  lastTimestamp,
});

describe("superfluousEvents", () => {
  it("names what did not happen again for longer than the age", () => {
    const all = [event("old", "2026-05-01T10:59:59Z"), event("new", "2026-05-01T11:00:01Z"), event("undated", null)];
    assert.deepEqual(superfluousEvents(all, { maxAgeMs: 3_600_000, maxPerNamespace: 10 }, now), ["a/old"]);
  });

  it("keeps the newest of each namespace", () => {
    const all = [1, 2, 3].flatMap((minute) => [
      event(`e${minute}`, `2026-05-01T11:5${minute}:00Z`),
      event(`e${minute}`, `2026-05-01T11:5${minute}:00Z`, "b"),
    ]);
    const keys = superfluousEvents(all, { maxAgeMs: 3_600_000, maxPerNamespace: 2 }, now);
    assert.deepEqual(keys.sort(), ["a/e1", "b/e1"]);
  });
});

describe("EventRetention", () => {
  it("deletes once a minute what is superfluous then, and goes on after a failure", async () => {
    const clock = new FakeClock(now);
    const client = new MemoryClient(clock);
    const { metadata, ...rest } = event("a", "2026-05-01T11:30:00Z");
    await client.create(events, { ...rest, metadata: { name: "a", namespace: metadata.namespace! } });
    const aborter = new AbortController();
    let failures = 1;
    client.fail = ({ verb }) => {
      if (verb === "delete" && failures-- > 0) throw new Error("busy");
    };
    const ended = new EventRetention({ client, clock, logger: silentLogger }).start(aborter.signal);
    await clock.advanceAsync(30 * 60_000);
    assert.equal(client.all(events).length, 1);
    await clock.advanceAsync(60_000);
    await clock.advanceAsync(60_000);
    assert.deepEqual(client.all(events), []);
    aborter.abort();
    await ended;
    await settle();
    assert.equal(clock.pending, 0);
  });
});
