import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Stored } from "../../../../api/object.ts";
import type { Instance, InstanceStatus, Process, ProcessSpec } from "../../../../api/types.generated.ts";
import { revisionOf } from "../../../../controllers/process/history/revision.ts";
import { plan } from "../../../../controllers/process/plan.ts";
import { instanceOf } from "../../../../controllers/process/replicas/instance-of.ts";
import { type Replica, replicaOf } from "../../../../controllers/process/replicas/replica.ts";
import { limitsOf } from "../../../../controllers/process/rollout/limits.ts";
import { repeats } from "../../../repeats.ts";
import { aProcess, readyStatus, situation } from "../objects.ts";

/** A world without API and clock: what the plan says is done at once, what the agent does is chosen by the test. */
class World {
  process: Stored<Process>;
  readonly instances = new Map<string, Stored<Instance>>();
  #serial = 0;

  constructor(spec: Partial<ProcessSpec>) {
    this.process = aProcess(spec);
  }

  change(spec: Partial<ProcessSpec>): void {
    this.process = { ...this.process, spec: { ...this.process.spec, ...spec } };
  }

  get replicas(): Replica[] {
    return [...this.instances.values()].map((instance) => replicaOf(instance, 0, 0));
  }

  /** An agent's act on the nth instance. */
  agent(nth: number, status: InstanceStatus | "gone" | "deleted"): void {
    const instance = [...this.instances.values()][nth % Math.max(1, this.instances.size)];
    if (!instance) return;
    const deleting = instance.metadata.deletionTimestamp !== undefined;
    if (status === "gone") {
      if (deleting) this.instances.delete(instance.metadata.name);
    } else if (status === "deleted") this.#delete(instance);
    else this.instances.set(instance.metadata.name, { ...instance, status });
  }

  /** One reconcile. Returns how many steps it took; `scaled`: the number of replicas was changed by the user since the last one. */
  reconcile(scaled: boolean): number {
    const before = serving(this.replicas, this.process);
    const { steps } = plan(situation(this.process, this.replicas));
    for (const step of steps) if (step.do === "delete") this.#delete(step.replica.instance);
    this.#checkAvailability(before, scaled);
    for (const step of steps) {
      if (step.do !== "create") continue;
      const made = instanceOf(this.process, { ...step, nodeName: "pc1" });
      assert.ok(!this.instances.has(made.metadata.name), `two instances for index ${step.index}`);
      const uid = `instance-${++this.#serial}`;
      const metadata = { ...made.metadata, uid, resourceVersion: "1", creationTimestamp: "" };
      this.instances.set(made.metadata.name, { ...made, metadata });
    }
    this.#checkNumber();
    return steps.length;
  }

  #delete(instance: Stored<Instance>): void {
    const metadata = { ...instance.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" };
    this.instances.set(instance.metadata.name, { ...instance, metadata });
  }

  #checkAvailability(before: number, scaled: boolean): void {
    const after = serving(this.replicas, this.process);
    if (scaled || after === before || this.process.spec.strategy?.type === "Recreate") return;
    const least = (this.process.spec.replicas ?? 1) - limitsOf(this.process.spec).maxUnavailable;
    assert.ok(after >= least, `${after} available, at least ${least} promised`);
  }

  #checkNumber(): void {
    const living = this.replicas.filter((replica) => !replica.deleting).length;
    const most = (this.process.spec.replicas ?? 1) + limitsOf(this.process.spec).maxSurge;
    assert.ok(living <= most, `${living} living replicas, at most ${most} promised`);
  }
}

/** Copies that do what was asked: ready, or of the wanted template and finished. */
const serving = (replicas: readonly Replica[], process: Stored<Process>): number =>
  replicas.filter((replica) => replica.available && (!replica.ended || replica.revision === revisionOf(process)))
    .length;

const amount = fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constantFrom("0%", "25%", "50%", "100%"));
const strategy = fc.oneof(
  fc.constant({ type: "Recreate" as const }),
  fc.record({
    type: fc.constant("RollingUpdate" as const),
    rollingUpdate: fc.record({ maxUnavailable: amount, maxSurge: amount }),
  }),
);
const act = fc.oneof(
  { weight: 1, arbitrary: fc.record({ scale: fc.integer({ min: 0, max: 6 }) }) },
  { weight: 2, arbitrary: fc.record({ update: fc.integer({ min: 0, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ strategy }) },
  {
    weight: 8,
    arbitrary: fc.record({
      nth: fc.nat(8),
      agent: fc.constantFrom<InstanceStatus | "gone" | "deleted">(
        readyStatus,
        { phase: "Running", ready: false },
        { phase: "Backoff", ready: false },
        { phase: "Succeeded", ready: false },
        "gone",
        "deleted",
      ),
    }),
  },
);

describe("plan, whatever happens", () => {
  it("keeps its limits, has never two replicas of one index, and gets there", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 6 }),
        strategy,
        fc.array(act, { maxLength: 60 }),
        (replicas, first, acts) => {
          const world = new World({ replicas, strategy: first });
          world.reconcile(true);
          for (const one of acts) {
            if ("scale" in one) world.change({ replicas: one.scale });
            if ("update" in one) world.change({ args: [String(one.update)] });
            if ("strategy" in one) world.change({ strategy: one.strategy });
            if ("agent" in one) world.agent(one.nth, one.agent);
            world.reconcile("scale" in one || "strategy" in one);
          }
          converge(world);
        },
      ),
      { numRuns: repeats(1_000) },
    );
  });
});

/** With an agent that makes everything ready and stops what shall stop, the declared state is reached and stays. */
function converge(world: World): void {
  let quiet = false;
  for (let round = 0; round < 40 && !quiet; round++) {
    for (let nth = world.instances.size - 1; nth >= 0; nth--) world.agent(nth, "gone");
    for (let nth = 0; nth < world.instances.size; nth++) {
      if (!world.replicas[nth]?.deleting && !world.replicas[nth]?.ended) world.agent(nth, readyStatus);
    }
    quiet = world.reconcile(false) === 0 && world.replicas.every((replica) => !replica.deleting);
  }
  const target = revisionOf(world.process);
  const expected = Array.from({ length: world.process.spec.replicas ?? 1 }, (_, index) => `${index} ${target}`);
  assert.deepEqual(world.replicas.map((replica) => `${replica.index} ${replica.revision}`).sort(), expected);
}
