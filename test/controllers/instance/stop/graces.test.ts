import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import type { MemoryProcess } from "../../../../runtime/memory/memory-machine.ts";
import { AgentWorld } from "../agent-world.ts";

const patient = { command: "ignores-stop", stop: { gracePeriodSeconds: 300 } };

describe("a grace period under way", () => {
  let world: AgentWorld;
  beforeEach(async () => {
    world = await AgentWorld.make();
  });

  /** Milliseconds of waiting after which it was dead; `most` bounds the search. */
  const livedFor = async (process: MemoryProcess, most: number): Promise<number> => {
    for (let ms = 0; ms < most; ms += 500) {
      if (!process.treeAlive) return ms;
      await world.pass(500);
    }
    return process.treeAlive ? Number.POSITIVE_INFINITY : most;
  };

  it("is shortened by a second deletion, from that moment on", async () => {
    await world.create("web-0", patient);
    const process = await world.process("web-0");
    await world.delete("web-0");
    await world.pass(10_000);
    await world.delete("web-0", { gracePeriodSeconds: 2 });
    assert.equal(await livedFor(process, 20_000), 2_000);
    assert.equal(await world.exists("web-0"), false);
  });

  it("is never made longer by one", async () => {
    await world.create("web-0", patient);
    const process = await world.process("web-0");
    await world.delete("web-0", { gracePeriodSeconds: 4 });
    await world.delete("web-0", { gracePeriodSeconds: 100 });
    await world.delete("web-0");
    assert.equal(await livedFor(process, 20_000), 4_000);
  });

  it("of 0 kills at once, without a signal or a hook, also one that is being waited for", async () => {
    const heard: string[] = [];
    world.machine.exec = () => {
      heard.push("preStop");
      return { code: 0, timedOut: false, output: "" };
    };
    world.machine.program("listens", (process) => {
      process.onSignal = (signal) => heard.push(signal);
    });
    const stop = { gracePeriodSeconds: 300, preStop: { exec: { command: ["drain"] } } };
    await world.create("web-0", { command: "listens", stop });
    const first = await world.process("web-0");
    await world.delete("web-0", { gracePeriodSeconds: 0 });
    assert.deepEqual([first.treeAlive, heard], [false, []]);

    await world.create("web-0", { command: "listens", stop });
    const second = await world.process("web-0");
    await world.delete("web-0");
    assert.deepEqual([second.treeAlive, heard], [true, ["preStop", "SIGTERM"]]);
    await world.delete("web-0", { gracePeriodSeconds: 0 });
    assert.deepEqual([second.treeAlive, await world.exists("web-0")], [false, false]);
  });

  it("is shortened while its preStop hook runs", async () => {
    world.machine.exec = () => new Promise(() => {}); // it never comes back
    await world.create("web-0", {
      ...patient,
      stop: { gracePeriodSeconds: 300, preStop: { exec: { command: ["drain"] } } },
    });
    const process = await world.process("web-0");
    await world.delete("web-0");
    await world.pass(5_000);
    await world.delete("web-0", { gracePeriodSeconds: 1 });
    // The hook has the second, and the program sees its signal for two more, as in Kubernetes.
    assert.equal(await livedFor(process, 20_000), 3_000);
  });

  it("of a liveness restart is shortened by a deletion", async () => {
    await world.create("web-0", { ...patient, livenessProbe: { tcpSocket: { port: 1 } } });
    const process = await world.process("web-0");
    const { uid } = (await world.get("web-0")).metadata;
    const result = { outcome: "failure", message: "refused" } as const;
    const restart = { kind: "liveness", message: "refused" } as const;
    world.prober.report(uid, { restart }, { kind: "liveness", changed: true, result });
    await world.pass(1_000);
    assert.equal((await world.status("web-0")).phase, "Stopping");
    await world.delete("web-0", { gracePeriodSeconds: 1 });
    assert.equal(await livedFor(process, 20_000), 1_000);
    assert.equal(await world.exists("web-0"), false, "it is not started again");
  });

  it("of a deletion is shortened to what was declared when the daemon stops", async () => {
    await world.create("web-0", { command: "ignores-stop", stop: { gracePeriodSeconds: 3 } });
    const process = await world.process("web-0");
    await world.delete("web-0", { gracePeriodSeconds: 600 });
    const down = world.agent.shutdown();
    assert.equal(await livedFor(process, 20_000), 3_000);
    await world.settle();
    assert.deepEqual(await down, []);
  });

  it("tells how long it was in the end", async () => {
    await world.create("web-0", patient);
    await world.delete("web-0");
    await world.pass(4_000);
    await world.delete("web-0", { gracePeriodSeconds: 2 });
    await world.pass(2_000);
    const said = await world.messages("web-0");
    assert.ok(
      said.includes("it did not end within its grace period of 6s and was killed after 6.0s."),
      said.join("\n"),
    );
  });
});
