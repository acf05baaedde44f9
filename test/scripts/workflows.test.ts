import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { parse } from "yaml";

interface Job {
  permissions?: unknown;
  uses?: string;
  steps?: { uses?: string; run?: string; with?: Record<string, unknown> }[];
  "timeout-minutes"?: number;
}

interface Workflow {
  on: Record<string, unknown>;
  permissions?: unknown;
  concurrency?: unknown;
  jobs: Record<string, Job>;
}

const rules: { says: string; breaks(workflow: Workflow, text: string): boolean; example: string }[] = [
  {
    says: "an action is named by the hash of its commit, with the version beside it; a workflow of our own by its path",
    breaks: (_, text) =>
      Array.from(text.matchAll(/\buses:(.*)/g), ([, used = ""]) => used.trim()).some(
        (used) =>
          !/^[\w-]+\/[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)*$/.test(used) &&
          !/^\.\/\.github\/workflows\/[\w-]+\.yml$/.test(used),
      ),
    example: "jobs:\n  a:\n    steps:\n      - uses: actions/checkout@v4",
  },
  {
    says: "a workflow may only read, and a job that may more says what",
    breaks: ({ permissions, jobs }) =>
      JSON.stringify(permissions) !== '{"contents":"read"}' ||
      Object.values(jobs).some((job) => typeof job.permissions === "string"),
    example: "jobs: {a: {permissions: write-all}}",
  },
  {
    says: "no pull request of a stranger runs with the rights of the repository",
    breaks: ({ on }) => "pull_request_target" in on || "workflow_run" in on,
    example: "on: {pull_request_target: {}}\njobs: {}",
  },
  {
    says: "no text from outside is pasted into a script: it comes in through the environment",
    breaks: ({ jobs }) => stepsOf(jobs).some(({ run }) => run?.includes("${{")),
    example: `jobs: {a: {steps: [{run: 'echo \${{ github.event.pull_request.title }}'}]}}`,
  },
  {
    says: "a checkout leaves no token behind",
    breaks: ({ jobs }) =>
      stepsOf(jobs).some(
        (step) => step.uses?.startsWith("actions/checkout@") && step.with?.["persist-credentials"] !== false,
      ),
    example: "jobs: {a: {steps: [{uses: actions/checkout@v4}]}}",
  },
  {
    says: "every job ends by itself",
    breaks: ({ jobs }) =>
      Object.values(jobs).some((job) => job.uses === undefined && job["timeout-minutes"] === undefined),
    example: "jobs: {a: {steps: []}}",
  },
  {
    says: "what others start is run once at a time for each branch",
    breaks: ({ on, concurrency }) => ("push" in on || "pull_request" in on) && concurrency === undefined,
    example: "on: {push: {}}\njobs: {}",
  },
];

const stepsOf = (jobs: Workflow["jobs"]) => Object.values(jobs).flatMap(({ steps }) => steps ?? []);

describe("the workflows", () => {
  const folder = join(import.meta.dirname, "../../.github/workflows");
  const texts = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")] as const);
  const workflowOf = (text: string): Workflow => ({ on: {}, jobs: {}, ...parse(text) });

  for (const { says, breaks, example } of rules) {
    it(says, () => {
      assert.ok(breaks(workflowOf(example), example), "the rule sees its own example");
      const broken = texts.filter(([, text]) => breaks(workflowOf(text), text));
      assert.deepEqual(
        broken.map(([name]) => name),
        [],
      );
    });
  }

  it("name one version of each action", () => {
    const used = texts.flatMap(([, text]) => Array.from(text.matchAll(/uses: ([^.@\s]+)@(\S+ # \S+)/g)));
    const versions = Map.groupBy(used, ([, action]) => action);
    assert.ok(versions.size >= 4);
    for (const [action, uses] of versions) assert.equal(new Set(uses.map(([, , version]) => version)).size, 1, action);
  });
});
