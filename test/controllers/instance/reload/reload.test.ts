import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findCondition } from "../../../../api/conditions.ts";
import { configMaps, instances } from "../../../../api/scheme.ts";
import type { ConfigChange, InstanceStatus } from "../../../../api/types.generated.ts";
import { AgentWorld } from "../agent-world.ts";

const files = [{ path: "app.conf", configMapRef: { name: "conf", key: "app.conf" } }];
const metadata = { name: "conf", namespace: "default" };

async function setUp(configChange: ConfigChange) {
  const world = await AgentWorld.make();
  await world.client.create(configMaps, { apiVersion: "v1", kind: "ConfigMap", metadata, data: { "app.conf": "one" } });
  await world.create("web", { files, configChange });
  const process = await world.process("web");
  const signals: string[] = [];
  process.onSignal = (signal) => void signals.push(signal);
  const edit = async (text: string): Promise<void> => {
    const body = { data: { "app.conf": text } };
    await world.client.patch(configMaps, "default/conf", { type: "merge", body });
    await world.settle();
  };
  const written = (): unknown => [...world.machine.files.values()].map((one) => Object.fromEntries(one));
  const current = (status: InstanceStatus): string => {
    const condition = findCondition(status.conditions, "ContentCurrent");
    return `${condition?.status} ${condition?.reason}: ${condition?.message}`;
  };
  return { world, process, signals, edit, written, current };
}

describe("a program that is told of changed files", () => {
  it("gets them, and then its signal, once they have settled; it goes on running", async () => {
    const { world, process, signals, edit, written, current } = await setUp({ action: "Signal", signal: "SIGHUP" });
    assert.equal(current(await world.status("web")), "True Started: it was started with it");
    await edit("two");
    await world.pass(1_900);
    assert.deepEqual([signals, written()], [[], [{ "app.conf": "one" }]]);
    await world.pass(200);
    assert.deepEqual([signals, written()], [["SIGHUP"], [{ "app.conf": "two" }]]);
    assert.equal((await world.process("web")).pid, process.pid);
    assert.equal(current(await world.status("web")), "True Reloaded: wrote app.conf; sent SIGHUP");
    assert.ok((await world.reasons("web")).includes("Reloaded"));
    await world.pass(3_600_000);
    assert.equal(signals.length, 1);
  });

  it("is told of a thousand edits as of one", async () => {
    const { world, signals, edit, written } = await setUp({ action: "Signal", signal: "SIGHUP", settleSeconds: 2 });
    for (let edits = 0; edits < 100; edits++) {
      await edit(`text ${edits}`);
      await world.clock.advanceAsync(60);
    }
    await world.pass(3_000);
    assert.ok(signals.length >= 1 && signals.length <= 2, `${signals.length} signals`);
    assert.deepEqual(written(), [{ "app.conf": "text 99" }]);
  });

  it("waits for a time of its own with splaySeconds", async () => {
    const { world, signals, edit } = await setUp({
      action: "Signal",
      signal: "SIGHUP",
      settleSeconds: 0,
      splaySeconds: 3600,
    });
    await edit("two");
    await world.pass(500);
    assert.deepEqual(signals, []);
    await world.pass(3_600_000);
    assert.deepEqual(signals, ["SIGHUP"]);
  });

  it("that refuses with its command is told of, in an Event and a condition, and is not asked again for the same", async () => {
    const { world, edit, current } = await setUp({
      action: "Exec",
      exec: { command: ["/bin/reload", "-s"] },
      settleSeconds: 0,
    });
    const asked: string[][] = [];
    world.machine.exec = (_, command) => {
      asked.push([...command]);
      return { code: asked.length === 1 ? 3 : 0, timedOut: false, output: "line 7: unknown word\n" };
    };
    await edit("broken");
    await world.settle();
    const failed = "wrote app.conf; /bin/reload ended with 3: line 7: unknown word";
    assert.equal(current(await world.status("web")), `False ReloadFailed: ${failed}`);
    assert.ok((await world.messages("web")).includes(failed));
    await world.pass(600_000);
    assert.equal(asked.length, 1);
    await edit("mended");
    await world.settle();
    assert.deepEqual(asked, [
      ["/bin/reload", "-s"],
      ["/bin/reload", "-s"],
    ]);
    assert.equal(current(await world.status("web")), "True Reloaded: wrote app.conf; /bin/reload ended with 0");
  });

  it("a command that hangs keeps no stop waiting", async () => {
    const { world, process, edit } = await setUp({
      action: "Exec",
      exec: { command: ["/bin/hangs"] },
      settleSeconds: 0,
    });
    process.onSignal = undefined;
    world.machine.exec = () => new Promise(() => {});
    await edit("two");
    await world.settle();
    await world.delete("web");
    assert.equal(await world.exists("web"), false);
  });

  it("is told of what changed while no daemon ran, and of nothing when nothing did", async () => {
    const { world, signals, edit } = await setUp({ action: "Signal", signal: "SIGHUP" });
    await world.loseAgent();
    await world.startAgent();
    await world.pass(10_000);
    assert.deepEqual(signals, []);
    await world.loseAgent();
    await edit("two");
    await world.startAgent();
    await world.pass(10_000);
    assert.deepEqual(signals, ["SIGHUP"]);
  });

  it("is told by the next daemon when one was lost after writing, and once it has been told never again", async () => {
    const { world, process, edit, written, current } = await setUp({
      action: "Exec",
      exec: { command: ["/bin/reload"] },
      settleSeconds: 0,
    });
    let asked = 0;
    world.machine.exec = () => {
      asked++;
      return asked === 1 ? new Promise(() => {}) : { code: 0, timedOut: false, output: "" };
    };
    await edit("two");
    assert.deepEqual([asked, written()], [1, [{ "app.conf": "two" }]]);
    for (let daemons = 0; daemons < 2; daemons++) {
      await world.loseAgent();
      await world.startAgent();
      await world.pass(600_000);
      assert.equal(asked, 2);
    }
    assert.equal(current(await world.status("web")), "True Reloaded: wrote app.conf; /bin/reload ended with 0");
    assert.equal((await world.process("web")).pid, process.pid);
  });

  it("gets back what it had when a daemon was lost after writing and the edit was taken back", async () => {
    const { world, signals, edit, written } = await setUp({ action: "Signal", signal: "SIGHUP", settleSeconds: 0 });
    world.runtime.signal = () => new Promise(() => {});
    await edit("two");
    assert.deepEqual([signals, written()], [[], [{ "app.conf": "two" }]]);
    await world.loseAgent();
    await edit("one");
    await world.startAgent();
    await world.pass(100);
    assert.deepEqual([signals, written()], [["SIGHUP"], [{ "app.conf": "one" }]]);
  });

  it("whose command could not be started has not been told: it is tried again after a minute", async () => {
    const { world, edit, current } = await setUp({
      action: "Exec",
      exec: { command: ["/bin/reload"] },
      settleSeconds: 0,
    });
    let asked = 0;
    world.machine.exec = async () => {
      asked++;
      if (asked === 1) throw new Error("command /bin/reload not found");
      return { code: 0, timedOut: false, output: "" };
    };
    await edit("two");
    assert.match(current(await world.status("web")), /^False ReloadFailed: .*not found$/);
    await world.pass(59_000);
    assert.equal(asked, 1);
    await world.pass(2_000);
    assert.equal(current(await world.status("web")), "True Reloaded: wrote app.conf; /bin/reload ended with 0");
    await world.pass(600_000);
    assert.equal(asked, 2);
  });

  it("keeps what it has while the ConfigMap is gone, and without the action", async () => {
    const { world, signals, edit, written } = await setUp({ action: "Signal", signal: "SIGHUP" });
    await world.client.delete(configMaps, "default/conf");
    await world.pass(10_000);
    assert.deepEqual([signals, written()], [[], [{ "app.conf": "one" }]]);
    await world.client.create(configMaps, {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata,
      data: { "app.conf": "one" },
    });
    const body = { spec: { configChange: null } };
    await world.client.patch(instances, "default/web", { type: "merge", body });
    await edit("two");
    await world.pass(10_000);
    assert.deepEqual([signals, written()], [[], [{ "app.conf": "one" }]]);
  });
});
