import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { keyOf } from "../../api/object.ts";
import { configMaps } from "../../api/scheme.ts";
import { silentLogger } from "../../lib/logger.ts";
import { Controller } from "../../machinery/controller.ts";
import { Informer } from "../../machinery/informer.ts";
import { Manager, type Runnable } from "../../machinery/manager.ts";
import { done } from "../../machinery/outcome.ts";
import { FakeClock, settle } from "../lib/fake-clock.ts";
import { MemoryClient } from "./memory-client.ts";

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));

function setUp(t: TestContext) {
  const told: string[] = [];
  const logger = { ...silentLogger, error: (message: string) => void told.push(message), child: () => logger };
  const manager = new Manager({ logger });
  t.after(() => manager.stop());
  const add = (name: string, start: Runnable["start"]): void => manager.add({ name, start });
  return { manager, told, add, start: () => manager.start(new AbortController().signal) };
}

describe("Manager", () => {
  it("starts controllers when every cache is synced, and stops them before the informers", async () => {
    const clock = new FakeClock();
    const client = new MemoryClient(clock);
    await client.create(configMaps, { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "n" } });
    const manager = new Manager({ logger: silentLogger });
    const informer = manager.addInformer(new Informer({ client, resource: configMaps, clock, logger: silentLogger }));
    const seen: (string | undefined)[] = [];
    const reconciler = {
      reconcile: async ({ key }: { key: string }) => {
        seen.push(informer.lister.get(key)?.metadata.name);
        return done;
      },
    };
    const controller = new Controller({ name: "test", reconciler, clock, logger: silentLogger });
    manager.addController(controller.watch(informer, ({ object }) => [keyOf(object)]));
    await manager.start(new AbortController().signal);
    await settle();
    assert.deepEqual(seen, ["a"]);
    await manager.stop();
    assert.equal(clock.pending, 0);
  });

  it("gives up starting when it is told to stop while a cache cannot sync", async () => {
    const clock = new FakeClock();
    const client = new MemoryClient(clock);
    client.fail = () => {
      throw new Error("down");
    };
    const manager = new Manager({ logger: silentLogger });
    manager.addInformer(new Informer({ client, resource: configMaps, clock, logger: silentLogger }));
    assert.deepEqual(manager.unsynced, ["configmaps"]);
    const aborter = new AbortController();
    const started = manager.start(aborter.signal);
    aborter.abort(new Error("stop"));
    await assert.rejects(started, /stop/);
    await manager.stop();
    assert.equal(clock.pending, 0);
  });

  it("starts informers first, controllers and the rest when all are synced, and stops them the other way round", async (t) => {
    const { manager, add, start } = setUp(t);
    const clock = new FakeClock();
    const client = new MemoryClient(clock);
    const order: string[] = [];
    await client.create(configMaps, { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "n" } });
    const informer = manager.addInformer(new Informer({ client, clock, logger: silentLogger, resource: configMaps }));
    const seen = (): number => informer.lister.list().length;
    const reconciler = { reconcile: async () => done };
    const controller = new Controller({ name: "c", reconciler, clock, logger: silentLogger });
    const begin = controller.start.bind(controller);
    controller.start = async (signal) => {
      order.push(`controller sees ${seen()}`);
      await begin(signal);
      order.push("controller ended");
    };
    manager.addController(controller);
    add("part", async (signal) => {
      order.push(`part sees ${seen()}`);
      await untilAborted(signal);
      order.push("part ended");
    });
    await start();
    assert.deepEqual(order, ["controller sees 1", "part sees 1"]);
    await manager.stop();
    assert.deepEqual(order.slice(2), ["part ended", "controller ended"]);
    assert.deepEqual([...manager.ended], [], "what was stopped did not end by itself");
    assert.deepEqual(manager.unsynced, []);
  });

  it("knows the parts that ended by themselves, and lets the others go on", async (t) => {
    const { manager, told, add, start } = setUp(t);
    let goesOn = true;
    add("fails", async () => {
      throw new Error("no such module");
    });
    add("returns", async () => {});
    add("works", async (signal) => {
      await untilAborted(signal);
      goesOn = false;
    });
    await start();
    await settle(5);
    assert.deepEqual(Object.fromEntries(manager.ended), { fails: "Error: no such module", returns: "it returned" });
    assert.deepEqual(told, ["fails ended", "returns ended"]);
    assert.ok(goesOn);
  });
});
