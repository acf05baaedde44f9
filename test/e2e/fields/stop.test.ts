/** Fields of a Process, each on real processes through the built executable. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { eventually, isAlive } from "../daemon-under-test.ts";
import { Bed, sh } from "./bed.ts";

describe("how a Process is stopped, and its order among others", () => {
  const bed = new Bed();

  it("stop: preStop, then the signal, then the whole tree after the grace period", async () => {
    const ledger = join(bed.daemon.dir, "stop");
    await bed.create(
      "polite",
      `${sh(`trap 'echo signal >> ${ledger}; kill $!; exit 0' INT; sleep 1000 & echo ready; wait`)}stop: {signal: SIGINT, gracePeriodSeconds: 10, preStop: {exec: {command: [/bin/sh, -c, "echo preStop >> ${ledger}"]}}}`,
    );
    await bed.output("polite-0", /ready/);
    await bed.daemon.ok("delete", "process", "polite");
    assert.equal(readFileSync(ledger, "utf8"), "preStop\nsignal\n");
    await bed.daemon.tells(/ended on its stop signal/, "--for", "instance/polite-0");

    await bed.create("stubborn", `${sh("trap '' TERM; sleep 1001 & echo ready; wait")}stop: {gracePeriodSeconds: 1}`);
    await bed.output("stubborn-0", /ready/);
    const { pid } = await bed.when("stubborn-0", (status) => status.ready);
    await bed.daemon.ok("delete", "process", "stubborn");
    assert.equal(isAlive(pid), false);
    await bed.daemon.tells(/did not end within its grace period of 1s and was killed/, "--for", "instance/stubborn-0");

    await bed.create("hurried", `${sh("trap '' TERM; exec sleep 1000")}stop: {gracePeriodSeconds: 600}`);
    const hurried = await bed.when("hurried-0", (status) => status.ready);
    await bed.daemon.ok("delete", "process", "hurried", "--grace-period=1", "--timeout=1h");
    assert.equal(isAlive(hurried.pid), false, "the grace of the deletion reaches the instance");

    const app = join(bed.daemon.dir, "app.sh");
    writeFileSync(
      app,
      `trap 'sleep 0.3; echo saved >> ${ledger}; kill $!; exit 0' TERM; sleep 1000 & touch ${app}.up; wait`,
    );
    await bed.create("wrapped", `${sh(`/bin/sh ${app}; echo next >> ${ledger}`)}stop: {gracePeriodSeconds: 30}`);
    await eventually("the program behind the wrapper listens", async () => existsSync(`${app}.up`));
    await bed.daemon.ok("delete", "process", "wrapped");
    assert.equal(
      readFileSync(ledger, "utf8"),
      "preStop\nsignal\nsaved\n",
      "it had its time, though its wrapper had ended",
    );
  });

  it("dependsOn: starts after, stops before", async () => {
    const ledger = join(bed.daemon.dir, "order");
    const program = (name: string) =>
      `${sh(`trap 'echo -${name} >> ${ledger}; kill $!; exit 0' TERM; sleep 1000 & echo +${name} >> ${ledger}; wait`)}readinessProbe: {exec: {command: [/bin/grep, -q, ${name}, ${ledger}]}, periodSeconds: 1}\n`;
    await bed.create("app", `${program("app")}dependsOn: [{name: base, condition: Ready}]`);
    await eventually("app says what it waits for", async () =>
      /base/.test((await bed.process("app")).status?.decision?.message ?? ""),
    );
    await bed.create("base", program("base"));
    await bed.when("app-0", (status) => status.ready);
    await bed.daemon.ok("delete", "process", "base", "app");
    assert.equal(readFileSync(ledger, "utf8").replaceAll("\n", ""), "+base+app-app-base");
  });

  it("dependsOn Completed: waits for the one-shot; a cycle is told", async () => {
    await bed.create("after", `${sh("exec sleep 1000")}dependsOn: [{name: before, condition: Completed}]`);
    await bed.create("before", `${sh("sleep 0.3")}restartPolicy: Never`);
    await bed.when("after-0", (status) => status.ready);
    await bed.create("ring-a", `${sh("exec sleep 1000")}dependsOn: [{name: ring-b}]`);
    await bed.create("ring-b", `${sh("exec sleep 1000")}dependsOn: [{name: ring-a}]`);
    await eventually("the cycle is told", async () =>
      (await bed.process("ring-a")).status?.conditions?.some(
        (one: { type: string; status: string; reason: string }) =>
          one.type === "Stalled" && one.status === "True" && one.reason === "DependencyCycle",
      ),
    );
  });
});
