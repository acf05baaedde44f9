import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { systemClock } from "../../../lib/clock.ts";
import { MemoryMachine } from "../../../runtime/memory/memory-machine.ts";
import { MemoryRuntime } from "../../../runtime/memory/memory-runtime.ts";
import { FakeClock } from "../../lib/fake-clock.ts";
import { runtimeContract } from "../contract.ts";
import { launchSpec } from "../specs.ts";

runtimeContract("the memory runtime", () => {
  const machine = new MemoryMachine();
  return {
    open: async () => new MemoryRuntime({ clock: systemClock, machine }),
    fixture: (name, ...args) => ({ command: name, args }),
    settled: async () => {},
    dispose: async () => {},
  };
});

describe("the memory runtime", () => {
  it("lets a test end a run as it likes", async () => {
    const machine = new MemoryMachine();
    const runtime = new MemoryRuntime({ clock: new FakeClock(), machine });
    const told: unknown[] = [];
    runtime.subscribe((event) => told.push(event));
    await runtime.start(launchSpec({ uid: "a", command: "web" }));
    machine.processes.get("a")!.end({ signal: "SIGKILL", outOfMemory: true });
    const exit = { signal: "SIGKILL", outOfMemory: true, finishedAt: "2026-01-01T00:00:00.000Z" };
    assert.deepEqual(told, [
      { type: "started", uid: "a", run: 1, copy: { owner: "a", index: 0 } },
      { type: "exited", uid: "a", run: 1, exit },
      { type: "tree-ended", uid: "a", run: 1 },
    ]);
  });

  it("fails to kill what survives for five seconds", async () => {
    const clock = new FakeClock();
    const machine = new MemoryMachine();
    machine.program("stuck", (process) => {
      process.unkillable = true;
    });
    const runtime = new MemoryRuntime({ clock, machine });
    await runtime.start(launchSpec({ uid: "a", command: "stuck" }));
    const killed = assert.rejects(runtime.kill("a"), /still lives 5 s after SIGKILL/);
    await clock.advanceAsync(5_000);
    await killed;
  });

  it("answers probes with what the test says", async () => {
    const machine = new MemoryMachine();
    machine.exec = (_process, command) => ({ code: 3, timedOut: false, output: command.join(" ") });
    const runtime = new MemoryRuntime({ clock: new FakeClock(), machine });
    await runtime.start(launchSpec({ uid: "a", command: "web" }));
    const result = await runtime.exec("a", ["check", "it"], { timeoutMs: 1000, maxOutput: 10 });
    assert.deepEqual(result, { code: 3, timedOut: false, output: "check it" });
  });
});
