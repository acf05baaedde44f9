import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Stored } from "../../../../api/object.ts";
import type { ConfigMap, Instance, Secret } from "../../../../api/types.generated.ts";
import { resolveRun } from "../../../../controllers/instance/launch/resolve-run.ts";
import type { Lister } from "../../../../machinery/lister.ts";

const defaults = { stopSignal: "SIGTERM" } as const;
const instance = {
  apiVersion: "wctl.dev/v1",
  kind: "Instance",
  metadata: { name: "web-0", namespace: "default", uid: "u", resourceVersion: "1", creationTimestamp: "" },
  spec: {
    command: "/bin/web",
    index: 0,
    env: [{ name: "TOKEN", valueFrom: { secretKeyRef: { name: "s", key: "token" } } }],
  },
  status: { run: 7 },
} as unknown as Stored<Instance>;
const sources = (secrets: Record<string, Partial<Secret>>) => ({
  secrets: { get: (key: string) => secrets[key] } as Lister<Secret>,
  configMaps: { get: () => undefined } as unknown as Lister<ConfigMap>,
});

describe("what an adopted run was started with", () => {
  it("is made again from its Instance and its Secrets", () => {
    const token = Buffer.from("hush").toString("base64");
    const resolved = resolveRun(instance, sources({ "default/s": { data: { token } } }), defaults);
    assert.ok(!("missing" in resolved));
    assert.equal(resolved.env.TOKEN, "hush");
    assert.equal(resolved.run, 7);
    assert.equal(resolved.label, "default/web-0");
  });

  it("cannot be told while something is missing, and the reason names it", () => {
    assert.deepEqual(resolveRun(instance, sources({}), defaults), {
      missing: 'key "token" of secret "s" not found (for TOKEN)',
    });
    assert.deepEqual(resolveRun(undefined, sources({}), defaults), { missing: "its Instance is not known" });
  });
});
