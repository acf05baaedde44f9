import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import type { Stored } from "../../../api/object.ts";
import type { Instance } from "../../../api/types.generated.ts";
import { instanceIndexers } from "../../../controllers/instance/indexes.ts";
import { WakeUps } from "../../../controllers/instance/wake-ups.ts";
import { Cache } from "../../../machinery/cache.ts";

const instance = (processName: string, index: number, spec: Partial<Instance["spec"]> = {}): Stored<Instance> => ({
  apiVersion: "wctl.dev/v1",
  kind: "Instance",
  metadata: {
    name: `${processName}-${index}`,
    namespace: "default",
    uid: `uid-${processName}-${index}`,
    resourceVersion: "1",
    creationTimestamp: "2026-01-01T00:00:00Z",
    ownerReferences: [
      { apiVersion: "wctl.dev/v1", kind: "Process", name: processName, uid: processName, controller: true },
    ],
  },
  spec: { command: "/bin/x", nodeName: "here", index, revision: "r1", processName, ...spec },
});

describe("WakeUps", () => {
  let woken: string[];
  let wakeUps: WakeUps;
  const web = instance("web", 0, { dependsOn: [{ name: "db" }], envFrom: [{ secretRef: { name: "s" } }] });

  beforeEach(() => {
    woken = [];
    const cache = new Cache<Instance>(instanceIndexers);
    for (const one of [instance("db", 0), instance("db", 1), web]) cache.set(one);
    wakeUps = new WakeUps(cache, (key) => woken.push(key));
  });

  it("wake the Instance of a uid, and say which it is", () => {
    assert.equal(wakeUps.wake("uid-web-0"), web);
    assert.equal(wakeUps.wake("another"), undefined);
    assert.deepEqual(woken, ["default/web-0"]);
  });

  it("wake all of them", () => {
    wakeUps.wakeAll();
    assert.deepEqual(woken, ["default/db-0", "default/db-1", "default/web-0"]);
  });

  it("wake those that name a Secret", () => {
    wakeUps.wakeReferring("secrets/default/s");
    assert.deepEqual(woken, ["default/web-0"]);
  });

  it("wake every Instance of what a stopped one depended on", () => {
    wakeUps.wakeDependencies(web);
    assert.deepEqual(woken, ["default/db-0", "default/db-1"]);
  });
});
