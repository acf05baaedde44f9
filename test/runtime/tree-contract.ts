import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type BodyUnderTest, bodyUnderTest, type RuntimeHarness } from "./body-under-test.ts";

/** Those promises of `runtime/runtime.ts` which depend on how a body holds the processes of a run together. */
export function treeContract(name: string, make: () => RuntimeHarness): void {
  describe(`${name} keeps the contract of Runtime about trees`, () => treePromises(bodyUnderTest(make)));
}

export function treePromises(body: BodyUnderTest): void {
  it("starts a program and shows its identity", async () => {
    const state = await body.start("a", "runs-forever");
    assert.equal(state.phase, "running");
    assert.equal(state.run, 1);
    assert.equal(state.treeAlive, true);
    assert.equal(state.adopted, false);
    assert.ok(state.pid > 0);
    assert.ok(state.creationTime.length > 0);
    assert.match(state.startedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.deepEqual(body.runtime.get("a"), state);
    assert.deepEqual(body.runtime.list(), [state]);
  });

  it("tells the exact exit code, then the end of the tree", async () => {
    await body.start("a", "exits-with", {}, "42");
    await body.seen.saw("tree-ended", "a");
    const [exited, ended] = body.seen.of("a");
    assert.equal(exited?.type, "exited");
    assert.equal(exited?.type === "exited" && exited.exit.code, 42);
    assert.deepEqual(ended, { type: "tree-ended", uid: "a", run: 1 });
    assert.equal(body.runtime.get("a")?.phase, "exited");
    assert.equal(body.runtime.get("a")?.exit?.code, 42);
    assert.equal(body.runtime.get("a")?.treeAlive, false);
  });

  it("refuses a program that does not exist, and takes the same run number again", async () => {
    await assert.rejects(body.start("a", "does-not-exist"), { name: "StartError", reason: "CommandNotFound" });
    assert.equal(body.runtime.get("a"), undefined);
    assert.deepEqual(await body.runtime.runs("a"), []);
    assert.equal((await body.start("a", "runs-forever")).run, 1);
  });

  it("refuses a start while something of the last tree lives", async () => {
    await body.start("a", "leaves-grandchild");
    await body.seen.saw("exited", "a");
    assert.equal(body.runtime.get("a")?.treeAlive, true);
    await assert.rejects(body.start("a", "runs-forever", { run: 2 }), { name: "StartError", reason: "AlreadyRunning" });
    await body.runtime.kill("a");
    await body.seen.saw("tree-ended", "a");
    assert.equal((await body.start("a", "runs-forever", { run: 2 })).run, 2);
  });

  it("kills what ignores the request", async () => {
    await body.start("a", "ignores-stop");
    assert.equal(await body.runtime.requestStop("a", "CtrlC"), true);
    assert.equal(await body.runtime.requestStop("a", "SIGTERM"), true);
    await body.runtime.kill("a");
    assert.equal(body.runtime.get("a")?.treeAlive, false);
    body.endedBy((await body.seen.saw("exited", "a")).exit, "SIGKILL");
  });

  it("kills the whole tree", async () => {
    await body.start("a", "spawns-grandchild");
    await body.runtime.kill("a");
    assert.equal(body.runtime.get("a")?.treeAlive, false);
    assert.deepEqual(
      body.seen.of("a").map(({ type }) => type),
      ["exited", "tree-ended"],
    );
  });

  it("measures what lives", async () => {
    await body.start("a", "runs-forever");
    await body.start("b", "exits-with");
    await body.seen.saw("tree-ended", "b");
    const usage = await body.runtime.usage();
    assert.deepEqual([...usage.keys()], ["a"]);
    assert.equal(usage.get("a")?.processes, 1);
    assert.ok(usage.get("a")!.memoryBytes > 0);
  });

  it("forgets an instance only after its tree has ended", async () => {
    await body.start("a", "runs-forever");
    await assert.rejects(body.runtime.forget("a"));
    await body.runtime.kill("a");
    await body.runtime.forget("a");
    assert.equal(body.runtime.get("a"), undefined);
    assert.deepEqual(await body.runtime.runs("a"), []);
    await body.runtime.forget("nobody");
  });

  it("leaves workloads running when it closes, and adopts them when it opens again", async () => {
    const before = await body.start("a", "runs-forever");
    const [after] = await body.reopen();
    assert.deepEqual(after, { ...before, adopted: true });
    await assert.rejects(body.start("a", "runs-forever", { run: 2 }), { reason: "AlreadyRunning" });
    assert.equal(await body.runtime.requestStop("a", "SIGTERM"), true);
    body.endedBy((await body.seen.saw("exited", "a")).exit, "SIGTERM");
    assert.equal((await body.start("a", "runs-forever", { run: 2 })).run, 2);
  });

  it("adopts what is left of a tree whose main process has ended", async () => {
    await body.start("a", "leaves-grandchild");
    await body.seen.saw("exited", "a");
    const [state] = await body.reopen();
    assert.equal(state?.phase, "exited");
    assert.equal(state?.treeAlive, true);
    await body.runtime.kill("a");
    assert.equal(body.runtime.get("a")?.treeAlive, false);
  });
}
