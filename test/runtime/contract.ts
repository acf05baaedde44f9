import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { bodyUnderTest, type RuntimeHarness } from "./body-under-test.ts";
import { launchSpec } from "./specs.ts";
import { treePromises } from "./tree-contract.ts";

/** The promises of `runtime/runtime.ts`, run on every body. */
export function runtimeContract(name: string, make: () => RuntimeHarness): void {
  describe(`${name} keeps the contract of Runtime`, () => {
    const body = bodyUnderTest(make);
    treePromises(body);

    it("tells that a run begins, and of which copy; not of one that is adopted", async () => {
      await body.start("a", "runs-forever");
      const started = { type: "started", uid: "a", run: 1, copy: { owner: "a", index: 0 } };
      assert.deepEqual(body.seen.events, [started]);
      await body.reopen();
      assert.deepEqual(body.seen.events, []);
    });

    it("tells the signal a program died of", async () => {
      await body.start("a", "dies-of", {}, "SIGABRT");
      const { exit } = await body.seen.saw("exited", "a");
      body.endedBy(exit, "SIGABRT");
    });

    it("refuses a second start while the first lives", async () => {
      const { pid } = await body.start("a", "runs-forever");
      await assert.rejects(body.start("a", "runs-forever", { run: 2 }), {
        name: "StartError",
        reason: "AlreadyRunning",
      });
      assert.equal(body.runtime.get("a")?.pid, pid);
    });

    it("refuses a run number that was used before", async () => {
      await body.start("a", "exits-with", { run: 3 });
      await body.seen.saw("tree-ended", "a");
      await assert.rejects(body.start("a", "runs-forever", { run: 3 }), {
        name: "StartError",
        reason: "InvalidArgument",
      });
    });

    it("asks the main process to stop", async () => {
      await body.start("a", "runs-forever");
      assert.equal(await body.runtime.requestStop("a", "SIGTERM"), true);
      body.endedBy((await body.seen.saw("exited", "a")).exit, "SIGTERM");
      assert.equal(await body.runtime.requestStop("a", "SIGTERM"), false);
    });

    it("delivers nothing for None and to unknown instances", async () => {
      await body.start("a", "runs-forever");
      assert.equal(await body.runtime.requestStop("a", "None"), false);
      assert.equal(await body.runtime.requestStop("nobody", "SIGTERM"), false);
      assert.equal(body.runtime.get("a")?.phase, "running");
    });

    it("sends a signal to a main process, and to nobody when it has ended", async () => {
      await body.start("a", "runs-forever");
      assert.equal(await body.runtime.signal("a", "SIGTERM"), true);
      body.endedBy((await body.seen.saw("exited", "a")).exit, "SIGTERM");
      assert.equal(await body.runtime.signal("a", "SIGTERM"), false);
    });

    it("writes declared files at the start and while it runs, and knows of which changes it was not told, over a reopening too", async () => {
      const file = (path: string, text: string) => ({ path, content: Buffer.from(text), mode: 0o600, isSecret: true });
      const [one, two, changed] = [file("conf/one", "1"), file("two", "2"), file("conf/one", "3")];
      const { copy } = launchSpec({ uid: "a", command: "x" });
      const differ = (...files: ReturnType<typeof file>[]) =>
        body.runtime.changedFiles(copy, files).map(({ path }) => path);
      await body.start("a", "runs-forever", { files: [one, two] });
      assert.deepEqual([differ(one, two), differ(changed, two)], [[], ["conf/one"]]);
      await body.reopen();
      assert.deepEqual([differ(one, two), differ(changed, two)], [[], ["conf/one"]]);
      await body.runtime.writeFiles("a", [changed, two]);
      await body.reopen();
      assert.deepEqual([differ(changed, two), differ(one)], [["conf/one"], ["conf/one"]], "nobody has told it yet");
      body.runtime.noteTold(copy, [changed, two]);
      await body.reopen();
      assert.deepEqual([differ(changed, two), differ(one)], [[], ["conf/one"]]);
      await body.runtime.kill("a");
      await assert.rejects(body.runtime.writeFiles("a", [one]), { name: "StartError" });
    });

    it("keeps for the next daemon what a run was given, and what it is given while it runs", async () => {
      const given = () => body.runtime.get("a")?.given;
      await body.start("a", "runs-forever", { given: "sealed" });
      assert.equal(given(), "sealed");
      await body.reopen();
      assert.equal(given(), "sealed");
      await body.runtime.writeFiles("a", []);
      assert.equal(given(), "sealed");
      await body.runtime.writeFiles("a", [], "sealed again");
      assert.equal(given(), "sealed again");
      await body.reopen();
      assert.equal(given(), "sealed again");
    });

    it("has nothing to kill of an unknown or ended instance", async () => {
      await body.runtime.kill("nobody");
      await body.start("a", "exits-with");
      await body.seen.saw("tree-ended", "a");
      await body.runtime.kill("a");
    });

    it("lists runs with the newest last and forgets the oldest", async () => {
      for (const run of [1, 2, 3, 4]) {
        const logs = { maxSize: 1 << 20, maxFiles: 2, stderr: "Separate" } as const;
        await body.start("a", "exits-with", { run, revision: `web-${run}`, logs });
        await body.seen.saw("tree-ended", "a", run);
      }
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
      const runs = await body.runtime.runs("a");
      assert.deepEqual(
        runs.map(({ run, revision }) => [run, revision]),
        [
          [3, "web-3"],
          [4, "web-4"],
        ],
      );
      assert.ok(runs.every(({ stderr, finishedAt }) => stderr !== undefined && finishedAt !== undefined));
    });

    it("stops telling after an unsubscription", async () => {
      const told: string[] = [];
      const stop = body.runtime.subscribe(({ type }) => told.push(type));
      stop();
      await body.start("a", "exits-with");
      await body.seen.saw("tree-ended", "a");
      assert.deepEqual(told, []);
    });

    it("keeps the exit of a run over a reopening", async () => {
      await body.start("a", "exits-with", {}, "7");
      await body.seen.saw("tree-ended", "a");
      const [state] = await body.reopen();
      assert.equal(state?.phase, "exited");
      assert.equal(state?.exit?.code, 7);
      assert.equal(state?.treeAlive, false);
    });

    const environment = async (uid: string): Promise<Record<string, string>> => {
      const { command, args } = body.harness.fixture("prints-environment");
      const result = await body.runtime.exec(uid, [command, ...args], { timeoutMs: 30_000, maxOutput: 100_000 });
      return JSON.parse(result.output) as Record<string, string>;
    };

    it("gives probes the environment that the run was started with", async () => {
      await body.start("a", "runs-forever", { env: { COLOUR: "blue" } });
      body.runtime.resolveWith(() => assert.fail("it was kept since the start"));
      assert.equal((await environment("a")).COLOUR, "blue");
    });

    it("runs a command for somebody who reads meanwhile, with the same environment, until it ends or is closed", async () => {
      await body.start("a", "runs-forever", { env: { COLOUR: "blue" } });
      const { command, args } = body.harness.fixture("prints-environment");
      const session = await body.runtime.openExec("a", { command: [command, ...args], stdin: false });
      assert.equal(JSON.parse(await text(session.stdout)).COLOUR, "blue");
      assert.deepEqual([session.stdin, await session.ended], [undefined, { code: 0 }]);
      await session.close();
      await session.close();
      await body.runtime.kill("a");
      await assert.rejects(body.runtime.openExec("a", { command: [command, ...args], stdin: false }), {
        reason: "InvalidArgument",
      });
    });

    it("gives probes of an adopted run what the resolver says, and nothing that is read from the process", async () => {
      const spec = launchSpec({ uid: "a", run: 3, ...body.harness.fixture("runs-forever"), env: { COLOUR: "blue" } });
      await body.runtime.start(spec);
      const own = await environment("a");
      await body.reopen();
      body.runtime.resolveWith((uid) => ({ ...spec, uid, run: 1, env: { SHADE: "dark" } }));
      const { SHADE, COLOUR, ...others } = await environment("a");
      assert.deepEqual([SHADE, COLOUR], ["dark", undefined]);
      assert.equal(others.WCTL_RUN, own.WCTL_RUN);
      body.runtime.resolveWith(() => spec);
      const marked = (all: Record<string, string>) => ({ ...all, WCTL_EXEC: "" });
      assert.deepEqual(marked(await environment("a")), marked(own));
    });

    it("refuses probes of an adopted run until it is told what that was started with, and says why", async () => {
      await body.start("a", "runs-forever");
      await body.reopen();
      await assert.rejects(environment("a"), {
        name: "StartError",
        message: /run 1 can't be made again: nobody has told/,
      });
      body.runtime.resolveWith(() => ({ missing: 'secret "s" not found' }));
      await assert.rejects(environment("a"), {
        message: /default\/a: .* run 1 can't be made again: secret "s" not found/,
      });
      assert.equal(body.runtime.get("a")?.phase, "running");
    });

    it("starts no run whose number nobody could count", async () => {
      for (const run of [0, -1, 1.5, 2 ** 31, 1e20, Number.NaN]) {
        await assert.rejects(body.start("a", "runs-forever", { run }), {
          name: "StartError",
          reason: "InvalidArgument",
        });
      }
      assert.deepEqual(await body.runtime.runs("a"), []);
      assert.equal((await body.start("a", "runs-forever", { run: 2 ** 31 - 1 })).run, 2 ** 31 - 1);
    });
  });
}
