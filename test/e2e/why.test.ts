/** What a user is told of the cause, for many causes at once, by `get` and `why` of the built executable. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { describe, it } from "node:test";
import { eventually } from "./daemon-under-test.ts";
import { Bed, sh } from "./fields/bed.ts";

const slowly = "backoff: {initialSeconds: 600, maxSeconds: 600}\n";

interface Case {
  name: string;
  spec: string;
  /** The STATUS and RESTARTS columns of the Process, once all has been seen. */
  status: string;
  restarts: number;
  says: RegExp;
}

const cases: Case[] = [
  {
    name: "gone",
    spec: `command: /no/such/program\nreplicas: 2\n${slowly}`,
    status: "CommandNotFound",
    restarts: 0,
    says: /^Cause: +gone-0, gone-1: CommandNotFound: .*\/no\/such\/program.*\nAdvice: +correct spec\.command/m,
  },
  {
    name: "nodir",
    spec: `command: /bin/true\nworkingDir: /no/such/dir\n${slowly}`,
    status: "WorkingDirNotFound",
    restarts: 0,
    says: /^Cause: .*WorkingDirNotFound: .*\/no\/such\/dir/m,
  },
  {
    name: "nosecret",
    spec: "command: /bin/sleep\nargs: ['1000']\nenv: [{name: T, valueFrom: {secretKeyRef: {name: missing, key: token}}}]",
    status: "CreateConfigError",
    restarts: 0,
    says: /^Cause: .*CreateConfigError: .*"token".*"missing"/m,
  },
  {
    name: "crash",
    spec: `${sh("echo loading; echo 'no license' >&2; exit 3")}${slowly}`,
    status: "CrashLoopBackOff",
    restarts: 1,
    says: /^Cause: +crash-0: exited with code 3\n[\s\S]*^Last output of crash-0:\n {2}loading\n {2}no license$/m,
  },
  {
    name: "shell",
    spec: `${sh("frobnicate --now")}${slowly}`,
    status: "CrashLoopBackOff",
    restarts: 1,
    says: /^Cause: .*exited with code 127\nAdvice: .*a shell or env/m,
  },
  {
    name: "taken",
    spec: `${sh("echo 'bind: address already in use' >&2; exit 1")}${slowly}`,
    status: "CrashLoopBackOff",
    restarts: 1,
    says: /^Cause: .*exited with code 1; its output says that its port is taken$/m,
  },
  {
    name: "daemonizes",
    spec: `command: /bin/true\n${slowly}`,
    status: "CrashLoopBackOff",
    restarts: 1,
    says: /^Cause: .*exited with code 0, and restartPolicy Always/m,
  },
  {
    name: "unready",
    spec: "command: /bin/sleep\nargs: ['1000']\nreadinessProbe: {tcpSocket: {port: 1}, periodSeconds: 1}",
    status: "Running",
    restarts: 0,
    says: /^Cause: .*its readiness probe fails: dial tcp 127\.0\.0\.1:1: connect: connection refused$/m,
  },
  {
    name: "noprobe",
    spec: "command: /bin/sleep\nargs: ['1000']\nreadinessProbe: {exec: {command: [/no/such/check]}, periodSeconds: 1}",
    status: "Running",
    restarts: 0,
    says: /^Cause: .*its readiness probe cannot be asked: .*\/no\/such\/check/m,
  },
  {
    name: "sick",
    spec: `${sh("exec sleep 1000")}${slowly}livenessProbe: {exec: {command: [/bin/sh, -c, echo queue is stuck; exit 1]}, periodSeconds: 1, failureThreshold: 1}`,
    status: "CrashLoopBackOff",
    restarts: 1,
    says: /^Cause: .*LivenessFailed: .*liveness probe failed: queue is stuck$/m,
  },
  {
    name: "migrate",
    spec: `${sh("exit 2")}restartPolicy: Never`,
    status: "Error",
    restarts: 0,
    says: /^Cause: +migrate-0: exited with code 2$/m,
  },
  {
    name: "needs",
    spec: "command: /bin/sleep\nargs: ['1000']\ndependsOn: [{name: migrate, condition: Completed}]",
    status: "Pending",
    restarts: 0,
    says: /^Cause: +DependencyFailed: .*migrate-0 failed[\s\S]*^ {2}Stalled is True/m,
  },
];

describe("wctl why", () => {
  const bed = new Bed();

  it("names the cause, and STATUS and RESTARTS tell the truth", async () => {
    const documents = cases.map(
      ({ name, spec }) =>
        `apiVersion: wctl.dev/v1\nkind: Process\nmetadata: {name: ${name}}\nspec:\n${spec.replace(/^/gm, "  ")}\n`,
    );
    await bed.daemon.apply(documents.join("---\n"));
    for (const { name, status, restarts, says } of cases) {
      await eventually(`${name} to be ${status} for the cause ${says}`, async () => {
        const said = await bed.daemon.ok("why", `process/${name}`);
        const row = (await bed.daemon.ok("get", "process", name, "--no-headers")).trim().split(/\s+/);
        if (!says.test(said)) throw new Error(said);
        return row[2] === status && row[3] === String(restarts) && said;
      });
    }
  });

  it("explains an instance likewise, and says nothing of what is well", async () => {
    assert.match(await bed.daemon.ok("why", "instance/crash-0"), /^Cause: +exited with code 3$/m);
    await bed.create("well", sh("exec sleep 1000"));
    await bed.when("well-0", (status) => status.ready);
    const said = await eventually("well to be Running", async () => {
      const text = await bed.daemon.ok("why", "well");
      return /^process\/well is Running: 1 instance ready\n/.test(text) && text;
    });
    assert.doesNotMatch(said, /Cause|Advice|Last failure|Degraded|Stalled/);
  });

  it("tells of a program over its memory limit, where the system holds limits", async (t) => {
    if (!existsSync("/usr/bin/python3")) return t.skip("no python3");
    await bed.create("limit", `command: /bin/sleep\nargs: ['1000']\nresources: {limits: {memory: 30Mi}}`);
    const { conditions } = await bed.when("limit-0", (status) =>
      status.conditions?.some(({ type }: { type: string }) => type === "Enforced"),
    );
    if (
      conditions.some(({ type, status }: { type: string; status: string }) => type === "Enforced" && status !== "True")
    )
      return t.skip("limits are not enforced here");
    await bed.create(
      "greedy",
      `command: /usr/bin/python3\nargs: [-c, "x = bytearray(200*1024*1024); print(len(x))"]\n${slowly}resources: {limits: {memory: 30Mi}}`,
    );
    await eventually("the cause", async () =>
      /^Cause: .*OOMKilled: .*memory limit/m.test(await bed.daemon.ok("why", "greedy")),
    );
  });
});
