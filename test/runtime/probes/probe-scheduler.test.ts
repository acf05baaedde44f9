import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import fc from "fast-check";
import { silentLogger } from "../../../lib/logger.ts";
import { ProbeScheduler, type ProbeSchedulerOptions } from "../../../runtime/probes/probe-scheduler.ts";
import type { ProbeReport, ProbeSet, ProbeSpec, ProbeTarget } from "../../../runtime/probes/prober.ts";
import type { ExecResult } from "../../../runtime/runtime.ts";
import { FakeClock, settle } from "../../lib/fake-clock.ts";
import { repeats } from "../../repeats.ts";

/** A command per probe; the test says how it ends. `hangs`: not until it is told to. */
type Answer = "ok" | "bad" | "hangs" | "error";

const exec = (name: string, changes: Partial<ProbeSpec> = {}): ProbeSpec => ({
  exec: { command: [name] },
  initialDelaySeconds: 0,
  periodSeconds: 10,
  timeoutSeconds: 1,
  successThreshold: 1,
  failureThreshold: 3,
  ...changes,
});

describe("ProbeScheduler", () => {
  let clock: FakeClock;
  let answers: Map<string, Answer>;
  /** What a program says beside its answer. */
  let words: () => string;
  let asked: [name: string, second: number][];
  let hanging: ((result: ExecResult) => void)[];
  let reports: [uid: string, report: ProbeReport][];
  let prober: ProbeScheduler;

  const open = (
    options: { random?: number } & Pick<ProbeSchedulerOptions, "concurrency" | "asked"> = {},
  ): ProbeScheduler => {
    const { random = 0.5, ...rest } = options;
    const scheduler = new ProbeScheduler({
      clock,
      random: () => random,
      logger: silentLogger,
      runtime: {
        exec: (_uid, [name = ""]) => {
          asked.push([name, clock.now() / 1000]);
          const answer = answers.get(name) ?? "ok";
          if (answer === "error") return Promise.reject(new Error("no such program"));
          if (answer === "hangs") return new Promise((resolve) => hanging.push(resolve));
          return Promise.resolve({
            code: answer === "ok" ? 0 : 1,
            timedOut: false,
            output: `${name} is ${answer}${words()}`,
          });
        },
        portOwner: async () => ({ by: "nobody" }),
      },
      ...rest,
    });
    scheduler.subscribe((uid, report) => reports.push([uid, report]));
    return scheduler;
  };
  const target = (uid: string, run = 1): ProbeTarget => ({ uid, run, startedAt: clock.wall().toISOString() });
  const set = (probes: ProbeSet, uid = "a", run = 1): void => prober.set(target(uid, run), probes);
  const times = (name: string): number[] => asked.filter(([who]) => who === name).map(([, second]) => second);
  const told = (): unknown[] =>
    reports.map(([, { kind, result, changed }]) => [kind, result.outcome, result.message, changed]);

  beforeEach(() => {
    clock = new FakeClock();
    answers = new Map();
    words = () => "";
    asked = [];
    hanging = [];
    reports = [];
    prober = open();
  });
  afterEach(() => prober.close());

  it("asks at once, then every period; says the first success, and nothing of the later ones", async () => {
    set({ readiness: exec("r") });
    assert.deepEqual(prober.get("a"), { run: 1, started: true, ready: false });
    await clock.advanceAsync(35_000);
    assert.deepEqual(times("r"), [0, 10, 20, 30]);
    assert.deepEqual(prober.get("a"), { run: 1, started: true, ready: true });
    assert.deepEqual(told(), [["readiness", "success", "r is ok", true]]);
  });

  it("takes the words of a program that says others each time once in ten seconds, and the last ones in the end", async () => {
    const letters = "abcdefghijklmnopqrstuvwxyz";
    let at = 0;
    words = () => ` ${letters[at++ % letters.length]}`;
    answers.set("r", "bad");
    set({ readiness: exec("r", { periodSeconds: 1, failureThreshold: 1 }) });
    await clock.advanceAsync(60_000);
    assert.ok(times("r").length > 55);
    assert.ok(reports.filter(([, { changed }]) => changed).length <= 7);
    words = () => " settled";
    await clock.advanceAsync(11_000);
    assert.equal(prober.get("a")?.failing?.message, "r is bad settled");
  });

  it("tells of each answer and how long it took, of the later ones too", async () => {
    const answered: unknown[] = [];
    prober = open({
      asked: (uid, kind, { outcome, errored }, seconds) =>
        answered.push([uid, kind, errored ? "error" : outcome, seconds]),
    });
    answers.set("l", "hangs");
    set({ readiness: exec("r"), liveness: exec("l", { timeoutSeconds: 2 }) });
    await clock.advanceAsync(10_000);
    answers.set("r", "error");
    await clock.advanceAsync(10_000);
    assert.deepEqual(answered.slice(0, 2), [
      ["a", "readiness", "success", 0],
      ["a", "liveness", "failure", 2],
    ]);
    assert.ok(answered.some((one) => JSON.stringify(one) === '["a","readiness","error",0]'));
  });

  it("counts initialDelaySeconds from the start of the run", async () => {
    const startedAt = clock.wall().toISOString();
    await clock.advanceAsync(4_000);
    prober = open();
    prober.set({ uid: "a", run: 1, startedAt }, { liveness: exec("l", { initialDelaySeconds: 25 }) });
    await clock.advanceAsync(40_000);
    assert.deepEqual(times("l"), [25, 35]);
  });

  it("restarts after failureThreshold failures in a row of liveness, and asks no more", async () => {
    set({ liveness: exec("l", { failureThreshold: 2 }) });
    const play: Answer[] = ["bad", "ok", "bad", "bad"];
    for (const answer of play) {
      answers.set("l", answer);
      await clock.advanceAsync(asked.length === 0 ? 0 : 10_000);
    }
    assert.deepEqual(prober.get("a"), {
      run: 1,
      started: true,
      ready: true,
      restart: { kind: "liveness", message: "l is bad" },
    });
    assert.deepEqual(told(), [
      ["liveness", "failure", "l is bad", false],
      ["liveness", "success", "l is ok", false],
      ["liveness", "failure", "l is bad", false],
      ["liveness", "failure", "l is bad", true],
    ]);
    await clock.advanceAsync(60_000);
    assert.equal(times("l").length, 4);
    set({ liveness: exec("l", { failureThreshold: 2 }) }, "a", 2);
    await clock.advanceAsync(0);
    assert.equal(times("l").length, 5, "a new run is asked again");
    assert.deepEqual(prober.get("a"), { run: 2, started: true, ready: true });
  });

  it("lets readiness go and come by its thresholds, without a restart", async () => {
    set({ readiness: exec("r", { successThreshold: 2, failureThreshold: 2, periodSeconds: 1 }) });
    const ready: unknown[] = [];
    for (const answer of ["ok", "ok", "bad", "ok", "bad", "bad", "ok", "ok"] as const) {
      answers.set("r", answer);
      await clock.advanceAsync(asked.length === 0 ? 0 : 1_000);
      ready.push(prober.get("a")?.ready);
    }
    assert.deepEqual(ready, [false, true, true, true, true, false, false, true]);
    assert.equal(prober.get("a")?.restart, undefined);
  });

  it("holds the others back until startup succeeded; then readiness at once, liveness at its next tick", async () => {
    answers.set("s", "bad");
    const startup = exec("s", { periodSeconds: 2, failureThreshold: 30 });
    set({ startup, readiness: exec("r"), liveness: exec("l") });
    await clock.advanceAsync(13_000);
    assert.deepEqual([times("r"), times("l")], [[], []]);
    answers.set("s", "ok");
    await clock.advanceAsync(1_000);
    assert.deepEqual([times("s").at(-1), times("r"), times("l")], [14, [14], []]);
    assert.deepEqual(prober.get("a"), { run: 1, started: true, ready: true });
    await clock.advanceAsync(12_000);
    assert.deepEqual([times("r"), times("l")], [[14, 24], [20]]);
    assert.equal(times("s").at(-1), 14, "startup is over");
  });

  it("asks for a restart when startup never succeeds", async () => {
    answers.set("s", "bad");
    set({ startup: exec("s", { periodSeconds: 1, failureThreshold: 3 }), liveness: exec("l") });
    await clock.advanceAsync(30_000);
    assert.deepEqual(times("s"), [0, 1, 2]);
    assert.deepEqual(prober.get("a")?.restart, { kind: "startup", message: "s is bad" });
    assert.deepEqual(times("l"), []);
  });

  it("fails a probe at its timeout, whatever the command does, and never runs two at a time", async () => {
    answers.set("l", "hangs");
    set({ liveness: exec("l", { periodSeconds: 2 }) });
    set({ liveness: exec("m", { periodSeconds: 2 }) }, "b");
    await clock.advanceAsync(1_000);
    assert.deepEqual(told().at(-1), ["liveness", "failure", 'command "l" timed out', false]);
    await clock.advanceAsync(5_000);
    assert.deepEqual([times("l"), times("m")], [[0], [0, 2, 4, 6]], "nobody waits for one that hangs");
    assert.equal(prober.get("a")?.restart?.kind, "liveness", "a command that never ends fails at each tick");
    set({ liveness: exec("l") }, "a", 2);
    hanging[0]?.({ code: 0, timedOut: false, output: "" });
    await settle();
    assert.equal(prober.get("a")?.run, 2);
  });

  it("makes up for one tick, no more, when a probe took longer than its period", async () => {
    answers.set("l", "hangs");
    set({ liveness: exec("l", { periodSeconds: 2, timeoutSeconds: 60 }) });
    await clock.advanceAsync(7_000);
    answers.set("l", "ok");
    hanging[0]?.({ code: 0, timedOut: false, output: "" });
    await clock.advanceAsync(3_500);
    assert.deepEqual(times("l"), [0, 7, 8, 10]);
  });

  it("tells what could not be asked, after three tries, shows it, and leaves verdict and counts alone", async () => {
    answers.set("l", "error");
    set({ liveness: exec("l", { failureThreshold: 1 }), readiness: exec("r") });
    await clock.advanceAsync(0);
    assert.deepEqual(times("l"), [0, 0, 0]);
    const [, report] = reports.find(([, one]) => one.kind === "liveness") ?? [];
    assert.deepEqual(report, {
      kind: "liveness",
      changed: true,
      result: { outcome: "failure", message: "no such program", errored: true },
    });
    const errored = { kind: "liveness", message: "no such program" };
    const state = { run: 1, started: true, ready: true };
    assert.deepEqual(prober.get("a"), { ...state, errored });
    answers.set("l", "ok");
    await clock.advanceAsync(20_000);
    assert.deepEqual(prober.get("a"), state, "it could be asked");
  });

  it("forgets what is removed: no timer, no late result", async () => {
    answers.set("l", "hangs");
    set({ liveness: exec("l", { failureThreshold: 1 }), readiness: exec("r") });
    await clock.advanceAsync(500);
    const before = reports.length;
    prober.remove("a");
    assert.equal(prober.get("a"), undefined);
    hanging[0]?.({ code: 1, timedOut: false, output: "late" });
    await settle();
    assert.deepEqual([clock.pending, reports.length], [0, before]);
  });

  it("drops results of an older run, and ignores a call that is late", async () => {
    answers.set("l", "hangs");
    set({ liveness: exec("l", { failureThreshold: 1 }) });
    await clock.advanceAsync(0);
    set({ liveness: exec("m") }, "a", 2);
    hanging[0]?.({ code: 1, timedOut: false, output: "old" });
    set({ liveness: exec("l") }, "a", 1);
    await clock.advanceAsync(0);
    assert.deepEqual(prober.get("a"), { run: 2, started: true, ready: true });
    assert.deepEqual(times("m"), [0]);
  });

  it("changes nothing when set again with the same run and an equal spec; keeps the state when the spec changed", async () => {
    set({ readiness: exec("r") });
    await clock.advanceAsync(5_000);
    set({ readiness: { ...exec("r") } });
    await clock.advanceAsync(4_000);
    assert.deepEqual(times("r"), [0], "still waiting for its tick");
    set({ readiness: exec("r2") });
    assert.deepEqual(prober.get("a"), { run: 1, started: true, ready: true });
    await clock.advanceAsync(0);
    assert.deepEqual(times("r2"), [9]);
  });

  it("shows of an adopted run what its status said, and spreads the first probes over a period", async () => {
    const startedAt = clock.wall().toISOString();
    await clock.advanceAsync(100_000);
    prober = open({ random: 0.3 });
    prober.set(
      { uid: "a", run: 7, startedAt },
      { startup: exec("s"), readiness: exec("r") },
      { started: true, ready: true },
    );
    assert.deepEqual(prober.get("a"), { run: 7, started: true, ready: true });
    answers.set("r", "bad");
    await clock.advanceAsync(22_000);
    assert.deepEqual([times("s"), times("r")], [[], [103, 113]]);
    assert.equal(prober.get("a")?.ready, true, "two failures are below the threshold");
    await clock.advanceAsync(1_000);
    assert.equal(prober.get("a")?.ready, false);
  });

  it("arms one timer however many it probes", async () => {
    for (let uid = 0; uid < 1_000; uid++) set({ liveness: exec(`l${uid}`) }, `u${uid}`);
    assert.equal(clock.pending, 1);
    await clock.advanceAsync(0);
    assert.equal(asked.length, 1_000);
    assert.equal(clock.pending, 1);
  });

  it("keeps to its bound; who waits gets the next free place, and leaves the line when removed", async () => {
    prober = open({ concurrency: 2 });
    for (const uid of ["p", "q", "r", "s"]) {
      answers.set(uid, "hangs");
      set({ liveness: exec(uid) }, uid);
      await clock.advanceAsync(1);
    }
    assert.deepEqual(
      asked.map(([name]) => name),
      ["p", "q"],
    );
    prober.remove("r");
    hanging[0]?.({ code: 0, timedOut: false, output: "" });
    await settle();
    assert.deepEqual(
      asked.map(([name]) => name),
      ["p", "q", "s"],
    );
  });

  it("does not notice when the wall clock jumps", async () => {
    set({ liveness: exec("l", { initialDelaySeconds: 5 }) });
    clock.jumpWall(-3_600_000);
    await clock.advanceAsync(6_000);
    clock.jumpWall(7_200_000);
    await clock.advanceAsync(10_000);
    assert.deepEqual(times("l"), [5, 15]);
  });

  it("keeps its promises whatever happens in whatever order", async () => {
    const uids = fc.constantFrom("a", "b");
    const probes = fc.constantFrom<ProbeSet[]>(
      { liveness: exec("live", { periodSeconds: 1, failureThreshold: 2 }) },
      {
        startup: exec("start", { periodSeconds: 1 }),
        readiness: exec("ready", { periodSeconds: 2 }),
        liveness: exec("live"),
      },
      {
        readiness: exec("ready", { initialDelaySeconds: 3, periodSeconds: 1, successThreshold: 2, timeoutSeconds: 3 }),
      },
    );
    const act = fc.oneof(
      fc.record({ do: fc.constant("set" as const), uid: uids, probes, newRun: fc.boolean() }),
      fc.record({ do: fc.constant("remove" as const), uid: uids }),
      fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 5_000 }) }),
      fc.record({
        do: fc.constant("answer" as const),
        name: fc.constantFrom("start", "ready", "live"),
        as: fc.constantFrom<Answer[]>("ok", "bad", "hangs", "error"),
      }),
      fc.record({ do: fc.constant("end" as const), code: fc.constantFrom(0, 1) }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(act, { minLength: 20, maxLength: 60, size: "max" }),
        fc.integer({ min: 1, max: 9 }),
        async (acts, concurrency) => {
          clock = new FakeClock();
          answers = new Map();
          hanging = [];
          prober = open({ concurrency });
          const runs = new Map<string, number>();
          const restarted = new Set<string>();
          let lastRun = 0;
          const broken: string[] = [];
          prober.subscribe((uid) => {
            const state = prober.get(uid);
            if (!runs.has(uid) || state?.run !== runs.get(uid)) broken.push("something was told of what was removed");
            if (state?.ready && !state.started) broken.push("ready before it has started");
            if (restarted.has(`${uid} ${state?.run}`) && !state?.restart) broken.push("a restart was taken back");
            if (state?.restart) restarted.add(`${uid} ${state.run}`);
          });
          for (const one of acts) {
            if (one.do === "set") {
              if (one.newRun || !runs.has(one.uid)) runs.set(one.uid, ++lastRun);
              set(one.probes, one.uid, runs.get(one.uid));
            } else if (one.do === "remove") {
              runs.delete(one.uid);
              prober.remove(one.uid);
            } else if (one.do === "wait") await clock.advanceAsync(one.ms);
            else if (one.do === "answer") answers.set(one.name, one.as);
            else hanging.shift()?.({ code: one.code, timedOut: false, output: "" });
            await settle(1);
            assert.deepEqual(broken, []);
            assert.ok(clock.pending <= concurrency + 1, `${clock.pending} timers`);
          }
          await prober.close();
          assert.equal(clock.pending, 0, "closed, nothing is left");
        },
      ),
      { numRuns: repeats(300) },
    );
  });

  it("survives a listener that throws, and one that removes what is reported", async () => {
    prober.subscribe(() => {
      throw new Error("a listener's own fault");
    });
    prober.subscribe((uid) => prober.remove(uid));
    set({ liveness: exec("l") });
    await clock.advanceAsync(30_000);
    assert.deepEqual(times("l"), [0]);
    assert.equal(clock.pending, 0);
  });
});
