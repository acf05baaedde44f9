import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import type { ExitStatus, LaunchSpec, Runtime } from "../../runtime/runtime.ts";
import { endAll } from "./end-all.ts";
import { Observer } from "./observer.ts";
import { launchSpec } from "./specs.ts";

export type FixtureName =
  | "runs-forever"
  | "exits-with"
  | "dies-of"
  | "ignores-stop"
  | "spawns-grandchild"
  | "leaves-grandchild"
  | "prints-environment"
  | "does-not-exist";

/** What a body brings: itself, opened again on the same machine, and the fixtures in its own terms. */
export interface RuntimeHarness {
  /** The next "daemon" on the same data; the one before has been closed. */
  open(): Promise<Runtime>;
  fixture(name: FixtureName, ...args: string[]): Pick<LaunchSpec, "command" | "args">;
  /** Resolves when the program has done what its name says. */
  settled(name: FixtureName, uid: string): Promise<void>;
  dispose(): Promise<void>;
  /** How a program ends of a signal, where the system has none. Absent: with that signal. */
  endOf?(signal: "SIGTERM" | "SIGKILL" | "SIGABRT"): Pick<ExitStatus, "code" | "signal">;
}

/** The promises of `runtime/runtime.ts`, run on every body. */
export function runtimeContract(name: string, make: () => Promise<RuntimeHarness>): void {
  describe(`${name} keeps the contract of Runtime`, () => {
    let harness: RuntimeHarness;
    let runtime: Runtime;
    let seen: Observer;
    const start = async (uid: string, fixture: FixtureName, more: Partial<LaunchSpec> = {}, ...args: string[]) => {
      const state = await runtime.start(launchSpec({ uid, ...harness.fixture(fixture, ...args), ...more }));
      await harness.settled(fixture, uid);
      return state;
    };
    const endedBy = (exit: ExitStatus, signal: "SIGTERM" | "SIGKILL" | "SIGABRT") => {
      const { code, signal: name } = harness.endOf?.(signal) ?? { signal };
      assert.deepEqual([exit.code, exit.signal], [code, name]);
    };
    const reopen = async () => {
      await runtime.close();
      runtime = await harness.open();
      seen = new Observer(runtime);
      return runtime.recover();
    };
    // One for all tests: each finds it empty, with nothing left of what the one before has started.
    before(async () => {
      harness = await make();
      runtime = await harness.open();
      await runtime.recover();
    });
    beforeEach(() => {
      seen = new Observer(runtime);
      assert.deepEqual(runtime.list(), []);
    });
    afterEach(() => endAll(runtime));
    after(async () => {
      await runtime.close();
      await harness.dispose();
    });

    it("starts a program and shows its identity", async () => {
      const state = await start("a", "runs-forever");
      assert.equal(state.phase, "running");
      assert.equal(state.run, 1);
      assert.equal(state.treeAlive, true);
      assert.equal(state.adopted, false);
      assert.ok(state.pid > 0);
      assert.ok(state.creationTime.length > 0);
      assert.match(state.startedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      assert.deepEqual(runtime.get("a"), state);
      assert.deepEqual(runtime.list(), [state]);
    });

    it("tells that a run begins, and of which copy; not of one that is adopted", async () => {
      await start("a", "runs-forever");
      const started = { type: "started", uid: "a", run: 1, copy: { owner: "a", index: 0 } };
      assert.deepEqual(seen.events, [started]);
      await reopen();
      assert.deepEqual(seen.events, []);
    });

    it("tells the exact exit code, then the end of the tree", async () => {
      await start("a", "exits-with", {}, "42");
      await seen.saw("tree-ended", "a");
      const [exited, ended] = seen.of("a");
      assert.equal(exited?.type, "exited");
      assert.equal(exited?.type === "exited" && exited.exit.code, 42);
      assert.deepEqual(ended, { type: "tree-ended", uid: "a", run: 1 });
      assert.equal(runtime.get("a")?.phase, "exited");
      assert.equal(runtime.get("a")?.exit?.code, 42);
      assert.equal(runtime.get("a")?.treeAlive, false);
    });

    it("tells the signal a program died of", async () => {
      await start("a", "dies-of", {}, "SIGABRT");
      const { exit } = await seen.saw("exited", "a");
      endedBy(exit, "SIGABRT");
    });

    it("refuses a program that does not exist, and takes the same run number again", async () => {
      await assert.rejects(start("a", "does-not-exist"), { name: "StartError", reason: "CommandNotFound" });
      assert.equal(runtime.get("a"), undefined);
      assert.deepEqual(await runtime.runs("a"), []);
      assert.equal((await start("a", "runs-forever")).run, 1);
    });

    it("refuses a second start while the first lives", async () => {
      const { pid } = await start("a", "runs-forever");
      await assert.rejects(start("a", "runs-forever", { run: 2 }), { name: "StartError", reason: "AlreadyRunning" });
      assert.equal(runtime.get("a")?.pid, pid);
    });

    it("refuses a start while something of the last tree lives", async () => {
      await start("a", "leaves-grandchild");
      await seen.saw("exited", "a");
      assert.equal(runtime.get("a")?.treeAlive, true);
      await assert.rejects(start("a", "runs-forever", { run: 2 }), { name: "StartError", reason: "AlreadyRunning" });
      await runtime.kill("a");
      await seen.saw("tree-ended", "a");
      assert.equal((await start("a", "runs-forever", { run: 2 })).run, 2);
    });

    it("refuses a run number that was used before", async () => {
      await start("a", "exits-with", { run: 3 });
      await seen.saw("tree-ended", "a");
      await assert.rejects(start("a", "runs-forever", { run: 3 }), { name: "StartError", reason: "InvalidArgument" });
    });

    it("asks the main process to stop", async () => {
      await start("a", "runs-forever");
      assert.equal(await runtime.requestStop("a", "SIGTERM"), true);
      endedBy((await seen.saw("exited", "a")).exit, "SIGTERM");
      assert.equal(await runtime.requestStop("a", "SIGTERM"), false);
    });

    it("delivers nothing for None and to unknown instances", async () => {
      await start("a", "runs-forever");
      assert.equal(await runtime.requestStop("a", "None"), false);
      assert.equal(await runtime.requestStop("nobody", "SIGTERM"), false);
      assert.equal(runtime.get("a")?.phase, "running");
    });

    it("sends a signal to a main process, and to nobody when it has ended", async () => {
      await start("a", "runs-forever");
      assert.equal(await runtime.signal("a", "SIGTERM"), true);
      endedBy((await seen.saw("exited", "a")).exit, "SIGTERM");
      assert.equal(await runtime.signal("a", "SIGTERM"), false);
    });

    it("writes declared files at the start and while it runs, and knows of which changes it was not told, over a reopening too", async () => {
      const file = (path: string, text: string) => ({ path, content: Buffer.from(text), mode: 0o600, isSecret: true });
      const [one, two, changed] = [file("conf/one", "1"), file("two", "2"), file("conf/one", "3")];
      const { copy } = launchSpec({ uid: "a", command: "x" });
      const differ = (...files: ReturnType<typeof file>[]) => runtime.changedFiles(copy, files).map(({ path }) => path);
      await start("a", "runs-forever", { files: [one, two] });
      assert.deepEqual([differ(one, two), differ(changed, two)], [[], ["conf/one"]]);
      await reopen();
      assert.deepEqual([differ(one, two), differ(changed, two)], [[], ["conf/one"]]);
      await runtime.writeFiles("a", [changed, two]);
      await reopen();
      assert.deepEqual([differ(changed, two), differ(one)], [["conf/one"], ["conf/one"]], "nobody has told it yet");
      runtime.noteTold(copy, [changed, two]);
      await reopen();
      assert.deepEqual([differ(changed, two), differ(one)], [[], ["conf/one"]]);
      await runtime.kill("a");
      await assert.rejects(runtime.writeFiles("a", [one]), { name: "StartError" });
    });

    it("keeps for the next daemon what a run was given, and what it is given while it runs", async () => {
      const given = () => runtime.get("a")?.given;
      await start("a", "runs-forever", { given: "sealed" });
      assert.equal(given(), "sealed");
      await reopen();
      assert.equal(given(), "sealed");
      await runtime.writeFiles("a", []);
      assert.equal(given(), "sealed");
      await runtime.writeFiles("a", [], "sealed again");
      assert.equal(given(), "sealed again");
      await reopen();
      assert.equal(given(), "sealed again");
    });

    it("kills what ignores the request", async () => {
      await start("a", "ignores-stop");
      assert.equal(await runtime.requestStop("a", "CtrlC"), true);
      assert.equal(await runtime.requestStop("a", "SIGTERM"), true);
      await runtime.kill("a");
      assert.equal(runtime.get("a")?.treeAlive, false);
      endedBy((await seen.saw("exited", "a")).exit, "SIGKILL");
    });

    it("kills the whole tree", async () => {
      await start("a", "spawns-grandchild");
      await runtime.kill("a");
      assert.equal(runtime.get("a")?.treeAlive, false);
      assert.deepEqual(
        seen.of("a").map(({ type }) => type),
        ["exited", "tree-ended"],
      );
    });

    it("has nothing to kill of an unknown or ended instance", async () => {
      await runtime.kill("nobody");
      await start("a", "exits-with");
      await seen.saw("tree-ended", "a");
      await runtime.kill("a");
    });

    it("measures what lives", async () => {
      await start("a", "runs-forever");
      await start("b", "exits-with");
      await seen.saw("tree-ended", "b");
      const usage = await runtime.usage();
      assert.deepEqual([...usage.keys()], ["a"]);
      assert.equal(usage.get("a")?.processes, 1);
      assert.ok(usage.get("a")!.memoryBytes > 0);
    });

    it("lists runs with the newest last and forgets the oldest", async () => {
      for (const run of [1, 2, 3, 4]) {
        const logs = { maxSize: 1 << 20, maxFiles: 2, stderr: "Separate" } as const;
        await start("a", "exits-with", { run, revision: `web-${run}`, logs });
        await seen.saw("tree-ended", "a", run);
      }
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
      const runs = await runtime.runs("a");
      assert.deepEqual(
        runs.map(({ run, revision }) => [run, revision]),
        [
          [3, "web-3"],
          [4, "web-4"],
        ],
      );
      assert.ok(runs.every(({ stderr, finishedAt }) => stderr !== undefined && finishedAt !== undefined));
    });

    it("forgets an instance only after its tree has ended", async () => {
      await start("a", "runs-forever");
      await assert.rejects(runtime.forget("a"));
      await runtime.kill("a");
      await runtime.forget("a");
      assert.equal(runtime.get("a"), undefined);
      assert.deepEqual(await runtime.runs("a"), []);
      await runtime.forget("nobody");
    });

    it("stops telling after an unsubscription", async () => {
      const told: string[] = [];
      const stop = runtime.subscribe(({ type }) => told.push(type));
      stop();
      await start("a", "exits-with");
      await seen.saw("tree-ended", "a");
      assert.deepEqual(told, []);
    });

    it("leaves workloads running when it closes, and adopts them when it opens again", async () => {
      const before = await start("a", "runs-forever");
      const [after] = await reopen();
      assert.deepEqual(after, { ...before, adopted: true });
      await assert.rejects(start("a", "runs-forever", { run: 2 }), { reason: "AlreadyRunning" });
      assert.equal(await runtime.requestStop("a", "SIGTERM"), true);
      endedBy((await seen.saw("exited", "a")).exit, "SIGTERM");
      assert.equal((await start("a", "runs-forever", { run: 2 })).run, 2);
    });

    it("keeps the exit of a run over a reopening", async () => {
      await start("a", "exits-with", {}, "7");
      await seen.saw("tree-ended", "a");
      const [state] = await reopen();
      assert.equal(state?.phase, "exited");
      assert.equal(state?.exit?.code, 7);
      assert.equal(state?.treeAlive, false);
    });

    const environment = async (uid: string): Promise<Record<string, string>> => {
      const { command, args } = harness.fixture("prints-environment");
      const result = await runtime.exec(uid, [command, ...args], { timeoutMs: 30_000, maxOutput: 100_000 });
      return JSON.parse(result.output) as Record<string, string>;
    };

    it("gives probes the environment that the run was started with", async () => {
      await start("a", "runs-forever", { env: { COLOUR: "blue" } });
      runtime.resolveWith(() => assert.fail("it was kept since the start"));
      assert.equal((await environment("a")).COLOUR, "blue");
    });

    it("runs a command for somebody who reads meanwhile, with the same environment, until it ends or is closed", async () => {
      await start("a", "runs-forever", { env: { COLOUR: "blue" } });
      const { command, args } = harness.fixture("prints-environment");
      const session = await runtime.openExec("a", { command: [command, ...args], stdin: false });
      assert.equal(JSON.parse(await text(session.stdout)).COLOUR, "blue");
      assert.deepEqual([session.stdin, await session.ended], [undefined, { code: 0 }]);
      await session.close();
      await session.close();
      await runtime.kill("a");
      await assert.rejects(runtime.openExec("a", { command: [command, ...args], stdin: false }), {
        reason: "InvalidArgument",
      });
    });

    it("gives probes of an adopted run what the resolver says, and nothing that is read from the process", async () => {
      const spec = launchSpec({ uid: "a", run: 3, ...harness.fixture("runs-forever"), env: { COLOUR: "blue" } });
      await runtime.start(spec);
      const own = await environment("a");
      await reopen();
      runtime.resolveWith((uid) => ({ ...spec, uid, run: 1, env: { SHADE: "dark" } }));
      const { SHADE, COLOUR, ...others } = await environment("a");
      assert.deepEqual([SHADE, COLOUR], ["dark", undefined]);
      assert.equal(others.WCTL_RUN, own.WCTL_RUN);
      runtime.resolveWith(() => spec);
      const marked = (all: Record<string, string>) => ({ ...all, WCTL_EXEC: "" });
      assert.deepEqual(marked(await environment("a")), marked(own));
    });

    it("refuses probes of an adopted run until it is told what that was started with, and says why", async () => {
      await start("a", "runs-forever");
      await reopen();
      await assert.rejects(environment("a"), {
        name: "StartError",
        message: /run 1 can't be made again: nobody has told/,
      });
      runtime.resolveWith(() => ({ missing: 'secret "s" not found' }));
      await assert.rejects(environment("a"), {
        message: /default\/a: .* run 1 can't be made again: secret "s" not found/,
      });
      assert.equal(runtime.get("a")?.phase, "running");
    });

    it("starts no run whose number nobody could count", async () => {
      for (const run of [0, -1, 1.5, 2 ** 31, 1e20, Number.NaN]) {
        await assert.rejects(start("a", "runs-forever", { run }), { name: "StartError", reason: "InvalidArgument" });
      }
      assert.deepEqual(await runtime.runs("a"), []);
      assert.equal((await start("a", "runs-forever", { run: 2 ** 31 - 1 })).run, 2 ** 31 - 1);
    });

    it("adopts what is left of a tree whose main process has ended", async () => {
      await start("a", "leaves-grandchild");
      await seen.saw("exited", "a");
      const [state] = await reopen();
      assert.equal(state?.phase, "exited");
      assert.equal(state?.treeAlive, true);
      await runtime.kill("a");
      assert.equal(runtime.get("a")?.treeAlive, false);
    });
  });
}
