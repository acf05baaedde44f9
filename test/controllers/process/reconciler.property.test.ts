import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Client } from "../../../api/client.ts";
import { controllerRevisions, instances } from "../../../api/scheme.ts";
import type { Instance, InstanceStatus, Process } from "../../../api/types.generated.ts";
import { revisionOf } from "../../../controllers/process/history/revision.ts";
import { limitsOf } from "../../../controllers/process/rollout/limits.ts";
import type { Informer } from "../../../machinery/informer.ts";
import { Cluster, FakeAgent } from "../../machinery/cluster.ts";
import { repeats } from "../../repeats.ts";
import { processController } from "./controller.ts";

/** Pairs that admission accepts. */
const limits = fc.constantFrom(
  { maxUnavailable: 1, maxSurge: 0 },
  { maxUnavailable: 0, maxSurge: 1 },
  { maxUnavailable: 1, maxSurge: 2 },
  { maxUnavailable: "50%", maxSurge: "50%" },
);
const spec = fc.record({
  replicas: fc.integer({ min: 0, max: 4 }),
  revisionHistoryLimit: fc.integer({ min: 0, max: 2 }),
  args: fc.constantFrom<string[]>(["a"], ["b"], ["c"]),
  strategy: fc.oneof(
    fc.constant({ type: "Recreate", rollingUpdate: null }),
    fc.record({
      type: fc.constant("RollingUpdate"),
      rollingUpdate: limits,
    }),
  ),
});
const act = fc.oneof(
  fc.record({ change: spec }),
  fc.record({ delete: fc.integer({ min: 0, max: 5 }) }),
  fc.record({ becomes: fc.constantFrom<InstanceStatus["phase"]>("Ready", "Running", "Backoff") }),
  fc.record({ stops: fc.boolean() }),
  fc.record({ failures: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ passMs: fc.constantFrom(0, 100, 5_000) }),
);
const ready: InstanceStatus = { phase: "Ready", ready: true, started: true };

/** Makes so many of the next writes of Instances and of history fail, each second one after it was done: the answer was lost. */
function unreliable(client: Client, failures: { left: number }): Client {
  const failing =
    (call: (...args: never[]) => Promise<unknown>) =>
    async (...args: unknown[]): Promise<unknown> => {
      const [resource] = args as [{ plural: string }];
      const concerned = resource.plural === "instances" || resource.plural === "controllerrevisions";
      if (!concerned || failures.left <= 0) return call.apply(client, args as never[]);
      failures.left -= 1;
      if (failures.left % 2 === 0) await call.apply(client, args as never[]);
      throw new Error("connection lost");
    };
  return new Proxy(client, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      return name === "create" || name === "delete" || name === "patch" ? failing(value) : value.bind(target);
    },
  });
}

describe("ProcessReconciler, whatever happens", () => {
  it("keeps to its limits on the way and reaches what is declared", async () => {
    await fc.assert(
      fc.asyncProperty(spec, fc.array(act, { maxLength: 15 }), async (first, acts) => {
        const failures = { left: 0 };
        const cluster = await Cluster.open(undefined, (client) => unreliable(client, failures));
        try {
          const { client } = cluster;
          const { informers } = processController(cluster);
          const agent = new FakeAgent(cluster, informers.instances);
          const excess = watchNumbers(informers);
          await cluster.start();
          await cluster.declare("web", { ...first, strategy: {} });
          for (const one of acts) {
            if ("change" in one) await cluster.change("default/web", one.change);
            if ("delete" in one) await client.delete(instances, `default/web-${one.delete}`).catch(() => {});
            if ("becomes" in one)
              agent.becomes = () => (one.becomes === "Ready" ? ready : { phase: one.becomes!, ready: false });
            if ("stops" in one) agent.stops = () => one.stops;
            if ("failures" in one) failures.left = one.failures;
            if ("passMs" in one) await cluster.pass(one.passMs);
          }
          failures.left = 0;
          agent.becomes = () => ready;
          agent.stops = () => true;
          for (let round = 0; round < 30; round++) {
            await agent.nudge();
            await cluster.pass(2_000);
          }
          await assertReached(cluster);
          await assertHistory(cluster);
          assert.deepEqual(excess, []);
        } finally {
          await cluster.close();
        }
      }),
      { numRuns: repeats(30) },
    );
  });
});

/** Notes whenever an Instance is made beyond the limits that were declared at any time. */
function watchNumbers(informers: { processes: Informer<Process>; instances: Informer<Instance> }): string[] {
  const excess: string[] = [];
  let most = 0;
  informers.processes.on(({ object }) => {
    most = Math.max(most, (object.spec.replicas ?? 1) + limitsOf(object.spec).maxSurge);
  });
  informers.instances.on(({ type }) => {
    const living = informers.instances.lister.list().filter(({ metadata }) => !metadata.deletionTimestamp);
    if (type === "Added" && living.length > most) excess.push(`${living.length} of at most ${most}`);
  });
  return excess;
}

async function assertReached(cluster: Cluster): Promise<void> {
  const web = (await cluster.process("default/web"))!;
  const replicas = web.spec.replicas ?? 1;
  const all = await cluster.all(instances);
  const expected = Array.from({ length: replicas }, (_, index) => `web-${index} ${web.status!.currentRevision}`);
  assert.deepEqual(
    all.map(({ metadata, spec: { revision } }) => `${metadata.name} ${revision}`),
    expected,
  );
  assert.deepEqual(
    all.map(({ spec: { args } }) => args),
    all.map(() => web.spec.args),
  );
  const { observedGeneration, updatedReplicas, availableReplicas } = web.status!;
  assert.deepEqual(
    [observedGeneration, updatedReplicas, availableReplicas, web.status!.replicas],
    [web.metadata.generation, replicas, replicas, replicas],
  );
}

/** The newest is what runs; every number is there once; what is kept beyond it is no more than was asked for. */
async function assertHistory(cluster: Cluster): Promise<void> {
  const web = (await cluster.process("default/web"))!;
  const records = (await cluster.all(controllerRevisions)).sort((a, b) => b.revision - a.revision);
  assert.equal(records[0]?.metadata.name, web.status!.currentRevision);
  assert.equal(new Set(records.map(({ revision }) => revision)).size, records.length);
  assert.ok(records.length <= 1 + (web.spec.revisionHistoryLimit ?? 10), `${records.length} kept`);
  for (const { data, metadata } of records) {
    const { args } = (data as { spec: { args: string[] } }).spec;
    assert.equal(revisionOf({ ...web, spec: { ...web.spec, args } }), metadata.name);
  }
}
