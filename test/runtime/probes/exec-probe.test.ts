import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ExecProbe } from "../../../runtime/probes/exec-probe.ts";
import { timedOut } from "../../../runtime/probes/probe-results.ts";
import type { ExecOptions, ExecResult } from "../../../runtime/runtime.ts";

const signal = new AbortController().signal;
const ends = (result: Partial<ExecResult>): ExecProbe =>
  new ExecProbe(["check", "it"], 1_000, async () => ({ timedOut: false, output: "", ...result }));

describe("ExecProbe", () => {
  it("is healthy when the command exits with 0; a failure is told by its output", async () => {
    assert.deepEqual(await ends({ code: 0, output: "fine\n" }).run(signal), { outcome: "success", message: "fine\n" });
    assert.deepEqual(await ends({ code: 2, output: "cat: no file\n" }).run(signal), {
      outcome: "failure",
      message: "cat: no file",
    });
    assert.deepEqual(await ends({ code: 3 }).run(signal), {
      outcome: "failure",
      message: "command exited with code 3",
    });
    assert.deepEqual(await ends({}).run(signal), { outcome: "failure", message: "command was ended by a signal" });
    assert.deepEqual(await ends({ timedOut: true }).run(signal), {
      outcome: "failure",
      message: 'command "check it" timed out',
    });
  });

  it("gives the Runtime the time it has, and a bound for the output", async () => {
    const given: ExecOptions[] = [];
    const probe = new ExecProbe(["check"], 2_500, async (options) => {
      given.push(options);
      return { code: 0, timedOut: false, output: "" };
    });
    await probe.run(signal);
    assert.deepEqual(given, [{ timeoutMs: 2_500, maxOutput: 10 * 1024 }]);
  });

  it("tries three times to start what does not start, then rejects", async () => {
    let tries = 0;
    const stubborn = new ExecProbe(["check"], 1_000, async () => {
      tries += 1;
      if (tries % 4 !== 0) throw new Error(`try ${tries}`);
      return { code: 0, timedOut: false, output: "" };
    });
    await assert.rejects(stubborn.run(signal), /try 3/);
    assert.equal((await stubborn.run(signal)).outcome, "success");
  });

  it("does not wait for a command that outlives its time, nor start a second one beside it", async () => {
    let started = 0;
    let end: (result: ExecResult) => void = () => {};
    const probe = new ExecProbe(["check"], 1_000, () => {
      started += 1;
      return new Promise((resolve) => {
        end = resolve;
      });
    });
    const controller = new AbortController();
    const first = probe.run(controller.signal);
    controller.abort(timedOut);
    assert.equal((await first).message, 'command "check" timed out');
    assert.equal((await probe.run(signal)).outcome, "failure");
    assert.equal(started, 1);
    end({ timedOut: true, output: "" });
    await new Promise((resolve) => setImmediate(resolve));
    const unwanted = new AbortController();
    const second = probe.run(unwanted.signal);
    unwanted.abort();
    await assert.rejects(second);
    assert.equal(started, 2);
  });
});
