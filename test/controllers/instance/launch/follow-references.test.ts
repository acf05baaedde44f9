import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import type { Stored } from "../../../../api/object.ts";
import type { Instance } from "../../../../api/types.generated.ts";
import { followReferences } from "../../../../controllers/instance/launch/follow-references.ts";
import type { InformerEvent } from "../../../../machinery/informer.ts";
import { settle } from "../../../lib/fake-clock.ts";

const instance: Stored<Instance> = {
  apiVersion: "wctl.dev/v1",
  kind: "Instance",
  metadata: { name: "web-0", namespace: "default", uid: "u", resourceVersion: "1", creationTimestamp: "" },
  spec: { command: "/bin/x", nodeName: "here", index: 0, revision: "r1", processName: "web" },
};

describe("followReferences", () => {
  let calls: string[];
  let awaited: Promise<unknown> | undefined;
  const follow = (event: InformerEvent<Instance>): void =>
    followReferences(
      event,
      { refer: () => calls.push("refer"), release: () => calls.push("release"), awaited: () => awaited },
      (key) => calls.push(key),
    );

  beforeEach(() => {
    [calls, awaited] = [[], undefined];
  });

  it("names what a new Instance refers to; when all of it is known, nothing needs to be enqueued", async () => {
    follow({ type: "Added", object: instance });
    await settle();
    assert.deepEqual(calls, ["refer"]);
  });

  it("enqueues the Instance when what it waits for has become known", async () => {
    const known = Promise.withResolvers<void>();
    awaited = known.promise;
    follow({ type: "Added", object: instance });
    await settle();
    assert.deepEqual(calls, ["refer"]);
    known.resolve();
    await settle();
    assert.deepEqual(calls, ["refer", "default/web-0"]);
  });

  it("does nothing when the spec is the same, and follows one that changed", () => {
    follow({ type: "Changed", object: { ...instance }, previous: instance });
    assert.deepEqual(calls, []);
    follow({ type: "Changed", object: { ...instance, spec: { ...instance.spec } }, previous: instance });
    assert.deepEqual(calls, ["refer"]);
  });

  it("releases what a deleted Instance named", () => {
    follow({ type: "Deleted", object: instance });
    assert.deepEqual(calls, ["release"]);
  });
});
