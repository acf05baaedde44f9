import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { templateOf } from "../../../api/process-template.ts";
import type { ProcessSpec } from "../../../api/types.generated.ts";
import { revisionOf } from "../../../controllers/process/history/revision.ts";
import { plan } from "../../../controllers/process/plan.ts";
import type { Plan, Situation } from "../../../controllers/process/situation.ts";
import { anInstance, aProcess, replicas, situation, withStatus } from "./objects.ts";

/** `+0` creates index 0, `-1` deletes index 1, `s0` stops it in place, `r0` lets it run again. */
const steps = (result: Plan): string =>
  result.steps
    .map((step) => {
      if (step.do === "create") return `+${step.index}`;
      if (step.do === "suspend") return `${step.suspend ? "s" : "r"}${step.replica.index}`;
      return `${step.do === "shorten-grace" ? "!" : "-"}${step.replica.index}`;
    })
    .join(" ");

interface Case {
  title: string;
  spec: Partial<ProcessSpec>;
  are: string[];
  more?: Partial<Situation>;
  steps: string;
  rule: string;
}

const surge = (
  maxSurge: number | string,
  maxUnavailable: number | string = 0,
): NonNullable<ProcessSpec["strategy"]> => ({
  type: "RollingUpdate",
  rollingUpdate: { maxSurge, maxUnavailable },
});
const notYet = { ok: false, rule: "WaitingForDependency", message: "waiting for db to be Ready" } as const;

const cases: Case[] = [
  { title: "creates all", spec: { replicas: 3 }, are: [], steps: "+0 +1 +2", rule: "CreateInstances" },
  { title: "creates one by default", spec: {}, are: [], steps: "+0", rule: "CreateInstances" },
  { title: "has nothing to do", spec: { replicas: 2 }, are: ["ready", "ready"], steps: "", rule: "AsDesired" },
  { title: "fills a gap", spec: { replicas: 3 }, are: ["ready", "-", "ready"], steps: "+1", rule: "CreateInstances" },
  {
    title: "stops in place what runs, and makes what is missing as stopped",
    spec: { replicas: 3, suspend: true },
    are: ["ready", "Backoff"],
    steps: "+2 s0 s1",
    rule: "CreateInstances",
  },
  {
    title: "has nothing to do when all is stopped",
    spec: { replicas: 2, suspend: true },
    are: ["Stopped", "Stopped"],
    steps: "",
    rule: "Suspended",
  },
  {
    title: "makes stopped replicas whatever their dependencies",
    spec: { suspend: true },
    are: [],
    more: { dependencies: notYet },
    steps: "+0",
    rule: "CreateInstances",
  },
  {
    title: "lets stopped replicas run again",
    spec: { replicas: 2 },
    are: ["Stopped", "Stopped"],
    steps: "r0 r1",
    rule: "Resumed",
  },
  {
    title: "lets nothing run again before its dependencies are met",
    spec: { replicas: 2 },
    are: ["Stopped", "Stopped"],
    more: { dependencies: notYet },
    steps: "",
    rule: "WaitingForDependency",
  },
  {
    title: "replaces all old replicas of a stopped process at once, by stopped ones",
    spec: { replicas: 3, suspend: true },
    are: ["old Stopped", "old ready", "-"],
    steps: "-1 -0",
    rule: "RollingUpdate",
  },
  {
    title: "keeps what has completed as completed",
    spec: { suspend: true, restartPolicy: "Never" },
    are: ["suspended Succeeded"],
    steps: "",
    rule: "Completed",
  },
  {
    title: "a stopped process of no replicas is as desired",
    spec: { replicas: 0, suspend: true },
    are: [],
    steps: "",
    rule: "AsDesired",
  },
  { title: "waits for readiness", spec: {}, are: ["starting"], steps: "", rule: "WaitingForAvailable" },
  {
    title: "scales down from the highest index",
    spec: { replicas: 1 },
    are: ["ready", "ready", "starting"],
    steps: "-2 -1",
    rule: "ScaleDown",
  },
  { title: "scales to nothing", spec: { replicas: 0 }, are: ["ready"], steps: "-0", rule: "ScaleDown" },
  { title: "wants nothing and has nothing", spec: { replicas: 0 }, are: [], steps: "", rule: "AsDesired" },
  {
    title: "makes no second replica while the old one of that index is going (P2)",
    spec: { replicas: 2 },
    are: ["deleting", "ready"],
    steps: "",
    rule: "WaitingForTermination",
  },
  {
    title: "replaces one at a time, the highest index first",
    spec: { replicas: 3 },
    are: ["old ready", "old ready", "old ready"],
    steps: "-2",
    rule: "RollingUpdate",
  },
  {
    title: "replaces the next only when the last is available",
    spec: { replicas: 3 },
    are: ["old ready", "old ready", "starting"],
    steps: "",
    rule: "RollingUpdate",
  },
  {
    title: "makes the new replica when the old one is gone",
    spec: { replicas: 3 },
    are: ["old ready", "old ready", "-"],
    steps: "+2",
    rule: "CreateInstances",
  },
  {
    title: "replaces old replicas that are not available at once: nothing is lost",
    spec: { replicas: 3 },
    are: ["old Backoff", "old ready", "old"],
    steps: "-2 -0",
    rule: "RollingUpdate",
  },
  {
    title: "replaces as many as a percentage allows, rounded down",
    spec: { replicas: 4, strategy: surge(0, "60%") },
    are: ["old ready", "old ready", "old ready", "old ready"],
    steps: "-3 -2",
    rule: "RollingUpdate",
  },
  {
    title: "starts a stand-in first when none may be missing",
    spec: { replicas: 2, strategy: surge(1) },
    are: ["old ready", "old ready"],
    steps: "+2",
    rule: "CreateInstances",
  },
  {
    title: "replaces one when the stand-in is available",
    spec: { replicas: 2, strategy: surge(1) },
    are: ["old ready", "old ready", "ready"],
    steps: "-1",
    rule: "RollingUpdate",
  },
  {
    title: "keeps the stand-in until every replica is available",
    spec: { replicas: 2, strategy: surge(1) },
    are: ["starting", "ready", "ready"],
    steps: "",
    rule: "WaitingForAvailable",
  },
  {
    title: "removes the stand-in at the end",
    spec: { replicas: 2, strategy: surge(1) },
    are: ["ready", "ready", "ready"],
    steps: "-2",
    rule: "ScaleDown",
  },
  {
    title: "keeps the stand-in of an overtaken rollout while it is all that serves",
    spec: { replicas: 1, strategy: surge(1) },
    are: ["old", "old ready"],
    steps: "-0",
    rule: "RollingUpdate",
  },
  {
    title: "rounds a percentage of stand-ins up",
    spec: { replicas: 3, strategy: surge("34%") },
    are: ["old ready", "old ready", "old ready"],
    steps: "+3 +4",
    rule: "CreateInstances",
  },
  {
    title: "can always move: 0 and 0 mean one unavailable",
    spec: { replicas: 2, strategy: surge(0) },
    are: ["old ready", "old ready"],
    steps: "-1",
    rule: "RollingUpdate",
  },
  {
    title: "recreates: all old ones go first",
    spec: { replicas: 2, strategy: { type: "Recreate" } },
    are: ["old ready", "old ready"],
    steps: "-1 -0",
    rule: "Recreate",
  },
  {
    title: "recreates: nothing new before the last old one is gone",
    spec: { replicas: 2, strategy: { type: "Recreate" } },
    are: ["-", "old deleting"],
    steps: "",
    rule: "Recreate",
  },
  {
    title: "recreates: then all new ones",
    spec: { replicas: 2, strategy: { type: "Recreate" } },
    are: [],
    steps: "+0 +1",
    rule: "CreateInstances",
  },
  {
    title: "starts nothing before its dependency",
    spec: { replicas: 2 },
    are: [],
    more: { dependencies: notYet },
    steps: "",
    rule: "WaitingForDependency",
  },
  {
    title: "stops nothing that runs when its dependency is not there any more",
    spec: { replicas: 1 },
    are: ["ready"],
    more: { dependencies: notYet },
    steps: "",
    rule: "AsDesired",
  },
  {
    title: "removes no old replica that it could not replace before its dependency is there",
    spec: { replicas: 1 },
    are: ["old ready"],
    more: { dependencies: notYet },
    steps: "",
    rule: "WaitingForDependency",
  },
  {
    title: "scales down whatever its dependencies do",
    spec: { replicas: 1 },
    are: ["ready", "ready"],
    more: { dependencies: notYet },
    steps: "-1",
    rule: "ScaleDown",
  },
  {
    title: "does not run again what has finished (P6)",
    spec: { replicas: 2, restartPolicy: "Never" },
    are: ["Succeeded", "Succeeded"],
    steps: "",
    rule: "Completed",
  },
  {
    title: "leaves what has failed for good",
    spec: { replicas: 2, restartPolicy: "Never" },
    are: ["Succeeded", "Failed"],
    steps: "",
    rule: "Failed",
  },
  {
    title: "runs a finished one-shot again when its template changes",
    spec: { replicas: 2, restartPolicy: "OnFailure" },
    are: ["old Succeeded", "old Failed"],
    steps: "-1 -0",
    rule: "RollingUpdate",
  },
  {
    title: "rolls a new one-shot out over replicas that finish at once",
    spec: { replicas: 3, restartPolicy: "OnFailure" },
    are: ["old ready", "old ready", "Succeeded"],
    steps: "-1",
    rule: "RollingUpdate",
  },
];

describe("plan", () => {
  for (const { title, spec, are, more, steps: expected, rule } of cases) {
    it(title, () => {
      const process = aProcess(spec);
      const result = plan(situation(process, replicas(process, ...are), more));
      assert.deepEqual({ steps: steps(result), rule: result.rule }, { steps: expected, rule }, result.message);
      assert.ok(result.message.length > 0);
    });
  }

  it("names the revision and the template of what it creates", () => {
    const process = aProcess({ replicas: 1, args: ["--port", "1"] });
    const [step] = plan(situation(process, [])).steps;
    const template = { command: "/bin/web", args: ["--port", "1"], restartPolicy: "Always" };
    assert.deepEqual(step, { do: "create", index: 0, revision: revisionOf(process), template });
  });

  it("waits for names that belong to somebody else, and says whose they are", () => {
    const process = aProcess({ replicas: 2 });
    const earlier = { ...process, metadata: { ...process.metadata, uid: "earlier" } };
    const result = plan(situation(process, [], { strangers: [anInstance(earlier, 0)] }));
    assert.equal(steps(result), "+1");
    assert.equal(result.rule, "NameTaken");
    assert.match(result.message, /web-0 belongs to another Process "web" \(uid earlier\)/);
  });

  it("does nothing for a Process that is being deleted", () => {
    const process = aProcess({ replicas: 2 });
    const going = { ...process, metadata: { ...process.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } };
    const result = plan(situation(going, replicas(process, "ready")));
    assert.deepEqual([result.steps, result.rule], [[], "Terminating"]);
  });

  it("looks again when the first replica will count as available", () => {
    const process = aProcess({ replicas: 2 });
    const [first, second] = replicas(process, "ready", "ready");
    const those = [
      { ...first!, available: false, availableInMs: 7_000 },
      { ...second!, available: false, availableInMs: 3_000 },
    ];
    assert.equal(plan(situation(process, those)).wakeMs, 3_000);
  });

  describe("paused", () => {
    const old = aProcess({ replicas: 2, command: "/bin/old" });
    const paused = withStatus(aProcess({ replicas: 3, paused: true }), { currentRevision: revisionOf(old) });
    const templates = new Map([[revisionOf(old), templateOf(old.spec)]]);

    it("rolls nothing out, and fills gaps with the revision rolled out last", () => {
      const result = plan(situation(paused, replicas(paused, "old ready", "old ready"), { templates }));
      assert.equal(steps(result), "+2");
      const [step] = result.steps;
      assert.ok(step?.do === "create");
      assert.deepEqual([step.revision, step.template.command], [revisionOf(old), "/bin/old"]);
    });

    it("still scales down", () => {
      const fewer = { ...paused, spec: { ...paused.spec, replicas: 1 } };
      assert.equal(steps(plan(situation(fewer, replicas(fewer, "old ready", "old ready"), { templates }))), "-1");
    });

    it("says that the new template waits", () => {
      const two = { ...paused, spec: { ...paused.spec, replicas: 2 } };
      const result = plan(situation(two, replicas(two, "old ready", "old ready"), { templates }));
      assert.deepEqual([steps(result), result.rule], ["", "Paused"]);
      assert.equal(result.revision, revisionOf(old));
    });

    it("creates nothing before the first rollout", () => {
      const result = plan(situation(aProcess({ paused: true }), []));
      assert.deepEqual([steps(result), result.rule], ["", "Paused"]);
    });

    it("creates nothing when nothing is left of that revision", () => {
      const result = plan(situation(paused, []));
      assert.deepEqual([steps(result), result.rule], ["", "Paused"]);
      assert.match(result.message, /set spec.paused to false/);
    });

    it("keeps the number of replicas when the template did not change", () => {
      const same = aProcess({ replicas: 2, paused: true });
      const known = withStatus(same, { currentRevision: revisionOf(same) });
      assert.equal(steps(plan(situation(known, replicas(known, "ready")))), "+1");
    });
  });
});
