/** Fields of a Process, each on real processes through the built executable. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { eventually } from "../daemon-under-test.ts";
import { Bed, sh } from "./bed.ts";

describe("copies of a Process, and how a new revision takes the place of an old one", () => {
  const bed = new Bed();

  it("replicas and scale; each copy knows its index", async () => {
    await bed.create("copies", `${sh("echo i=$WCTL_INSTANCE_INDEX; exec sleep 1000")}replicas: 3`);
    await bed.output("copies-2", /i=2/);
    await bed.daemon.ok("scale", "process/copies", "--replicas", "1");
    await eventually(
      "one copy",
      async () => (await bed.daemon.json("instances", "-l", "wctl.dev/process=copies")).items.length === 1,
    );
    assert.equal((await bed.instance("copies-0")).spec.index, 0);
  });

  it("strategy RollingUpdate: one at a time, gated on readiness; a broken revision stops", async () => {
    await bed.create("rolling", `${sh("exec sleep 1000")}replicas: 3`);
    await bed.daemon.ok("rollout", "status", "process/rolling", "--timeout", "1h");
    await bed.create("rolling", `command: /does/not/exist\nreplicas: 3\nprogressDeadlineSeconds: 3`);
    const status = await bed.daemon.wctl("rollout", "status", "process/rolling", "--timeout", "1h");
    assert.equal(status.code, 1, status.stdout);
    await eventually("all but one to be as they were", async () => {
      const { items } = await bed.daemon.json("instances", "-l", "wctl.dev/process=rolling");
      return items.filter((one: { status?: { ready?: boolean } }) => one.status?.ready).length === 2;
    });
    const progressing = (await bed.process("rolling")).status.conditions.find(
      (one: { type: string }) => one.type === "Progressing",
    );
    assert.deepEqual([progressing.status, progressing.reason], ["False", "ProgressDeadlineExceeded"]);
  });

  it("strategy RollingUpdate with maxSurge: never below the wanted number", async () => {
    const surge = (n: number) =>
      `${sh(`echo revision ${n}; exec sleep 1000`)}replicas: 2\nstrategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}`;
    await bed.create("surge", surge(1));
    await bed.daemon.ok("rollout", "status", "process/surge", "--timeout", "1h");
    await bed.create("surge", surge(2));
    await bed.daemon.ok("rollout", "status", "process/surge", "--timeout", "1h");
    for (const name of ["surge-0", "surge-1"]) await bed.output(name, /revision 2/);
    await eventually(
      "the surge copy is gone",
      async () => (await bed.daemon.json("instances", "-l", "wctl.dev/process=surge")).items.length === 2,
    );
  });

  it("strategy Recreate: all old copies end before a new one begins", async () => {
    const ledger = join(bed.daemon.dir, "recreate");
    const program = (n: number) =>
      `${sh(`trap 'echo - >> ${ledger}; kill $!; exit 0' TERM; sleep 1000 & echo + >> ${ledger}; wait # ${n}`)}replicas: 2\nstrategy: {type: Recreate}`;
    const told = (wanted: string): Promise<true | undefined> =>
      eventually(`the ledger to be ${wanted}`, () => readFileSync(ledger, "utf8").replaceAll("\n", "") === wanted);
    await bed.create("recreate", program(1));
    await told("++");
    await bed.daemon.ok("rollout", "status", "process/recreate", "--timeout", "1h");
    await bed.create("recreate", program(2));
    await bed.daemon.ok("rollout", "status", "process/recreate", "--timeout", "1h");
    await told("++--++");
  });

  it("minReadySeconds: ready is not yet available", async () => {
    await bed.create("patient", `${sh("exec sleep 1000")}minReadySeconds: 500`);
    await bed.when("patient-0", (status) => status.ready);
    const { status } = await eventually("counted as ready", async () => {
      const found = await bed.process("patient");
      return found.status?.readyReplicas === 1 ? found : undefined;
    });
    assert.equal(status.availableReplicas ?? 0, 0);
  });

  it("paused: no rollout, scaling works", async () => {
    await bed.create("paused", `${sh("exec sleep 1000")}paused: false`);
    const before = await bed.when("paused-0", (status) => status.ready);
    await bed.create("paused", `${sh("exec sleep 2000")}paused: true\nreplicas: 2`);
    await bed.when("paused-1", (status) => status.ready);
    assert.equal((await bed.instance("paused-0")).status.pid, before.pid);
    await bed.create("paused", `${sh("exec sleep 2000")}paused: false\nreplicas: 2`);
    await bed.when("paused-0", (status) => status.ready && status.pid !== before.pid);
  });

  it("revisionHistoryLimit: templates are kept, numbered anew when they come back, and the oldest go", async () => {
    const roll = async (seconds: number, limit: number): Promise<void> => {
      await bed.create("history", `${sh(`exec sleep ${seconds}`)}revisionHistoryLimit: ${limit}`);
      await bed.daemon.ok("rollout", "status", "process/history", "--timeout", "1h");
    };
    /** `1 1000, 2 2000`: number and argument, oldest first. */
    const kept = (wanted: string): Promise<string> =>
      eventually(`the history to be ${wanted}`, async () => {
        const selection = ["-l", "wctl.dev/process=history", "--sort-by={.revision}"];
        const { items } = JSON.parse(await bed.daemon.ok("get", "controllerrevisions", ...selection, "-o", "json"));
        const found = items.map(
          // biome-ignore lint/suspicious/noExplicitAny: tests look at any field
          ({ revision, data }: any) => `${revision} ${/sleep (\d+)/.exec(data.spec.args[1])![1]}`,
        );
        return found.join(", ") === wanted ? wanted : undefined;
      });
    await roll(1000, 1);
    await roll(2000, 1);
    await roll(1000, 1);
    await kept("2 2000, 3 1000");
    await roll(3000, 1);
    await kept("3 1000, 4 3000");
    const shown = await bed.daemon.ok("describe", "process/history");
    assert.match(shown, /History:\n {2}Number {2}Revision .*\n.*\n {2}3 .*history-\w{10} .*\n {2}4 .*history-\w{10} /);
    await roll(3000, 0);
    await kept("4 3000");
    await bed.daemon.ok("delete", "process/history");
    await kept("");
  });

  it("revisionHistoryLimit: a paused process without copies gets them back as they were, over a restart of the daemon", async () => {
    await bed.create("asleep", `${sh("echo as before; exec sleep 1000")}`);
    await eventually(
      "its template to be kept",
      async () => (await bed.daemon.json("controllerrevisions", "-l", "wctl.dev/process=asleep")).items.length === 1,
    );
    await bed.create("asleep", `${sh("echo too new; exec sleep 1000")}paused: true\nreplicas: 0`);
    await eventually(
      "no copies",
      async () => !(await bed.daemon.json("instances", "-l", "wctl.dev/process=asleep")).items.length,
    );
    await bed.daemon.end("SIGKILL");
    await bed.daemon.start();
    await bed.daemon.ok("scale", "process/asleep", "--replicas", "1");
    await bed.output("asleep-0", /as before/);
  });
});
