import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { keyOf } from "../../api/object.ts";
import { configMaps } from "../../api/scheme.ts";
import { silentLogger } from "../../lib/logger.ts";
import { Informer } from "../../machinery/informer.ts";
import { FakeClock } from "../lib/fake-clock.ts";
import { repeats } from "../repeats.ts";
import { MemoryClient } from "./memory-client.ts";

const name = fc.constantFrom("a", "b", "c");
const act = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom("create", "change", "delete"), name }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom("end", "compact", "fail", "recover", "wait"), name: fc.constant("") }),
  },
);

describe("Informer, whatever the connection does", () => {
  it("shows in the end what is there, and its events add up to it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 40 }), async (acts) => {
        const clock = new FakeClock();
        const client = new MemoryClient(clock);
        const informer = new Informer({ client, resource: configMaps, clock, logger: silentLogger });
        const told = new Map<string, string>();
        informer.on((event) => {
          const { type, object } = event;
          const { uid, resourceVersion } = object.metadata;
          const known = told.get(keyOf(object));
          assert.equal(known !== undefined, type !== "Added", `${type} of ${known ?? "what was not known"}`);
          assert.ok(type === "Added" || known?.startsWith(uid), `${type} tells of another object`);
          if (type === "Deleted") told.delete(keyOf(object));
          else told.set(keyOf(object), `${uid}@${resourceVersion}`);
        });
        const aborter = new AbortController();
        const ended = informer.start(aborter.signal);
        let value = 0;
        // The test's own writes do not go through the connection that fails.
        const own = async (write: Promise<unknown>): Promise<void> => void (await write.catch(() => {}));
        let down = false;
        client.fail = ({ verb }) => {
          if (down && (verb === "list" || verb === "watch")) throw new Error("connection refused");
        };
        for (const one of acts) {
          const key = `default/${one.name}`;
          const metadata = { name: one.name, namespace: "default" };
          if (one.do === "create")
            await own(client.create(configMaps, { apiVersion: "v1", kind: "ConfigMap", metadata }));
          if (one.do === "change") {
            await own(client.patch(configMaps, key, { type: "merge", body: { data: { value: String(value++) } } }));
          }
          if (one.do === "delete") await own(client.delete(configMaps, key));
          if (one.do === "end") client.endWatches();
          if (one.do === "compact") client.compact();
          if (one.do === "fail") down = true;
          if (one.do === "recover") down = false;
          if (one.do === "wait") await clock.advanceAsync(500);
        }
        down = false;
        for (let round = 0; round < 4; round++) await clock.advanceAsync(10_000);
        const there = client.all(configMaps).map(({ metadata }) => `${metadata.uid}@${metadata.resourceVersion}`);
        const cached = informer.lister.list().map(({ metadata }) => `${metadata.uid}@${metadata.resourceVersion}`);
        assert.deepEqual(cached.sort(), there.sort());
        assert.deepEqual([...told.values()].sort(), there.sort());
        aborter.abort();
        await ended;
        assert.equal(clock.pending, 0);
      }),
      { numRuns: repeats(100) },
    );
  });
});
