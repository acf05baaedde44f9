import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { processes } from "../../../../../api/scheme.ts";
import { type Desk, rolledOut } from "../../desk.ts";
import { furnishedDesk } from "../../furnished-desk.ts";

describe("wctl wait", () => {
  let desk: Desk;
  before(async () => {
    desk = await furnishedDesk();
  });
  after(() => desk.close());

  it("ends at once when a stalled process can never meet the condition", async () => {
    const lastTransitionTime = "2026-01-01T00:00:00Z";
    const conditions = [
      { type: "Ready", status: "False", reason: "DependencyFailed", message: "db failed", lastTransitionTime },
      { type: "Stalled", status: "True", reason: "DependencyFailed", message: "db failed", lastTransitionTime },
    ];
    await desk.process("stalled", {}, { observedGeneration: 1, conditions });
    assert.deepEqual(await desk.wctl("wait --for=condition=Ready process/stalled --timeout=1h"), {
      code: 1,
      out: "",
      err: "error: process.wctl.dev/stalled cannot meet the condition (DependencyFailed: db failed)\n",
    });
    assert.equal((await desk.wctl("wait --for=condition=Stalled process/stalled")).code, 0);
  });

  it("returns when the condition is met, in kubectl's words", async () => {
    for (const line of [
      "--for=condition=Ready process/web",
      "--for=condition=ready=TRUE process web",
      "--for=create process/web",
    ]) {
      assert.deepEqual(
        await desk.wctl(`wait ${line}`),
        { code: 0, out: "process.wctl.dev/web condition met\n", err: "" },
        line,
      );
    }
    assert.equal((await desk.wctl(["wait", "--for=jsonpath={.status.phase}=Running", "process/web"])).code, 0);
    assert.equal((await desk.wctl(["wait", "--for=jsonpath={.status.pid}", "instance/web-0"])).code, 0);
  });

  it("fails when the time is up", async () => {
    assert.deepEqual(await desk.wctl("wait --for=condition=Ready=false process/web --timeout=30ms"), {
      code: 1,
      out: "",
      err: "error: timed out waiting for the condition on processes/web\n",
    });
    assert.equal((await desk.wctl("wait --for=condition=Stalled process/web --timeout=0")).code, 1);
  });

  it("sees a change that comes later, and the end of an object", async () => {
    await desk.process("late", {}, { ...rolledOut(1), conditions: [] });
    const ready = desk.wctl("wait --for=condition=Ready process/late --timeout=5s");
    const late = await desk.client.get(processes, "default/late");
    const { resourceVersion: _, ...metadata } = late.metadata;
    await desk.client.updateStatus(processes, { ...late, metadata, status: rolledOut(1) } as never);
    assert.equal((await ready).out, "process.wctl.dev/late condition met\n");
    const gone = desk.wctl("wait --for=delete process/late --timeout=5s");
    await desk.client.delete(processes, "default/late");
    assert.equal((await gone).code, 0);
    assert.deepEqual(await desk.wctl("wait --for=delete process/late"), { code: 0, out: "", err: "" });
  });

  it("does not believe a condition that is older than the spec", async () => {
    await desk.process("stale", {}, rolledOut(1));
    await desk.client.patch(processes, "default/stale", { type: "merge", body: { spec: { replicas: 5 } } });
    assert.equal((await desk.wctl("wait --for=condition=Ready process/stale --timeout=30ms")).code, 1);
  });

  it("knows what was meant, and waits for what only a newer server has", async () => {
    for (const [what, said] of [
      ["Redy", 'there is no condition "Redy" (did you mean Ready?)'],
      ["Complete", 'there is no condition "Complete" (did you mean Completed?)'],
      ["Available", 'there is no condition "Available" (did you mean Ready?)'],
      ["Ready=Flase", 'a condition is True, False or Unknown, not "Flase" (did you mean False?)'],
    ]) {
      const { code, err } = await desk.wctl(`wait --for=condition=${what} process/web`);
      assert.deepEqual([code, err], [1, `error: ${said}\n`]);
    }
    assert.match((await desk.wctl("wait --for=condition=Blessed process/web --timeout=0")).err, /^error: timed out/);
  });

  it("wants to know what for", async () => {
    assert.match((await desk.wctl("wait process/web")).err, /^error: must specify --for\n/);
    assert.match((await desk.wctl("wait --for=ready process/web")).err, /^error: unrecognized condition: "ready"\n/);
    assert.match((await desk.wctl("wait --for=condition=Ready process/ghost")).err, /^Error from server \(NotFound\)/);
    assert.equal(
      (await desk.wctl("wait --for=condition=Ready processes -l no=body")).err,
      "error: no matching resources found\n",
    );
  });
});
