import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { instances } from "../../../../api/scheme.ts";
import { pending, said, setUp } from "../reconciled.ts";

describe("dependencies, reconciled", () => {
  it("starts after its dependency, names what it waits for, and stays when the dependency fails later", async (t) => {
    const { cluster, agent, client } = await setUp(t);
    agent.becomes = ({ spec }) => (spec.processName === "db" ? pending : { phase: "Ready", ready: true });
    await cluster.declare("web", { dependsOn: [{ name: "db", condition: "Ready" }] });
    await cluster.calm();
    const decision = async () => (await cluster.process("default/web"))!.status!.decision!;
    assert.deepEqual(await cluster.names(instances), []);
    assert.equal((await decision()).rule, "WaitingForDependency");
    assert.match((await decision()).message, /there is no process "db"/);
    await cluster.declare("db");
    await cluster.calm();
    assert.equal((await decision()).message, "waiting for db to be Ready: 0 of 1 instances are");
    await cluster.pass(300);
    agent.becomes = () => ({ phase: "Ready", ready: true });
    await agent.nudge();
    assert.deepEqual(await cluster.names(instances), ["db-0", "web-0"]);
    agent.becomes = ({ spec }) => (spec.processName === "db" ? { phase: "Backoff", ready: false } : undefined);
    await agent.nudge();
    assert.equal((await decision()).rule, "AsDesired");
    assert.equal((await cluster.find(instances, "default/web-0"))!.metadata.deletionTimestamp, undefined);
    await client.delete(instances, "default/web-0");
    await cluster.calm();
    assert.equal((await decision()).rule, "WaitingForDependency");
  });

  it("rolls out on what it depends on as one change of both left it, whichever of them is changed first", async (t) => {
    const { cluster, agent } = await setUp(t);
    agent.becomes = ({ spec }) =>
      spec.processName === "migration" ? { phase: "Succeeded", ready: false } : { phase: "Ready", ready: true };
    const args = async (name: string) => (await cluster.find(instances, `default/${name}`))?.spec.args?.[0];
    await cluster.declare("app", { args: ["1"], dependsOn: [{ name: "migration", condition: "Completed" }] });
    await cluster.declare("migration", { args: ["1"], restartPolicy: "OnFailure" });
    await cluster.calm();
    await cluster.pass(300);
    assert.equal(await args("app-0"), "1");
    agent.becomes = ({ spec }) => (spec.processName === "migration" ? pending : { phase: "Ready", ready: true });
    await cluster.change("default/app", { args: ["2"] });
    await cluster.calm();
    assert.equal(await args("app-0"), "1", "the old migration says nothing about the new app yet");
    await cluster.change("default/migration", { args: ["2"] });
    await cluster.calm();
    await cluster.pass(60_000);
    assert.equal(await args("app-0"), "1", "the new migration has not completed");
    agent.becomes = () => ({ phase: "Succeeded", ready: false });
    await agent.nudge();
    await cluster.pass(300);
    assert.equal(await args("app-0"), "2");
  });

  it("stalls at once, and all that depends on it, when a dependency failed for good; and goes on when that is mended", async (t) => {
    const { cluster, agent } = await setUp(t);
    agent.becomes = () => ({ phase: "Failed", ready: false });
    await cluster.declare("c", { restartPolicy: "Never" });
    await cluster.declare("b", { restartPolicy: "Never", dependsOn: [{ name: "c", condition: "Completed" }] });
    await cluster.declare("a", { dependsOn: [{ name: "b", condition: "Completed" }] });
    await cluster.calm();
    await cluster.pass(300);
    for (const name of ["a", "b"]) {
      const process = await cluster.process(`default/${name}`);
      assert.match(said(process, "Stalled"), /^True DependencyFailed/, name);
      assert.match(said(process, "Progressing"), /^False DependencyFailed/, name);
    }
    assert.deepEqual(await cluster.names(instances), ["c-0"]);
    agent.becomes = () => ({ phase: "Succeeded", ready: false });
    await cluster.change("default/c", { args: ["mended"] });
    await cluster.calm();
    await cluster.pass(300);
    assert.deepEqual(await cluster.names(instances), ["a-0", "b-0", "c-0"]);
    assert.match(said(await cluster.process("default/a"), "Stalled"), /^False/);
  });

  it("stalls on a cycle of dependencies, names it, and goes on when it is broken", async (t) => {
    const { cluster } = await setUp(t);
    for (const [name, other] of [
      ["a", "b"],
      ["b", "c"],
      ["c", "a"],
    ] as const) {
      await cluster.declare(name, { dependsOn: [{ name: other, condition: "Started" }] });
    }
    await cluster.calm();
    const a = await cluster.process("default/a");
    assert.match(said(a, "Stalled"), /^True DependencyCycle: .*a -> b -> c -> a/);
    assert.deepEqual(await cluster.names(instances), []);
    await cluster.change("default/c", { dependsOn: null });
    await cluster.calm();
    await cluster.pass(300);
    assert.deepEqual(await cluster.names(instances), ["a-0", "b-0", "c-0"]);
    assert.match(said(await cluster.process("default/a"), "Stalled"), /^False NotStalled/);
  });
});
