import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { parseManifests } from "../../../../api/manifests/parse-manifests.ts";
import type { Stored } from "../../../../api/object.ts";
import { schemas } from "../../../../api/schemas.generated.ts";
import type { Instance, InstanceStatus, Process } from "../../../../api/types.generated.ts";
import { prune, type UnknownField } from "../../../../apiserver/admission/prune.ts";
import type { Schema } from "../../../../apiserver/admission/schema.ts";
import { validateSchema } from "../../../../apiserver/admission/validate.ts";
import { podOf } from "../../../../apiserver/views/pods/pod-of.ts";

const examples = join(import.meta.dirname, "../../../../manifests/examples/every-field.yaml");
const schema = schemas.Pod as unknown as Schema;
const states: InstanceStatus["state"][] = [
  { waiting: { reason: "CrashLoopBackOff", message: "exit code 3" } },
  { running: { startedAt: "2026-01-01T00:00:00Z" } },
  {
    terminated: {
      reason: "Error",
      exitCode: 3,
      signal: "SIGKILL",
      message: "m",
      startedAt: "2026-01-01T00:00:00Z",
      finishedAt: "2026-01-01T00:00:01Z",
    },
  },
];

describe("the schema of a Pod", () => {
  it("describes every field that a Pod here has", () => {
    const objects = parseManifests(readFileSync(examples), "f").map(({ object }) => object);
    const processes = objects.filter(({ kind }) => kind === "Process") as Process[];
    assert.ok(processes.length > 0);
    for (const { spec } of processes) {
      for (const state of states) {
        const instance = {
          apiVersion: "wctl.dev/v1",
          kind: "Instance",
          metadata: { name: "web-0", namespace: "a", uid: "u", creationTimestamp: "2026-01-01T00:00:00Z" },
          spec: { ...spec, nodeName: "n", index: 0, revision: "r" },
          status: { phase: "Running", run: 2, restartCount: 1, ready: true, state, lastState: states[2] },
        } as unknown as Stored<Instance>;
        const pod = podOf(instance, "10.0.0.1");
        assert.deepEqual(validateSchema(pod, schema, ""), []);
        const unknown: UnknownField[] = [];
        prune(structuredClone(pod), schema, "", unknown);
        assert.deepEqual(unknown, []);
      }
    }
  });
});
