import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import type { Stored } from "../../../api/object.ts";
import type { Instance } from "../../../api/types.generated.ts";
import { OrphanSearch } from "../../../controllers/instance/orphan-search.ts";
import { type Logger, silentLogger } from "../../../lib/logger.ts";
import { FakeClock, settle } from "../../lib/fake-clock.ts";

const instance: Stored<Instance> = {
  apiVersion: "wctl.dev/v1",
  kind: "Instance",
  metadata: { name: "web-0", namespace: "default", uid: "u", resourceVersion: "1", creationTimestamp: "" },
  spec: { command: "/bin/x", nodeName: "here", index: 0, revision: "r1", processName: "web" },
};

describe("OrphanSearch", () => {
  let clock: FakeClock;
  let calls: string[];
  let logged: string[];
  let failure: Error | undefined;

  const make = (random = 0.5): OrphanSearch => {
    const record = async (call: string): Promise<void> => {
      calls.push(call);
      if (failure) throw failure;
    };
    const logger: Logger = { ...silentLogger, error: (message) => void logged.push(message) };
    const orphans = {
      walk: () => record("walk"),
      look: ({ metadata }: Stored<Instance>) => record(`look ${metadata.name}`),
      moved: (uid: string) => record(`moved ${uid}`),
    };
    return new OrphanSearch({ orphans, homes: { walk: async () => {} }, clock, logger, random: () => random });
  };

  beforeEach(() => {
    clock = new FakeClock();
    [calls, logged, failure] = [[], [], undefined];
  });

  it("searches at once, then once a minute, until it is told to end", async () => {
    const stopping = new AbortController();
    const ended = make().run(stopping.signal);
    await settle();
    assert.equal(calls.length, 1);
    await clock.advanceAsync(59_000);
    assert.equal(calls.length, 1);
    await clock.advanceAsync(1_000);
    assert.equal(calls.length, 2);
    stopping.abort();
    await ended;
    assert.equal(clock.pending, 0);
  });

  it("varies the period by a tenth", async () => {
    const stopping = new AbortController();
    const ended = make(0).run(stopping.signal);
    await settle();
    assert.equal(clock.nextIn, 54_000);
    stopping.abort();
    await ended;
  });

  it("logs a search that failed, and searches again", async () => {
    failure = new Error("the API does not answer");
    const stopping = new AbortController();
    const ended = make().run(stopping.signal);
    await settle();
    await clock.advanceAsync(60_000);
    assert.deepEqual([calls, logged.length], [["walk", "walk"], 2]);
    stopping.abort();
    await ended;
  });

  it("looks at once at what an event concerns, and logs when that fails", async () => {
    const search = make();
    search.instanceDeleted(instance);
    failure = new Error("the API does not answer");
    search.stopMoved("u");
    await settle();
    assert.deepEqual([calls, logged], [["look web-0", "moved u"], ["looking at an orphan failed"]]);
  });
});
