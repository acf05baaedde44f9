import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { processes } from "../../../../../api/scheme.ts";
import { Desk, rolledOut } from "../../desk.ts";

describe("wctl stop, start, restart", () => {
  let desk: Desk;
  before(async () => {
    desk = await Desk.open();
  });
  after(() => desk.close());
  beforeEach(async () => {
    const { items } = await desk.client.list(processes);
    for (const { metadata } of items) await desk.client.delete(processes, `${metadata.namespace}/${metadata.name}`);
  });
  const suspendOf = async (name: string): Promise<boolean | undefined> =>
    (await desk.client.get(processes, `default/${name}`)).spec.suspend;

  it("stop sets spec.suspend, start lifts it; a name alone is a process", async () => {
    for (const name of ["web", "db"]) await desk.process(name);
    const { out } = await desk.wctl("stop web db --wait=false");
    assert.deepEqual(out.split("\n").toSorted(), ["", "process.wctl.dev/db stopped", "process.wctl.dev/web stopped"]);
    assert.deepEqual([await suspendOf("web"), await suspendOf("db")], [true, true]);
    assert.equal((await desk.wctl("start process/web --wait=false")).out, "process.wctl.dev/web started\n");
    assert.deepEqual([await suspendOf("web"), await suspendOf("db")], [false, true]);
  });

  it("takes a selector, or all", async () => {
    await desk.process("web", {}, undefined, { labels: { tier: "front" } });
    await desk.process("db");
    assert.equal((await desk.wctl("stop -l tier=front --wait=false")).out, "process.wctl.dev/web stopped\n");
    assert.equal(await suspendOf("db"), undefined);
    await desk.wctl("stop --all --wait=false");
    assert.equal(await suspendOf("db"), true);
    assert.match((await desk.wctl("stop -l tier=none")).err, /^error: no processes match/);
    assert.match((await desk.wctl("stop")).err, /^error: required resource not specified/);
  });

  it("waits until it is done, and says what it waits for when the time is up", async () => {
    const stopping = { ...rolledOut(1, 2), phase: "Terminating" };
    await desk.process("web", { suspend: true }, { ...stopping, observedGeneration: 9 });
    const { code, out, err } = await desk.wctl("stop web --timeout=1");
    assert.deepEqual([code, out], [1, ""]);
    assert.match(err, /timed out waiting for the condition on processes\/web\nweb: it is stopping\n/);
    const stopped = await desk.process("db", { suspend: true }, { ...rolledOut(1, 9), phase: "Stopped" });
    assert.equal(stopped.spec.suspend, true);
    assert.deepEqual(await desk.wctl("stop db"), { code: 0, out: "process.wctl.dev/db stopped\n", err: "" });
  });

  it("restarts by the template, and not what is stopped", async () => {
    await desk.process("web");
    await desk.process("off", { suspend: true });
    const { code, out, err } = await desk.wctl("restart web off ghost --wait=false");
    assert.deepEqual([code, out], [1, "process.wctl.dev/web restarted\n"]);
    assert.match(
      err,
      /process "off" is stopped \(spec.suspend is true\) and is not restarted\n"wctl start process\/off"/,
    );
    assert.match(err, /processes.wctl.dev "ghost" not found/);
    assert.ok((await desk.client.get(processes, "default/web")).spec.restartedAt);
    const { code: one, out: others } = await desk.wctl("rollout restart process/off process/web");
    assert.deepEqual([one, others], [1, "process.wctl.dev/web restarted\n"], "it keeps no other from it");
  });

  it("restarts nothing that is paused, and starts it with what it had without waiting for the end of the pause", async () => {
    const lastTransitionTime = "2030-01-01T00:00:00Z";
    const conditions = [
      { type: "Ready", status: "True", reason: "AllInstancesReady", message: "", lastTransitionTime },
    ];
    await desk.process("held", { paused: true }, { ...rolledOut(1, 9), updatedReplicas: 0, conditions });
    const restarted = await desk.wctl("restart held");
    assert.equal(restarted.code, 1);
    assert.match(
      restarted.err,
      /process "held" is paused and is not restarted\nResume it first with 'wctl rollout resume/,
    );
    assert.deepEqual(await desk.wctl("start held --timeout=1h"), {
      code: 0,
      out: "process.wctl.dev/held started\n",
      err: "",
    });
    const { code, out } = await desk.wctl("rollout status process/held --timeout=1");
    assert.deepEqual([code, out.includes("and it is paused")], [1, true]);
  });

  it("changes nothing in a dry run", async () => {
    await desk.process("web");
    for (const [mode, suffix] of [
      ["client", " (dry run)"],
      ["server", " (server dry run)"],
    ] as const) {
      assert.equal((await desk.wctl(`stop web --dry-run=${mode}`)).out, `process.wctl.dev/web stopped${suffix}\n`);
    }
    assert.equal(await suspendOf("web"), undefined);
  });

  it("says how one copy is restarted", async () => {
    assert.equal(
      (await desk.wctl("restart instance/web-0")).err,
      'error: an instance follows its process: it cannot be restarted by itself\nName the process. "wctl delete instance web-0" restarts this copy alone.\n',
    );
  });

  it("ends rollout status and apply --wait with the sentence that it is stopped", async () => {
    await desk.process("web", { suspend: true }, { ...rolledOut(1, 9), phase: "Stopped" });
    assert.deepEqual(await desk.wctl("rollout status process/web"), {
      code: 0,
      out: 'process "web" is stopped (spec.suspend is true); "wctl start process/web" starts it\n',
      err: "",
    });
  });

  it("ends wait at once with that sentence, for a condition that it cannot meet so", async () => {
    const message = 'it is stopped (spec.suspend is true); "wctl start process/web" starts it';
    const lastTransitionTime = "2030-01-01T00:00:00Z";
    const said = { type: "Ready", status: "False", reason: "Suspended", message, lastTransitionTime };
    const conditions = [{ ...said, observedGeneration: 1 }];
    await desk.process("web", { suspend: true }, { ...rolledOut(1), phase: "Stopped", conditions });
    assert.deepEqual(await desk.wctl("wait --for=condition=Ready process/web --timeout=1h"), {
      code: 1,
      out: "",
      err: `error: process.wctl.dev/web cannot meet the condition (Suspended: ${message})\n`,
    });
    assert.equal((await desk.wctl("wait --for=condition=Ready=false process/web")).code, 0);
  });
});
