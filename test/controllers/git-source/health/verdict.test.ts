import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type HealthSituation,
  type Unhealthy,
  type Verdict,
  verdictOf,
} from "../../../../controllers/git-source/health/verdict.ts";

const starting: Unhealthy = { title: "Process default/web", health: "Progressing", message: "0 of 1 ready" };
const broken: Unhealthy = { title: "Process default/api", health: "Degraded", message: "exit code 3" };
const absent: Unhealthy = { title: "ConfigMap default/a", health: "Missing", message: "" };

/** Settled, and nothing told before. */
const situation = (more: Partial<HealthSituation>): HealthSituation => ({
  unhealthy: [],
  objects: 9,
  judgedMs: 20_000,
  unhealthyMs: 20_000,
  timeoutMs: 300_000,
  before: undefined,
  ...more,
});

const table: [what: string, more: Partial<HealthSituation>, state: Verdict["state"], wakeMs?: number][] = [
  ["is healthy when everything is", {}, "Healthy"],
  ["is on the way while something is", { unhealthy: [starting] }, "Progressing", 280_000],
  ["is on the way while something is not there yet", { unhealthy: [absent] }, "Progressing", 280_000],
  ["has failed when something has", { unhealthy: [starting, broken] }, "Failed"],
  [
    "is on the way while what had failed before has not noticed yet that it is mended",
    { unhealthy: [broken], judgedMs: 4_000, unhealthyMs: 4_000 },
    "Progressing",
    6_000,
  ],
  ["has failed when it was on the way for too long", { unhealthy: [starting], unhealthyMs: 300_000 }, "Failed"],
  [
    "has failed before anything could settle, when it may not take as long",
    { unhealthy: [broken], judgedMs: 2_000, unhealthyMs: 2_000, timeoutMs: 2_000 },
    "Failed",
  ],
  [
    "stays healthy while something of it is on the way again",
    { unhealthy: [starting], unhealthyMs: 0, before: "Healthy" },
    "Healthy",
    300_000,
  ],
  [
    "stays healthy no longer than it may take",
    { unhealthy: [starting], unhealthyMs: 300_000, before: "Healthy" },
    "Failed",
  ],
  ["has failed when something of it fails later", { unhealthy: [broken], unhealthyMs: 0, before: "Healthy" }, "Failed"],
  ["stays failed until everything is healthy", { unhealthy: [starting], unhealthyMs: 0, before: "Failed" }, "Failed"],
  ["is healthy again when everything is", { before: "Failed" }, "Healthy"],
];

describe("a revision", () => {
  for (const [what, more, state, wakeMs] of table) {
    it(what, () => {
      const verdict = verdictOf(situation(more));
      assert.deepEqual([verdict.state, verdict.wakeMs], [state, wakeMs]);
    });
  }

  it("is told of with the first five of what is not healthy, and what has failed before the others", () => {
    const { message, names } = verdictOf(situation({ unhealthy: [starting, absent, broken] }));
    assert.equal(
      message,
      "3 of 9 objects not healthy: Process default/api: exit code 3\nConfigMap default/a: Missing\nProcess default/web: 0 of 1 ready",
    );
    assert.equal(names, "Process default/api is Degraded, and 2 more");
    const many = Array.from({ length: 8 }, (_, at) => ({ ...starting, title: `Process default/p${at}` }));
    const lines = verdictOf(situation({ unhealthy: many })).message.split("\n");
    assert.deepEqual([lines.length, lines.at(-1)], [6, "and 3 more"]);
  });
});
