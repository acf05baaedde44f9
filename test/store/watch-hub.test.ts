import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { StoreEvent } from "../../store/store.ts";
import { WatchHub } from "../../store/watch-hub.ts";

const event = (revision: number, path = "a/x"): StoreEvent =>
  ({ type: "ADDED", revision, path, object: { metadata: { name: path } } }) as unknown as StoreEvent;
const never = new AbortController().signal;

describe("WatchHub", () => {
  it("delivers in order what matches the prefix: replayed first, then published", async () => {
    const hub = new WatchHub(10);
    const watcher = hub.watch("a/", [event(1), event(2)], never);
    hub.publish(event(3));
    hub.publish(event(4, "b/x"));
    hub.publish(event(5));
    const seen: number[] = [];
    for await (const one of watcher) {
      seen.push(one.revision);
      if (seen.length === 4) break;
    }
    assert.deepEqual(seen, [1, 2, 3, 5]);
    assert.equal(hub.size, 0, "leaving the loop ends the watch");
  });

  it("answers several waiting calls in order", async () => {
    const hub = new WatchHub(10);
    const watcher = hub.watch("", [], never);
    const waiting = [watcher.next(), watcher.next()];
    hub.publish(event(1));
    hub.publish(event(2));
    assert.deepEqual(
      (await Promise.all(waiting)).map((result) => result.value.revision),
      [1, 2],
    );
  });

  it("has room for `buffer` events beyond the replay, and for more after some were taken", async () => {
    const hub = new WatchHub(2);
    const watcher = hub.watch("", [event(1)], never);
    hub.publish(event(2));
    hub.publish(event(3));
    await watcher.next();
    hub.publish(event(4));
    assert.equal(hub.size, 1);
    hub.publish(event(5));
    assert.equal(hub.size, 0, "dropped, and no longer written to");
    await assert.rejects(watcher.next(), { reason: "Expired", message: /fell more than 3 events behind/ });
    assert.equal((await watcher.next()).done, true, "the failure is said once");
  });

  it("goes through a long queue once, in order", async () => {
    const hub = new WatchHub(10_000);
    const watcher = hub.watch("", [], never);
    for (let revision = 1; revision <= 5_000; revision++) hub.publish(event(revision));
    for (let revision = 1; revision <= 5_000; revision++) {
      assert.equal((await watcher.next()).value.revision, revision);
      if (revision % 2) hub.publish(event(5_000 + (revision + 1) / 2));
    }
    assert.equal((await watcher.next()).value.revision, 5_001);
  });

  it("lets go of the signal when a watch ends, and ends at once for an aborted one", async () => {
    const hub = new WatchHub(10);
    const listeners = new Set<unknown>();
    const signal = {
      aborted: false,
      addEventListener: (_: string, listener: unknown) => listeners.add(listener),
      removeEventListener: (_: string, listener: unknown) => listeners.delete(listener),
    } as unknown as AbortSignal;
    const watcher = hub.watch("", [], signal);
    assert.equal(listeners.size, 1);
    await watcher.return?.();
    assert.equal(listeners.size, 0);
    const aborted = hub.watch("", [event(1)], AbortSignal.abort());
    assert.deepEqual([(await aborted.next()).done, hub.size], [true, 0]);
  });
});
