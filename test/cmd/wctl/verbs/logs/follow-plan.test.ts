import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Stored } from "../../../../../api/object.ts";
import type { Instance, Process } from "../../../../../api/types.generated.ts";
import { copyFrom, leavingOf, mayGoOn, type View, viewOf } from "../../../../../cmd/wctl/verbs/logs/follow-plan.ts";

const owner = { apiVersion: "wctl.dev/v1", kind: "Process", name: "web", uid: "p", controller: true };
const instance = (index: number, phase = "Ready", { owned = true, going = false } = {}): Stored<Instance> =>
  ({
    metadata: {
      name: `web-${index}`,
      namespace: "shop",
      uid: `i${index}`,
      ...(owned && { ownerReferences: [owner] }),
      ...(going && { deletionTimestamp: "now" }),
    },
    spec: { index },
    status: { phase },
  }) as unknown as Stored<Instance>;
const process = (replicas: number | undefined, going = false): Stored<Process> =>
  ({
    metadata: { name: "web", uid: "p", ...(going && { deletionTimestamp: "now" }) },
    spec: { replicas },
  }) as unknown as Stored<Process>;
const view = (instances: Stored<Instance>[], ...processes: Stored<Process>[]): View =>
  viewOf(instances, processes, undefined);

describe("a copy that is followed", () => {
  it("is the same over its Instances", () => {
    const copy = { key: "p/2", owner: "p", index: 2, name: "web-2", namespace: "shop", process: "web" };
    assert.deepEqual(copyFrom(instance(2)), copy);
    const own = { key: "i2/0", owner: "i2", index: 0, name: "web-2", namespace: "shop" };
    assert.deepEqual(copyFrom(instance(2, "Ready", { owned: false })), own);
  });

  it("is only looked for among those of its owner, where there is one", () => {
    const strange = instance(3, "Ready", { owned: false });
    assert.deepEqual([...viewOf([instance(0), strange], [], "p").instances.keys()], ["p/0"]);
    assert.deepEqual([...viewOf([instance(0), strange], [], undefined).instances.keys()], ["p/0", "i3/0"]);
  });

  const first = copyFrom(instance(0));
  const second = copyFrom(instance(1));
  const unowned = copyFrom(instance(0, "Ready", { owned: false }));
  const table: [string, ReturnType<typeof leavingOf>, typeof first, View][] = [
    ["stays while it runs", undefined, first, view([instance(0)], process(1))],
    ["stays while it waits for its next start", undefined, first, view([instance(0, "Backoff")], process(1))],
    ["stays while it is stopped", undefined, first, view([instance(0, "Stopped")], process(1))],
    ["stays between two Instances of a rollout", undefined, first, view([], process(1))],
    ["leaves when it has finished its work", "finished", first, view([instance(0, "Succeeded")], process(1))],
    ["leaves when it has failed for good", "finished", first, view([instance(0, "Failed")], process(1))],
    [
      "stays while a finished Instance is replaced",
      undefined,
      first,
      view([instance(0, "Failed", { going: true })], process(1)),
    ],
    ["leaves when it was scaled away", "scaled", second, view([instance(0)], process(1))],
    ["stays until its Instance is gone", undefined, second, view([instance(0), instance(1)], process(1))],
    ["leaves with its Process", "deleted", first, view([])],
    ["leaves while its Process is deleted", "deleted", first, view([], process(1, true))],
    ["leaves with an Instance that no Process owns", "deleted", unowned, view([])],
  ];
  for (const [what, expected, copy, seen] of table) it(what, () => assert.equal(leavingOf(copy, seen), expected));
});

describe("a Process whose copies have left", () => {
  const table: [string, boolean, View][] = [
    ["may have copies again after a scale to 0", true, view([], process(0))],
    ["may have copies that wait for what they depend on", true, view([], process(undefined))],
    ["is done when all have finished", false, view([instance(0, "Succeeded"), instance(1, "Failed")], process(2))],
    ["is not done before all have finished", true, view([instance(0, "Succeeded")], process(2))],
    ["is done when it was deleted", false, view([])],
    ["is done while it is deleted", false, view([], process(1, true))],
  ];
  for (const [what, expected, seen] of table) it(what, () => assert.equal(mayGoOn("p", seen), expected));
});
