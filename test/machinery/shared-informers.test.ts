import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Stored } from "../../api/object.ts";
import { configMaps, type Resource, secrets } from "../../api/scheme.ts";
import type { ConfigMap } from "../../api/types.generated.ts";
import { silentLogger } from "../../lib/logger.ts";
import type { Indexers } from "../../machinery/lister.ts";
import { Manager } from "../../machinery/manager.ts";
import { SharedInformers } from "../../machinery/shared-informers.ts";
import { FakeClock, settle } from "../lib/fake-clock.ts";
import { MemoryClient } from "./memory-client.ts";

const map = (name: string, team: string): ConfigMap => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "default", labels: { team } },
});
const byTeam: Indexers<ConfigMap> = { team: ({ metadata }) => [metadata.labels?.team ?? ""] };
const byLength: Indexers<ConfigMap> = { length: ({ metadata }) => [String(metadata.name.length)] };

describe("SharedInformers", () => {
  it("make one informer of a resource, with the indexes of all who share it", async (t) => {
    const clock = new FakeClock();
    const client = new MemoryClient(clock);
    const manager = new Manager({ logger: silentLogger });
    t.after(() => manager.stop());
    const shared = new SharedInformers(manager, { client, clock, logger: silentLogger });
    const informer = shared.of(configMaps, byTeam);
    assert.equal(shared.of(configMaps, byLength), informer);
    assert.equal(shared.of(configMaps, byTeam), informer, "the same index may be asked for twice");
    assert.notEqual(shared.of(secrets) as unknown, informer);
    await client.create(configMaps, map("a", "red"));
    await manager.start(new AbortController().signal);
    await client.create(configMaps, map("bb", "red"));
    await client.patch(configMaps, "default/a", { type: "merge", body: { metadata: { labels: { team: "blue" } } } });
    await settle();
    const names = (index: string, value: string): string[] =>
      informer.lister.by(index, value).map(({ metadata }) => metadata.name);
    assert.deepEqual(names("team", "red"), ["bb"]);
    assert.deepEqual(names("team", "blue"), ["a"]);
    assert.deepEqual(names("length", "1"), ["a"]);
    informer.addIndexers({ late: () => ["all"] });
    assert.deepEqual(names("late", "all").sort(), ["a", "bb"], "a late index covers what is known");
  });

  it("keep only that part of the Objects of a resource that is wanted", async (t) => {
    const clock = new FakeClock();
    const client = new MemoryClient(clock);
    const manager = new Manager({ logger: silentLogger });
    t.after(() => manager.stop());
    const metadataOf = ({ apiVersion, kind, metadata }: Stored): Stored => ({ apiVersion, kind, metadata });
    const kept = new Map([[secrets as unknown as Resource, metadataOf]]);
    const shared = new SharedInformers(manager, { client, clock, logger: silentLogger, kept });
    const [hidden, whole] = [shared.of(secrets), shared.of(configMaps)];
    const told: unknown[] = [];
    hidden.on(({ type, object }) => told.push([type, Object.keys(object).sort(), object.metadata.name]));
    const metadata = { name: "s", namespace: "default" };
    await client.create(secrets, { apiVersion: "v1", kind: "Secret", metadata, data: { a: "YQ==" } });
    await client.create(configMaps, { ...map("a", "red"), data: { a: "1" } });
    await manager.start(new AbortController().signal);
    await client.patch(secrets, "default/s", { type: "merge", body: { data: { a: "Yg==" } } });
    await settle();
    await client.delete(secrets, "default/s");
    await settle();
    const keys = ["apiVersion", "kind", "metadata"];
    assert.deepEqual(
      told,
      ["Added", "Changed", "Deleted"].map((type) => [type, keys, "s"]),
    );
    assert.deepEqual(whole.lister.get("default/a")?.data, { a: "1" });
  });

  it("refuse one name for two indexes", () => {
    const clock = new FakeClock();
    const manager = new Manager({ logger: silentLogger });
    const options = { client: new MemoryClient(clock), clock, logger: silentLogger };
    const shared = new SharedInformers(manager, options);
    shared.of(configMaps, byTeam);
    assert.throws(() => shared.of(configMaps, { team: () => [] }), /another index "team"/);
  });
});
