import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { secrets } from "../../api/scheme.ts";
import type { Secret } from "../../api/types.generated.ts";
import { silentLogger } from "../../lib/logger.ts";
import { ReferencedObjects } from "../../machinery/referenced-objects.ts";
import { FakeClock, settle } from "../lib/fake-clock.ts";
import { MemoryClient } from "./memory-client.ts";

const secret = (name: string, namespace = "default"): Secret => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name, namespace },
});

describe("Objects that somebody refers to", () => {
  let client: MemoryClient;
  let clock: FakeClock;
  let objects: ReferencedObjects<Secret>;
  let told: string[];
  let stopping: AbortController;
  let ended: Promise<void>;
  const asked = (verb: string): number => client.calls.filter((call) => call.verb === verb).length;

  beforeEach(() => {
    clock = new FakeClock();
    client = new MemoryClient(clock);
    const options = { client, clock, logger: silentLogger, resource: secrets, resyncMs: 600_000, random: () => 0.5 };
    objects = new ReferencedObjects(options);
    told = [];
    objects.on(({ type, object }) => told.push(`${type} ${object.metadata.name}`));
    stopping = new AbortController();
    ended = objects.start(stopping.signal);
  });
  afterEach(async () => {
    stopping.abort();
    await ended;
  });

  it("are watched once, however many refer to them, until the last lets go", async () => {
    await client.create(secrets, secret("shared"));
    await client.create(secrets, secret("other"));
    for (let n = 0; n < 1_000; n++) objects.refer(`holder-${n}`, new Set(["default/shared"]));
    await settle(20);
    assert.deepEqual([asked("list"), asked("watch"), objects.size], [1, 1, 1]);
    assert.equal(objects.get("default/shared")?.metadata.name, "shared");
    assert.equal(objects.get("default/other"), undefined);
    for (let n = 1; n < 1_000; n++) objects.refer(`holder-${n}`, new Set());
    assert.equal(objects.size, 1);
    objects.refer("holder-0", new Set(["default/other"]));
    assert.equal(objects.get("default/shared"), undefined);
    await settle(20);
    assert.deepEqual([objects.get("default/other")?.metadata.name, objects.size], ["other", 1]);
    await client.delete(secrets, "default/shared");
    await settle(20);
    assert.deepEqual(told, ["Added shared", "Added other"]);
  });

  it("are told of when they come, change and go", async () => {
    objects.refer("holder", new Set(["default/late"]));
    assert.notEqual(objects.awaited("holder"), undefined);
    await objects.awaited("holder");
    assert.equal(objects.awaited("holder"), undefined, "that it is missing is known");
    await client.create(secrets, secret("late"));
    await client.create(secrets, secret("late", "elsewhere"));
    await settle(20);
    await client.patch(secrets, "default/late", { type: "merge", body: { data: { a: "YQ==" } } });
    await settle(20);
    assert.deepEqual(objects.get("default/late")?.data, { a: "YQ==" });
    await client.delete(secrets, "default/late");
    await settle(20);
    assert.deepEqual(told, ["Added late", "Changed late", "Deleted late"]);
    assert.equal(objects.get("default/late"), undefined);
  });

  it("are asked for until the API answers, and those of others meanwhile", async () => {
    await client.create(secrets, secret("a"));
    await client.create(secrets, secret("b"));
    let refuses = true;
    client.fail = ({ verb }) => {
      if (verb === "list" && refuses) throw new Error("not now");
    };
    objects.refer("first", new Set(["default/a"]));
    await settle(20);
    assert.notEqual(objects.awaited("first"), undefined);
    refuses = false;
    objects.refer("second", new Set(["default/b"]));
    await settle(20);
    assert.deepEqual([objects.awaited("second"), objects.get("default/a")], [undefined, undefined]);
    await clock.advanceAsync(10_000);
    assert.deepEqual([objects.awaited("first"), objects.get("default/a")?.metadata.name], [undefined, "a"]);
  });

  it("are listed anew in each period, for the event that was lost", async () => {
    await client.create(secrets, secret("a"));
    objects.refer("holder", new Set(["default/a"]));
    await settle(20);
    client.loseEvents(true);
    await client.delete(secrets, "default/a");
    client.loseEvents(false);
    await settle(20);
    assert.notEqual(objects.get("default/a"), undefined);
    await clock.advanceAsync(1_200_000);
    assert.equal(objects.get("default/a"), undefined);
  });
});
