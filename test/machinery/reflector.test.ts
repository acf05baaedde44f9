import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import type { Stored } from "../../api/object.ts";
import { configMaps } from "../../api/scheme.ts";
import type { ConfigMap } from "../../api/types.generated.ts";
import { silentLogger } from "../../lib/logger.ts";
import { Reflector } from "../../machinery/reflector.ts";
import { FakeClock, settle } from "../lib/fake-clock.ts";
import { MemoryClient } from "./memory-client.ts";

const map = (name: string): ConfigMap => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "default" },
});

async function setUp(t: TestContext) {
  const clock = new FakeClock();
  const client = new MemoryClient(clock);
  const told: string[] = [];
  const name = ({ metadata }: Stored<ConfigMap>): string => metadata.name;
  const reflector = new Reflector(
    { client, resource: configMaps, clock, logger: silentLogger },
    {
      replace: (objects) => told.push(`replace ${objects.map(name).join(" ")}`),
      set: (object) => told.push(`set ${name(object)}`),
      delete: (object) => told.push(`delete ${name(object)}`),
    },
  );
  const aborter = new AbortController();
  t.after(() => aborter.abort());
  await client.create(configMaps, map("a"));
  const run = reflector.run(aborter.signal);
  await settle();
  return { clock, client, reflector, told, run, aborter };
}

describe("Reflector", () => {
  it("writes the list into its store, then each change, and knows how far it has come", async (t) => {
    const { client, reflector, told } = await setUp(t);
    await client.create(configMaps, map("b"));
    await client.delete(configMaps, "default/a");
    await settle();
    assert.deepEqual(told, ["replace a", "set b", "delete a"]);
    assert.equal(reflector.revision, client.revision);
  });

  it("resumes a watch that ended, and lists again when its revision is compacted", async (t) => {
    const { clock, client, told } = await setUp(t);
    client.endWatches();
    await client.create(configMaps, map("b"));
    await clock.advanceAsync(1_000);
    assert.deepEqual(told, ["replace a", "set b"]);
    client.endWatches();
    await client.create(configMaps, map("c"));
    client.compact();
    await clock.advanceAsync(1_000);
    assert.deepEqual(told, ["replace a", "set b", "replace a b c"]);
  });

  it("lists again when it is asked to", async (t) => {
    const { reflector, told } = await setUp(t);
    reflector.relist();
    await settle();
    assert.deepEqual(told, ["replace a", "replace a"]);
  });

  it("resolves when the signal aborts", async (t) => {
    const { run, aborter } = await setUp(t);
    aborter.abort();
    await run;
  });
});
