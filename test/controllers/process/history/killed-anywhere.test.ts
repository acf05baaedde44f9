import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { WatchEvent } from "../../../../api/client.ts";
import type { KubeObject, Stored } from "../../../../api/object.ts";
import { controllerRevisions, instances, processes, type Resource } from "../../../../api/scheme.ts";
import type { ControllerRevision, Instance } from "../../../../api/types.generated.ts";
import type { Cluster } from "../../../machinery/cluster.ts";
import { setUp } from "../reconciled.ts";

type Change = { event: Exclude<WatchEvent, { type: "BOOKMARK" }>; revision: number };

/** Notes every change of these kinds from now on. */
function follow(cluster: Cluster, signal: AbortSignal): Change[] {
  const changes: Change[] = [];
  const watch = async <T extends KubeObject>(resource: Resource<T>): Promise<void> => {
    for await (const event of cluster.client.watch(resource, { signal })) {
      if (event.type !== "BOOKMARK") changes.push({ event, revision: Number(event.object.metadata.resourceVersion) });
    }
  };
  for (const resource of [instances, processes, controllerRevisions] as unknown as Resource[]) void watch(resource);
  return changes;
}

/** The argument of each template that the store knows after each change: what a daemon finds that was killed there. */
function* knownAfterEach(changes: readonly Change[]): Generator<Set<string>> {
  const stored = new Map<string, Stored>();
  for (const { event } of changes.toSorted((a, b) => a.revision - b.revision)) {
    if (event.type === "DELETED") stored.delete(event.object.metadata.uid);
    else stored.set(event.object.metadata.uid, event.object);
    yield new Set(Array.from(stored.values(), argumentOf));
  }
}

const argumentOf = (object: Stored): string => {
  const { spec } = (
    object.kind === "ControllerRevision" ? (object as Stored<ControllerRevision>).data : object
  ) as Instance;
  return spec.args![0]!;
};

describe("a template that is replaced before it was recorded", () => {
  it("is known after every single write, so wherever the daemon is killed it can be gone back to", async (t) => {
    const { cluster } = await setUp(t);
    const aborter = new AbortController();
    t.after(() => aborter.abort());
    const changes = follow(cluster, aborter.signal);
    await cluster.declare("web", { args: ["a"], replicas: 2, strategy: { type: "Recreate" } });
    await cluster.calm();
    for (const arg of ["b", "c"]) {
      await cluster.change("default/web", { args: [arg] });
      await cluster.calm();
    }
    const needed = new Set<string>();
    for (const known of knownAfterEach(changes)) {
      for (const arg of known) needed.add(arg);
      assert.deepEqual(
        [...needed].filter((arg) => !known.has(arg)),
        [],
      );
    }
    assert.deepEqual([...needed].sort(), ["a", "b", "c"]);
  });

  it("is recorded in the write before the first copy is marked: nothing of the rollout waits for it", async (t) => {
    const { cluster } = await setUp(t);
    const aborter = new AbortController();
    t.after(() => aborter.abort());
    await cluster.declare("web", { args: ["a"] });
    await cluster.calm();
    const changes = follow(cluster, aborter.signal);
    await cluster.change("default/web", { args: ["b"] });
    await cluster.calm();
    const revisionOf = (is: (object: Stored) => boolean): number | undefined =>
      changes.find(({ event }) => is(event.object))?.revision;
    const recorded = revisionOf(({ kind }) => kind === "ControllerRevision");
    const marked = revisionOf(({ kind, metadata }) => kind === "Instance" && metadata.deletionTimestamp !== undefined);
    assert.equal(marked, (recorded ?? 0) + 1);
  });
});
