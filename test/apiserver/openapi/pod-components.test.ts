import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { parseManifests } from "../../../api/manifests/manifest.ts";
import type { Stored } from "../../../api/object.ts";
import type { Instance, InstanceStatus, Process } from "../../../api/types.generated.ts";
import { Components } from "../../../apiserver/openapi/components.ts";
import { podOf } from "../../../apiserver/views/pods/pod-of.ts";
import { isObject, type JsonObject } from "../../../lib/json-object.ts";

const components = new Components().all;
const examples = join(import.meta.dirname, "../../../manifests/examples/every-field.yaml");
const states: InstanceStatus["state"][] = [
  { waiting: { reason: "CrashLoopBackOff", message: "exit code 3" } },
  { running: { startedAt: "2026-01-01T00:00:00Z" } },
  {
    terminated: {
      reason: "Error",
      exitCode: 3,
      message: "m",
      startedAt: "2026-01-01T00:00:00Z",
      finishedAt: "2026-01-01T00:00:01Z",
    },
  },
];

/** Paths of what no component describes. */
function undeclared(value: unknown, schema: JsonObject | undefined, path: string): string[] {
  if (!schema) return [path];
  if (typeof schema.$ref === "string") return undeclared(value, components.get(schema.$ref), path);
  if (Array.isArray(value)) return value.flatMap((item) => undeclared(item, schema.items as JsonObject, `${path}[]`));
  if (!isObject(value)) return [];
  const properties = (schema.properties ?? {}) as Record<string, JsonObject>;
  return Object.entries(value).flatMap(([key, one]) =>
    undeclared(one, properties[key] ?? (schema.additionalProperties as JsonObject | undefined), `${path}.${key}`),
  );
}

describe("the components of a Pod", () => {
  it("describe every field that a Pod here has", () => {
    const objects = parseManifests(readFileSync(examples), "f").map(({ object }) => object);
    const processes = objects.filter(({ kind }) => kind === "Process") as Process[];
    assert.ok(processes.length > 0);
    for (const { spec } of processes) {
      for (const state of states) {
        const pod = podOf(
          {
            apiVersion: "wctl.dev/v1",
            kind: "Instance",
            metadata: { name: "web-0", namespace: "a", uid: "u", creationTimestamp: "2026-01-01T00:00:00Z" },
            spec: { ...spec, nodeName: "n", index: 0, revision: "r" },
            status: { phase: "Running", run: 2, restartCount: 1, ready: true, state, lastState: states[2] },
          } as unknown as Stored<Instance>,
          "10.0.0.1",
        );
        assert.deepEqual(undeclared(pod, components.get("io.k8s.api.core.v1.Pod"), "pod"), []);
      }
    }
    assert.deepEqual(undeclared({ spec: { nodes: 1 } }, components.get("io.k8s.api.core.v1.Pod"), "pod"), [
      "pod.spec.nodes",
    ]);
  });
});
