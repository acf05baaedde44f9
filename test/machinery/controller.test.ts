import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { StatusError } from "../../api/errors.ts";
import { type Logger, silentLogger } from "../../lib/logger.ts";
import { Controller, type ControllerMetrics, type ControllerStatistics } from "../../machinery/controller.ts";
import { done, type Outcome, requeueAfter } from "../../machinery/outcome.ts";
import { FakeClock, settle } from "../lib/fake-clock.ts";

type Reconcile = (key: string, signal: AbortSignal) => Promise<Outcome> | Outcome;

function setUp(t: TestContext, reconcile: Reconcile, options: { concurrency?: number; logger?: Logger } = {}) {
  const clock = new FakeClock();
  const calls: string[] = [];
  const reconciler = {
    async reconcile({ key }: { key: string }, signal: AbortSignal) {
      calls.push(key);
      return await reconcile(key, signal);
    },
  };
  const outcomes: string[] = [];
  let statistics: (() => ControllerStatistics) | undefined;
  const metrics: ControllerMetrics = {
    register: (_, read) => {
      statistics = read;
    },
    reconciled: (_, outcome) => void outcomes.push(outcome),
  };
  const controller = new Controller({ name: "test", reconciler, clock, logger: silentLogger, metrics, ...options });
  const aborter = new AbortController();
  t.after(() => aborter.abort());
  const start = (): Promise<void> => controller.start(aborter.signal);
  return { clock, controller, calls, outcomes, aborter, start, statistics: () => statistics!() };
}

describe("Controller", () => {
  it("looks again after as long as the reconciler says", async (t) => {
    const { clock, controller, calls, start } = setUp(t, () => requeueAfter(5_000));
    void start();
    controller.queue.add("a");
    await clock.advanceAsync(15_000);
    assert.deepEqual(calls, ["a", "a", "a", "a"]);
  });

  it("tells of a conflict only to who debugs: the next try reads what the other has written", async (t) => {
    const said: string[] = [];
    const say = (level: string) => (message: string) => void said.push(`${level}: ${message}`);
    const logger: Logger = { ...silentLogger, debug: say("debug"), error: say("error"), child: () => logger };
    const errors = [new StatusError("Conflict", "it changed"), new Error("disk on fire")];
    const { clock, controller, calls, start } = setUp(
      t,
      () => {
        const error = errors.shift();
        if (error) throw error;
        return done;
      },
      { logger },
    );
    void start();
    controller.queue.add("a");
    await clock.advanceAsync(60_000);
    assert.equal(calls.length, 3);
    assert.deepEqual(said, ["debug: reconcile met a newer version", "error: reconcile failed"]);
  });

  it("logs where an error comes from, but of what the API answers only what it says", async (t) => {
    const said: unknown[] = [];
    const logger: Logger = {
      ...silentLogger,
      error: (_, fields) => void said.push(fields?.error),
      child: () => logger,
    };
    const errors = [new StatusError("ServiceUnavailable", "the disk is full"), new Error("disk on fire")];
    const { clock, controller, start } = setUp(
      t,
      () => {
        const error = errors.shift();
        if (error) throw error;
        return done;
      },
      { logger },
    );
    void start();
    controller.queue.add("a");
    await clock.advanceAsync(60_000);
    assert.equal(said[0], "ServiceUnavailable: the disk is full");
    assert.match(String(said[1]), /^Error: disk on fire\n +at /);
  });

  it("retries what throws, ever more slowly, and starts over after success", async (t) => {
    let fail = true;
    const { clock, controller, calls, outcomes, start } = setUp(t, () => {
      if (fail) throw new Error("disk on fire");
      return done;
    });
    void start();
    controller.queue.add("a");
    await clock.advanceAsync(5 + 10 + 20 + 40);
    assert.equal(calls.length, 5);
    fail = false;
    await clock.advanceAsync(80);
    assert.deepEqual(outcomes, ["error", "error", "error", "error", "error", "done"]);
    assert.equal(clock.pending, 0);
  });

  it("shows a reconcile that is stuck while it is, and the keys that wait behind it", async (t) => {
    const stuck = Promise.withResolvers<Outcome>();
    const { clock, controller, start, statistics } = setUp(t, () => stuck.promise, { concurrency: 2 });
    void start();
    for (const key of ["a", "b", "c"]) controller.queue.add(key);
    await clock.advanceAsync(90_000);
    const { depth, active, concurrency, longestRunningMs, unfinishedMs } = statistics();
    assert.deepEqual([depth, active, concurrency, longestRunningMs, unfinishedMs], [1, 2, 2, 90_000, 180_000]);
    stuck.resolve(done);
    await controller.idle();
    const { waitedMs, ...after } = statistics();
    assert.equal(waitedMs, 90_000, "c waited");
    assert.deepEqual([after.depth, after.active, after.longestRunningMs, after.taken], [0, 0, 0, 3]);
  });

  it("leaves a stalled key alone and says why", async (t) => {
    const said: string[] = [];
    const logger = { ...silentLogger, info: (message: string) => void said.push(message), child: () => logger };
    const stalled: Outcome = { kind: "stalled", reason: "InvalidSpec", message: "args must be texts" };
    const { clock, controller, calls, start } = setUp(t, () => stalled, { logger });
    void start();
    controller.queue.add("a");
    await clock.advanceAsync(3_600_000);
    assert.deepEqual(calls, ["a"]);
    assert.deepEqual(said, ["args must be texts"]);
  });

  it("never works on one key twice at once", async (t) => {
    const gates: (() => void)[] = [];
    const { controller, calls, start } = setUp(t, () => new Promise((resolve) => gates.push(() => resolve(done))));
    void start();
    controller.queue.add("a");
    await settle();
    controller.queue.add("a");
    controller.queue.add("b");
    await settle();
    assert.deepEqual(calls, ["a", "b"]);
    gates[0]!();
    await settle();
    assert.deepEqual(calls, ["a", "b", "a"]);
    for (const open of gates) open();
    await controller.idle();
  });

  it("reconciles healthy keys at once beside a thousand that hang and fail (P16)", async (t) => {
    const { clock, controller, calls, start } = setUp(
      t,
      async (key, signal) => {
        if (key.startsWith("good")) return done;
        await new Promise((_, reject) => {
          clock.after(1_000, () => reject(new Error("broken")));
          signal.addEventListener("abort", () => reject(signal.reason));
        });
        return done;
      },
      { concurrency: 8 },
    );
    void start();
    for (let at = 0; at < 1_000; at++) controller.queue.add(`bad${at}`);
    await clock.advanceAsync(300_000);
    calls.length = 0;
    controller.queue.add("good");
    await settle();
    assert.ok(calls.includes("good"), "a worker was free");
  });

  it("works with more or fewer hands when told, without dropping what is in hand", async (t) => {
    const waiting: (() => void)[] = [];
    const { controller, aborter, start } = setUp(t, () => new Promise((resolve) => waiting.push(() => resolve(done))), {
      concurrency: 2,
    });
    const ended = start();
    for (let n = 0; n < 20; n++) controller.queue.add(`key-${n}`);
    await settle();
    assert.equal(waiting.length, 2);
    controller.setConcurrency(6);
    await settle();
    assert.equal(waiting.length, 6);
    controller.setConcurrency(1);
    for (const finish of waiting.splice(0)) finish();
    await settle();
    assert.equal(waiting.length, 1, "one goes on");
    for (let n = 0; n < 14; n++) {
      waiting.splice(0)[0]?.();
      await settle();
    }
    await controller.idle();
    aborter.abort();
    await ended;
  });

  it("lets the last reconcile return when it is stopped, then takes no more", async (t) => {
    let open = (): void => {};
    const { controller, calls, aborter, start } = setUp(
      t,
      () => new Promise((resolve) => (open = () => resolve(done))),
      { concurrency: 1 },
    );
    const ended = start();
    controller.queue.add("a");
    controller.queue.add("b");
    await settle();
    aborter.abort();
    let over = false;
    void ended.then(() => (over = true));
    await settle();
    assert.equal(over, false);
    open();
    await ended;
    assert.deepEqual(calls, ["a"]);
  });
});
