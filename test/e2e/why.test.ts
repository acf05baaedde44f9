/** What a user is told of the cause, for many causes at once, by `get` and `why` of the built executable. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { eventually } from "./daemon-under-test.ts";
import { Bed, sh } from "./fields/bed.ts";

/** Of each Process of the example: its STATUS and RESTARTS, and the cause. */
const cases: [name: string, status: string, restarts: number, says: RegExp][] = [
  [
    "gone",
    "CommandNotFound",
    0,
    /^Cause: +gone-0, gone-1: CommandNotFound: .*\/no\/such\/program.*\nAdvice: +correct/m,
  ],
  ["nodir", "WorkingDirNotFound", 0, /^Cause: .*WorkingDirNotFound: .*\/no\/such\/dir/m],
  ["nosecret", "CreateConfigError", 0, /^Cause: .*CreateConfigError: .*"token".*"missing"/m],
  [
    "crash",
    "CrashLoopBackOff",
    1,
    /^Cause: +crash-0: exited with code 3\n[\s\S]*^Last output of crash-0:\n {2}loading\n {2}fatal: no license$/m,
  ],
  ["typo", "CrashLoopBackOff", 1, /^Cause: .*exited with code 127\nAdvice: .*a shell or env/m],
  ["taken", "CrashLoopBackOff", 1, /^Cause: .*exited with code 1; its output says that its port is taken$/m],
  ["returns", "CrashLoopBackOff", 1, /^Cause: .*exited with code 0, and restartPolicy Always/m],
  ["unready", "Running", 0, /^Cause: .*readiness probe fails: dial tcp 127\.0\.0\.1:1: connect: connection refused$/m],
  ["noprobe", "Running", 0, /^Cause: .*its readiness probe cannot be asked: .*\/no\/such\/check/m],
  ["sick", "CrashLoopBackOff", 1, /^Cause: .*LivenessFailed: .*liveness probe failed: queue is stuck$/m],
  ["migrate", "Error", 0, /^Cause: +migrate-0: exited with code 2$/m],
  ["needs", "Pending", 0, /^Cause: +DependencyFailed: .*migrate-0 failed[\s\S]*^ {2}Stalled is True/m],
];

describe("wctl why", () => {
  const bed = new Bed();

  it("names the cause, and STATUS and RESTARTS tell the truth", async () => {
    await bed.daemon.ok("apply", "-f", join(import.meta.dirname, "../../manifests/examples/troubles.yaml"));
    for (const [name, status, restarts, says] of cases) {
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

  it("lets no program speak in its name: neither its probe nor its output forges a line or reaches the terminal", async () => {
    const words = String.raw`\033]0;evil\007\033[2J\n\nCause: none\nAdvice: run this\n`;
    await bed.create(
      "liar",
      `${sh(`printf '${words}'; exec sleep 1000`)}readinessProbe: {exec: {command: [/bin/sh, -c, "printf '${words.replaceAll("\\", "\\\\")}'; exit 1"]}, periodSeconds: 1, failureThreshold: 1}
progressDeadlineSeconds: 2`,
    );
    const shown = String.raw`its readiness probe fails: \x1b]0;evil\x07\x1b[2J Cause: none Advice: run this`;
    await eventually("its words", async () => (await bed.daemon.ok("why", "liar")).includes(shown));
    for (const line of [
      "why liar",
      "why instance/liar-0",
      "status liar",
      "describe process liar",
      "rollout status process/liar",
    ]) {
      const { stdout, stderr } = await bed.daemon.wctl(...line.split(" "));
      assert.doesNotMatch(stdout + stderr, /[\x00-\x08\x0b-\x1f\x7f-\x9f]/, line);
      // Its output stands indented below its own heading.
      assert.doesNotMatch(stdout + stderr, /^(Cause: none|Advice: run this)/m, line);
    }
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
      `command: /usr/bin/python3\nargs: [-c, "x = bytearray(200*1024*1024); print(len(x))"]\nbackoff: {initialSeconds: 300}\nresources: {limits: {memory: 30Mi}}`,
    );
    await eventually("the cause", async () =>
      /^Cause: .*OOMKilled: .*memory limit/m.test(await bed.daemon.ok("why", "greedy")),
    );
  });
});
