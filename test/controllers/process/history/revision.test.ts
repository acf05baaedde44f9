import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { templateOf } from "../../../../api/process-template.ts";
import type { ProcessSpec } from "../../../../api/types.generated.ts";
import { labelValue, revisionOf } from "../../../../controllers/process/history/revision.ts";
import { aProcess } from "../objects.ts";

const rollout: Partial<ProcessSpec> = {
  replicas: 7,
  strategy: { type: "Recreate" },
  minReadySeconds: 9,
  progressDeadlineSeconds: 9,
  revisionHistoryLimit: 9,
  paused: true,
};
const revision = (spec: Partial<ProcessSpec>): string => revisionOf(aProcess(spec));

describe("revisionOf", () => {
  it("does not change with how many replicas there are and how they roll out", () => {
    assert.equal(revision(rollout), revision({}));
    assert.deepEqual(Object.keys(templateOf(aProcess(rollout).spec)), ["command", "restartPolicy"]);
  });

  it("changes with anything of the template, restartedAt too", () => {
    const changes: Partial<ProcessSpec>[] = [
      { command: "/bin/other" },
      { args: ["a", "b"] },
      { args: ["b", "a"] },
      { env: [{ name: "A", value: "1" }] },
      { dependsOn: [{ name: "db" }] },
      { restartedAt: "2026-05-01T10:00:00Z" },
      { restartPolicy: "Never" },
    ];
    const all = [{}, ...changes].map(revision);
    assert.equal(new Set(all).size, all.length);
  });

  it("does not depend on the order of fields", () => {
    const command = "/bin/web";
    assert.equal(
      revision({ command, args: ["a"], workingDir: "/" }),
      revision({ workingDir: "/", args: ["a"], command }),
    );
  });
});

describe("labelValue", () => {
  it("is the name, or a valid and distinct short form of it", () => {
    const name = fc.stringMatching(/^[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?$/);
    fc.assert(
      fc.property(name, name, (a, b) => {
        const value = labelValue(a);
        assert.match(value, /^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/);
        assert.equal(value === a, a.length <= 63);
        assert.equal(labelValue(b) === value, a === b);
      }),
    );
    assert.notEqual(labelValue(`${"a".repeat(100)}1`), labelValue(`${"a".repeat(100)}2`));
  });
});
