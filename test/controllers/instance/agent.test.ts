import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { secrets } from "../../../api/scheme.ts";
import { StartError } from "../../../runtime/runtime.ts";
import { AgentWorld } from "./agent-world.ts";

describe("agent", () => {
  let world: AgentWorld;
  beforeEach(async () => {
    world = await AgentWorld.make();
  });

  const crash = async (name: string, code = 1): Promise<void> => {
    (await world.process(name)).end({ code });
    await world.settle();
  };

  it("starts what is wanted and says so", async () => {
    await world.create("web-0");
    const status = await world.status("web-0");
    assert.deepEqual([status.phase, status.ready, status.pid, status.restartCount], ["Ready", true, 1001, 0]);
    assert.equal(status.conditions?.find(({ type }) => type === "Ready")?.status, "True");
    assert.deepEqual(await world.reasons("web-0"), ["Started"]);
  });

  it("restarts at once, then with growing patience, and tells why", async () => {
    await world.create("web-0");
    await crash("web-0", 3);
    assert.equal((await world.status("web-0")).phase, "Ready");
    await crash("web-0", 3);
    const waiting = await world.status("web-0");
    assert.equal(waiting.phase, "Backoff");
    assert.equal(waiting.state?.waiting?.reason, "CrashLoopBackOff");
    assert.match(waiting.decision?.message ?? "", /^waiting 1s before restart 2 \(exit code 3\)$/);
    assert.equal(waiting.state?.waiting?.retryAt, "2026-01-01T00:00:01.001Z");
    await world.pass(999);
    assert.equal((await world.status("web-0")).phase, "Backoff");
    await world.pass(1);
    const back = await world.status("web-0");
    assert.deepEqual([back.phase, back.restartCount, back.lastState?.terminated?.exitCode], ["Ready", 2, 3]);
  });

  it("makes few starts of programs in a crash loop at once, so that no other start waits for theirs (P16)", async () => {
    const loops = ["a", "b", "c", "d", "e", "f"].map((letter) => `${letter}-0`);
    for (const name of [...loops, "web-0"]) await world.create(name);
    for (const name of loops) await crash(name);
    for (const name of loops) await crash(name);
    const { runtime } = world;
    const start = runtime.start.bind(runtime);
    const finish: (() => void)[] = [];
    const inHand: string[] = [];
    runtime.start = async (spec) => {
      inHand.push(spec.label);
      if (spec.label !== "default/web-0") await new Promise<void>((resolve) => finish.push(resolve));
      return start(spec);
    };
    await world.pass(1_000);
    assert.equal(inHand.length, 2);
    await crash("web-0");
    assert.deepEqual(inHand.slice(2), ["default/web-0"]);
    for (let started = 0; started < loops.length; started++) {
      finish.shift()?.();
      await world.settle();
    }
    assert.deepEqual(
      inHand.toSorted(),
      [...loops, "web-0"].map((name) => `default/${name}`),
    );
  });

  it("counts as restarts neither starts that failed nor what follows a stop of the daemon", async () => {
    const { runtime } = world;
    const start = runtime.start.bind(runtime);
    runtime.start = () => Promise.reject(new StartError("CommandNotFound", "there is no /bin/x"));
    await world.create("web-0");
    await world.pass(5_000);
    const never = await world.status("web-0");
    assert.deepEqual([never.restartCount, never.state?.waiting?.reason], [0, "CommandNotFound"]);
    assert.match(never.decision?.message ?? "", /^waiting \d+s before the next try \(there is no \/bin\/x\)$/);
    runtime.start = start;
    await world.pass(60_000);
    assert.deepEqual([(await world.status("web-0")).phase, (await world.status("web-0")).restartCount], ["Ready", 0]);
    await crash("web-0");
    await world.pass(60_000);
    assert.equal((await world.status("web-0")).restartCount, 1);
    const down = world.agent.shutdown();
    await world.pass(1_000);
    await down;
    await world.loseAgent();
    await world.startAgent();
    assert.deepEqual([(await world.status("web-0")).phase, (await world.status("web-0")).restartCount], ["Ready", 1]);
  });

  it("still says why it never started when another daemon waits for its next try", async () => {
    world.runtime.start = () => Promise.reject(new StartError("CommandNotFound", "there is no /bin/x"));
    await world.create("web-0");
    await world.pass(5_000);
    await world.loseAgent();
    await world.startAgent();
    await world.settle();
    const { phase, state, decision } = await world.status("web-0");
    assert.deepEqual([phase, state?.waiting?.reason], ["Backoff", "CommandNotFound"]);
    assert.match(decision?.message ?? "", /before the next try \(there is no \/bin\/x\)$/);
  });

  it("does not move a wait when the wall clock jumps (P8)", async () => {
    await world.create("web-0");
    await crash("web-0");
    await crash("web-0");
    world.clock.jumpWall(3_600_000);
    await world.pass(500);
    assert.equal((await world.status("web-0")).phase, "Backoff");
    world.clock.jumpWall(-7_200_000);
    await world.pass(500);
    assert.equal((await world.status("web-0")).phase, "Ready");
  });

  it("goes on waiting after a daemon restart, for what is left (P7)", async () => {
    await world.create("web-0");
    for (let n = 0; n < 4; n++) {
      await crash("web-0");
      await world.pass(n === 3 ? 0 : 5_000);
    }
    assert.match((await world.status("web-0")).decision?.message ?? "", /^waiting 4s/);
    await world.pass(1_000);
    await world.loseAgent();
    world.clock.advance(2_000);
    await world.startAgent(); // takes a millisecond
    await world.pass(899);
    assert.equal((await world.status("web-0")).phase, "Backoff");
    await world.pass(100);
    assert.equal((await world.status("web-0")).phase, "Ready");
    await crash("web-0");
    assert.match((await world.status("web-0")).decision?.message ?? "", /^waiting 8s/, "the count survived");
  });

  it("counts from 0 again after a calm while", async () => {
    await world.create("web-0", { backoff: { initialSeconds: 1, factor: 2, maxSeconds: 300, resetAfterSeconds: 60 } });
    await crash("web-0");
    await crash("web-0");
    await world.pass(1_000);
    assert.equal((await world.status("web-0")).backoff?.failures, 2);
    await world.pass(60_000);
    assert.equal((await world.status("web-0")).backoff?.failures, 0);
    await crash("web-0");
    assert.equal((await world.status("web-0")).phase, "Ready");
  });

  it("runs a one-shot once, over daemon restarts too (P6)", async () => {
    await world.create("job-0", { command: "exits-with", args: ["0"], restartPolicy: "Never" });
    assert.equal((await world.status("job-0")).phase, "Succeeded");
    await world.loseAgent();
    await world.startAgent();
    await world.pass(600_000);
    assert.deepEqual([(await world.status("job-0")).phase, (await world.process("job-0")).spec.run], ["Succeeded", 1]);
  });

  it("adopts what runs: same pid, still ready, not started again (P1, P2)", async () => {
    await world.create("web-0", { readinessProbe: { tcpSocket: { port: 1 } } });
    const { uid } = (await world.get("web-0")).metadata;
    world.prober.report(
      uid,
      { ready: true },
      { kind: "readiness", changed: true, result: { outcome: "success", message: "" } },
    );
    await world.settle();
    const before = await world.status("web-0");
    await world.loseAgent();
    await world.startAgent();
    const after = await world.status("web-0");
    assert.deepEqual([after.pid, after.ready, after.run], [before.pid, true, 1]);
    assert.ok((await world.reasons("web-0")).includes("Adopted"));
  });

  it("sees what ended while no agent watched, and restarts it", async () => {
    await world.create("web-0");
    const process = await world.process("web-0");
    await world.loseAgent();
    process.end({ code: 7 });
    await world.startAgent();
    const status = await world.status("web-0");
    assert.deepEqual([status.phase, status.restartCount], ["Ready", 1]);
    assert.ok(status.lastState?.terminated);
  });

  it("stops by signal, lets go only when nothing is left (P5)", async () => {
    await world.create("web-0", { command: "spawns-grandchild" });
    const process = await world.process("web-0");
    await world.delete("web-0");
    assert.equal(await world.exists("web-0"), false);
    assert.equal(process.treeAlive, false);
  });

  it("kills what ignores its signal, after its grace, and tells which stage of the stop ended it", async () => {
    await world.create("web-0", { command: "ignores-stop", stop: { gracePeriodSeconds: 4 } });
    const process = await world.process("web-0");
    await world.delete("web-0");
    assert.equal(
      (await world.status("web-0")).phase,
      "Ready",
      "it may have ended before anybody can read that it is stopping",
    );
    await world.pass(150);
    assert.equal((await world.status("web-0")).phase, "Stopping");
    await world.pass(3_750);
    assert.equal(process.treeAlive, true);
    await world.pass(100);
    assert.equal(process.treeAlive, false);
    assert.equal(await world.exists("web-0"), false);
    assert.ok((await world.reasons("web-0")).includes("Stopped"));
  });

  it("speaks of no next start when what had crashed before is deleted", async () => {
    await world.create("web-0");
    await crash("web-0");
    await world.delete("web-0");
    assert.deepEqual((await world.reasons("web-0")).sort(), [
      "Exited",
      "Exited",
      "Started",
      "Started",
      "Stopped",
      "Stopping",
    ]);
  });

  it("restarts on a failed liveness probe", async () => {
    await world.create("web-0", { livenessProbe: { tcpSocket: { port: 1 } } });
    const { uid } = (await world.get("web-0")).metadata;
    const failure = { outcome: "failure", message: "connection refused" } as const;
    world.prober.report(
      uid,
      { restart: { kind: "liveness", message: failure.message } },
      { kind: "liveness", changed: true, result: failure },
    );
    await world.settle();
    const status = await world.status("web-0");
    assert.deepEqual([status.run, status.lastState?.terminated?.reason], [2, "LivenessFailed"]);
    assert.ok((await world.reasons("web-0")).includes("Unhealthy"));
  });

  describe("a run that a probe ended has failed, whatever it exits with", () => {
    const fail = async (name: string, kind: "liveness" | "startup"): Promise<void> => {
      const { uid } = (await world.get(name)).metadata;
      const result = { outcome: "failure", message: "refused" } as const;
      world.prober.report(uid, { restart: { kind, message: "refused" } }, { kind, changed: true, result });
      await world.settle();
    };
    const exitsWell = { command: "exits-well", livenessProbe: { tcpSocket: { port: 1 } } } as const;
    beforeEach(() => {
      world.machine.program("exits-well", (process) => {
        process.onSignal = () => process.end({ code: 0 });
      });
    });

    it("OnFailure runs it again", async () => {
      await world.create("web-0", { ...exitsWell, restartPolicy: "OnFailure" });
      for (const kind of ["liveness", "startup"] as const) await fail("web-0", kind);
      await world.pass(2_000);
      const status = await world.status("web-0");
      assert.deepEqual([status.phase, status.run, status.interruption], ["Ready", 3, undefined]);
    });

    it("Never leaves it Failed, and says why", async () => {
      await world.create("web-0", { ...exitsWell, restartPolicy: "Never" });
      await fail("web-0", "liveness");
      const status = await world.status("web-0");
      assert.deepEqual([status.phase, status.state?.terminated?.reason], ["Failed", "LivenessFailed"]);
      assert.match(status.decision?.message ?? "", /its liveness probe failed: refused; exit code 0/);
    });

    it("also when the daemon died between the probe and the exit", async () => {
      world.machine.program("exits-well", () => {});
      await world.create("web-0", { ...exitsWell, restartPolicy: "OnFailure" });
      const process = await world.process("web-0");
      process.onSignal = () => {};
      await fail("web-0", "liveness");
      assert.equal((await world.status("web-0")).interruption, "LivenessFailed");
      await world.loseAgent();
      process.end({ code: 0 });
      await world.startAgent();
      await world.pass(2_000);
      assert.deepEqual([(await world.status("web-0")).phase, (await world.status("web-0")).run], ["Ready", 2]);
    });

    it("and the next daemon goes on ending what is still there", async () => {
      world.machine.program("exits-well", () => {});
      await world.create("web-0", { ...exitsWell, restartPolicy: "OnFailure" });
      const process = await world.process("web-0");
      process.onSignal = () => {};
      await fail("web-0", "liveness");
      await world.loseAgent();
      process.onSignal = () => process.end({ code: 0 });
      await world.startAgent();
      await world.pass(2_000);
      assert.equal((await world.status("web-0")).run, 2);
    });
  });

  it("does not hold a stop that the last daemon asked for, and never saw, against what runs on", async () => {
    await world.create("web-0", { command: "ignores-stop", restartPolicy: "OnFailure" });
    void world.agent.shutdown();
    await world.settle();
    await world.loseAgent();
    await world.startAgent();
    const process = await world.process("web-0");
    assert.deepEqual([process.treeAlive, (await world.status("web-0")).interruption], [true, undefined]);
    process.end({ code: 0 });
    await world.settle();
    assert.equal((await world.status("web-0")).phase, "Succeeded");
  });

  it("carries out a deletion while it is paused", async () => {
    await world.create("web-0", { command: "ignores-stop", stop: { gracePeriodSeconds: 2 } });
    const process = await world.process("web-0");
    world.agent.pause();
    await world.delete("web-0");
    await world.pass(2_000);
    assert.deepEqual([process.treeAlive, await world.exists("web-0")], [false, false]);
  });

  it("stops what was deleted while its start was under way", async () => {
    const { runtime } = world;
    const logon = Promise.withResolvers<void>();
    const start = runtime.start.bind(runtime);
    runtime.start = async (spec) => {
      await logon.promise;
      return start(spec);
    };
    await world.create("web-0");
    await world.delete("web-0", { gracePeriodSeconds: 0 });
    assert.equal(await world.exists("web-0"), true);
    logon.resolve();
    await world.settle();
    assert.deepEqual([await world.exists("web-0"), runtime.list()], [false, []]);
  });

  it("waits for a Secret and starts when it comes; the value is nowhere but in the environment (P20)", async () => {
    const env = [{ name: "TOKEN", valueFrom: { secretKeyRef: { name: "web", key: "token" } } }];
    await world.create("web-0", { env });
    const waiting = await world.status("web-0");
    assert.deepEqual([waiting.phase, waiting.state?.waiting?.reason], ["Pending", "CreateConfigError"]);
    const data = { token: Buffer.from("canary-31415").toString("base64") };
    await world.client.create(secrets, {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "web", namespace: "default" },
      data,
    });
    await world.settle();
    assert.equal((await world.status("web-0")).phase, "Ready");
    assert.equal((await world.process("web-0")).spec.env.TOKEN, "canary-31415");
    assert.ok(!JSON.stringify(await world.get("web-0")).includes("canary"));
  });

  it("backs off from a program that is not there, and says what is wrong", async () => {
    await world.create("web-0", { command: "does-not-exist" });
    const status = await world.status("web-0");
    assert.deepEqual([status.phase, status.state?.waiting?.reason], ["Backoff", "CommandNotFound"]);
    assert.match(status.state?.waiting?.message ?? "", /not found/);
    assert.ok((await world.reasons("web-0")).includes("FailedStart"));
    world.machine.program("does-not-exist", () => {});
    await world.pass(1_000);
    assert.equal((await world.status("web-0")).phase, "Ready");
  });

  it("ends what a finished main process left behind before it restarts (P2)", async () => {
    await world.create("web-0", { command: "spawns-grandchild" });
    const first = await world.process("web-0");
    first.end({ code: 1 });
    await world.settle();
    assert.equal(first.grandchildren, 0);
    assert.equal((await world.status("web-0")).run, 2);
  });

  /** Fills with the names of these programs as each is asked to stop; it then ends. */
  const stopOrderOf = (...names: string[]): string[] => {
    const order: string[] = [];
    for (const name of names) {
      world.machine.program(name, (process) => {
        process.onSignal = () => {
          order.push(name);
          process.end({ code: 0 });
        };
      });
    }
    return order;
  };

  it("stops dependants first, on deletion and on shutdown (P9: nothing new starts)", async () => {
    const order = stopOrderOf("db", "app");
    await world.create("db-0", { command: "db" }, "db");
    await world.create("app-0", { command: "app", dependsOn: [{ name: "db", condition: "Ready" }] }, "app");
    const down = world.agent.shutdown();
    await world.pass(1_000);
    await down;
    assert.deepEqual(order, ["app", "db"]);
    await world.pass(600_000);
    const status = await world.status("db-0");
    assert.deepEqual(
      [status.phase, status.state?.terminated?.reason, status.pid],
      ["Pending", "DaemonStopped", undefined],
    );
    await world.loseAgent();
    await world.startAgent();
    assert.deepEqual(
      [(await world.status("db-0")).phase, (await world.status("db-0")).backoff?.failures],
      ["Ready", 0],
    );
  });

  for (const comesToLife of [true, false]) {
    it(`counts a dependant whose start is under way, and ${comesToLife ? "stops it first" : "goes on when it fails"}`, async () => {
      const order = stopOrderOf("db", "app");
      await world.create("db-0", { command: "db" }, "db");
      const logon = Promise.withResolvers<void>();
      const start = world.runtime.start.bind(world.runtime);
      world.runtime.start = async (spec) => {
        await logon.promise;
        return start(spec);
      };
      await world.create("app-0", { command: "app", dependsOn: [{ name: "db", condition: "Ready" }] }, "app");
      const down = world.agent.shutdown();
      await world.pass(1_000);
      assert.deepEqual(order, [], "nobody knows yet whether app lives");
      if (comesToLife) logon.resolve();
      else logon.reject(new StartError("SystemError", "the account is locked"));
      await world.pass(1_000);
      await down;
      assert.deepEqual(order, comesToLife ? ["app", "db"] : ["db"]);
    });
  }

  it("on shutdown waits for a start that is under way, and stops what came of it (P9)", async () => {
    const { runtime, machine } = world;
    machine.program("slow-stop", (process) => {
      process.onSignal = () => void world.clock.after(5_000, () => process.end({ code: 0 }));
    });
    const logon = Promise.withResolvers<void>();
    const start = runtime.start.bind(runtime);
    runtime.start = async (spec) => {
      await logon.promise; // A domain controller takes its time.
      return start(spec);
    };
    await world.create("web-0", { command: "slow-stop" });
    let isDown = false;
    const down = world.agent.shutdown().then(() => {
      isDown = true;
    });
    await world.pass(1_000);
    assert.equal(isDown, false);
    logon.resolve();
    await world.settle();
    assert.equal(isDown, false, "it was started, and is being stopped");
    await world.pass(6_000);
    await down;
    assert.equal(runtime.get((await world.get("web-0")).metadata.uid)?.treeAlive, false);
  });

  it("leaves workloads alone while paused, and catches up", async () => {
    await world.create("web-0");
    world.agent.pause();
    await crash("web-0");
    await world.pass(10_000);
    assert.equal((await world.process("web-0")).spec.run, 1);
    world.agent.resume();
    await world.settle();
    assert.equal((await world.process("web-0")).spec.run, 2);
  });

  it("stops a workload whose instance is no longer stored", async () => {
    await world.create("web-0");
    const process = await world.process("web-0");
    await world.loseAgent();
    world.machine.processes.set(
      "stranger",
      world.machine.start({ ...process.spec, uid: "stranger" }, process.startedAt),
    );
    await world.startAgent();
    assert.equal(world.machine.processes.get("stranger")?.treeAlive ?? false, false);
    assert.equal(process.treeAlive, true);
  });
});
