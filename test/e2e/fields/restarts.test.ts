/** Fields of a Process, each on real processes through the built executable. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import { eventually, isAlive } from "../daemon-under-test.ts";
import { Bed, sh } from "./bed.ts";

describe("how a Process is probed and started again", () => {
  const bed = new Bed();

  const serve = async (answer: () => number): Promise<{ port: number; server: Server }> => {
    const server = createServer((_, response) => response.writeHead(answer()).end());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return { port: (server.address() as AddressInfo).port, server };
  };

  it("restartPolicy and successExitCodes", async () => {
    await bed.create("never", `${sh("exit 3")}restartPolicy: Never`);
    await bed.create("success", `${sh("exit 3")}restartPolicy: OnFailure\nsuccessExitCodes: [0, 3]`);
    await bed.create("onfailure", `${sh("exit 4")}restartPolicy: OnFailure\nbackoff: {initialSeconds: 0}`);
    const never = await bed.when("never-0", (status) => status.phase === "Failed");
    assert.deepEqual([never.restartCount, never.state.terminated.exitCode], [0, 3]);
    await bed.when("success-0", (status) => status.phase === "Succeeded" && status.restartCount === 0);
    await bed.when("onfailure-0", (status) => status.restartCount >= 3);
    assert.match(await bed.daemon.ok("get", "process", "never", "success"), /never .*Error[\s\S]*success .*Completed/);
    await bed.daemon.ok("delete", "process", "onfailure");
  });

  it("backoff: the second restart waits, and says for how long", async () => {
    await bed.create("crash", `${sh("exit 1")}backoff: {initialSeconds: 100, factor: 2, maxSeconds: 150}`);
    const status = await bed.when("crash-0", ({ state }) => state?.waiting?.reason === "CrashLoopBackOff");
    assert.equal(status.restartCount, 1);
    assert.match(status.decision.message, /waiting 100s before restart 2 \(exit code 1\)/);
    assert.match(await bed.daemon.ok("get", "process", "crash"), /CrashLoopBackOff/);
  });

  it("startupProbe gates, readinessProbe only gates, livenessProbe restarts (httpGet)", async () => {
    const codes = { startup: 500, readiness: 500, liveness: 200 };
    const servers = await Promise.all([
      serve(() => codes.startup),
      serve(() => codes.readiness),
      serve(() => codes.liveness),
    ]);
    const [startup, readiness, liveness] = servers.map(({ port }) => port);
    try {
      await bed.create(
        "probed",
        `${sh("exec sleep 1000")}stop: {gracePeriodSeconds: 1}
startupProbe: {httpGet: {port: ${startup}}, periodSeconds: 1, failureThreshold: 600}
readinessProbe: {httpGet: {port: ${readiness}, path: /ready}, periodSeconds: 1}
livenessProbe: {httpGet: {port: ${liveness}, path: /alive, httpHeaders: [{name: X-Test, value: "1"}]}, periodSeconds: 1, failureThreshold: 2}`,
      );
      await bed.when("probed-0", (status) => status.phase === "Starting");
      codes.startup = 200;
      const begun = await bed.when(
        "probed-0",
        (status) => status.phase === "Running" && status.started && !status.ready,
      );
      codes.readiness = 204;
      await bed.when("probed-0", (status) => status.phase === "Ready" && status.ready);
      codes.readiness = 503;
      const unready = await bed.when("probed-0", (status) => status.phase === "Running" && !status.ready);
      assert.equal(unready.pid, begun.pid, "readiness only gates");
      codes.liveness = 500;
      const restarted = await bed.when("probed-0", (status) => status.restartCount >= 1);
      assert.equal(restarted.lastState.terminated.reason, "LivenessFailed");
      await bed.daemon.tells(
        /Liveness probe failed: HTTP probe failed with statuscode: 500/,
        "--for",
        "instance/probed-0",
      );
    } finally {
      for (const { server } of servers) server.close();
    }
  });

  it("probes: tcpSocket and exec, the exec probe's tree killed on timeout", async () => {
    const { port, server } = await serve(() => 200);
    try {
      await bed.create("tcp", `${sh("exec sleep 1000")}readinessProbe: {tcpSocket: {port: ${port}}, periodSeconds: 1}`);
      await bed.when("tcp-0", (status) => status.ready);
    } finally {
      server.closeAllConnections();
      server.close();
    }
    await bed.when("tcp-0", (status) => status.phase === "Running" && !status.ready);
    const flag = join(bed.daemon.dir, "ready-flag");
    await bed.create(
      "execprobe",
      `${sh("exec sleep 1000")}readinessProbe: {exec: {command: [/usr/bin/test, -e, ${flag}]}, periodSeconds: 1}`,
    );
    await bed.when("execprobe-0", (status) => status.phase === "Running");
    writeFileSync(flag, "");
    await bed.when("execprobe-0", (status) => status.ready);
    const pidFile = join(bed.daemon.dir, "hung-probe");
    await bed.create(
      "hung",
      `${sh("exec sleep 1000")}readinessProbe: {exec: {command: [/bin/sh, -c, "echo $$ >> ${pidFile}; sleep 1000; :"]}, periodSeconds: 1, timeoutSeconds: 1}`,
    );
    const [first] = await eventually("a second probe after the first timed out", () => {
      const pids = readFileSync(pidFile, "utf8").trim().split("\n").map(Number);
      return pids.length >= 2 ? pids : undefined;
    });
    await eventually("the first probe is gone", () => !isAlive(first ?? 0));
  });

  it("deleting an instance is a restart", async () => {
    await bed.create("again", sh("exec sleep 1000"));
    const { pid } = await bed.when("again-0", (status) => status.ready);
    await bed.daemon.ok("delete", "instance", "again-0");
    const after = await bed.when("again-0", (status) => status.ready);
    assert.notEqual(after.pid, pid);
    assert.equal(isAlive(pid), false);
  });

  it("what cannot start says why, and backs off", async () => {
    const file = join(bed.daemon.dir, "not-executable");
    writeFileSync(file, "#!/bin/sh\n", { mode: 0o600 });
    const cases: [string, string, RegExp, string][] = [
      ["gone", "command: /no/such/program", /\/no\/such\/program/, "CommandNotFound"],
      ["plain", `command: ${file}`, /execut/, "NotExecutable"],
      ["nodir", "command: /bin/true\nworkingDir: /no/such/dir", /\/no\/such\/dir/, "WorkingDirNotFound"],
    ];
    for (const [name, spec, message, reason] of cases) {
      await bed.create(name, spec);
      const status = await bed.when(`${name}-0`, ({ state }) => state?.waiting?.reason === reason, reason);
      assert.match(status.state.waiting.message, message);
      assert.ok(status.state.waiting.retryAt);
      await bed.daemon.tells(message, "--for", `instance/${name}-0`);
    }
  });
});
