import type { Stored } from "../../../api/object.ts";
import type { Instance } from "../../../api/types.generated.ts";
import type { InstanceUsage, UsageSource } from "../../../apiserver/views/instance-metrics.ts";
import type { NodeUsage, NodeUsageSource } from "../../../apiserver/views/node-metrics.ts";
import { type Clock, sleep } from "../../../lib/clock.ts";
import type { Runtime, Usage } from "../../../runtime/runtime.ts";
import { type MachineUsage, machineUsage } from "./machine-usage.ts";

interface Sample {
  at: number;
  usage: Map<string, Usage>;
  machine: MachineUsage;
}

/** Processor use needs two samples: the one before is used when it is this old, else one is waited for. */
const SHORTEST_WINDOW_MS = 500;
const LONGEST_WINDOW_MS = 60_000;

/** What `wctl top` and `kubectl top` show. It samples only while somebody asks. */
export class SampledUsage implements UsageSource, NodeUsageSource {
  readonly #runtime: Pick<Runtime, "usage">;
  readonly #clock: Clock;
  readonly #nodeName: () => string | undefined;
  #before: Sample | undefined;
  /** Callers at the same time share one sample. */
  #sampling: Promise<{ before: Sample; now: Sample }> | undefined;

  /** `nodeName`: of this machine, once it is known. */
  constructor(runtime: Pick<Runtime, "usage">, clock: Clock, nodeName: () => string | undefined) {
    this.#runtime = runtime;
    this.#clock = clock;
    this.#nodeName = nodeName;
  }

  async of(instances: readonly Stored<Instance>[]): Promise<InstanceUsage[]> {
    const { before, now, seconds } = await this.#samples();
    const timestamp = this.#clock.wall().toISOString();
    return instances.flatMap((instance) => {
      const usage = now.usage.get(instance.metadata.uid);
      if (!usage) return [];
      // An instance restarted between the samples counts from zero.
      const earlier = Math.min(before.usage.get(instance.metadata.uid)?.cpuSeconds ?? 0, usage.cpuSeconds);
      const cpu = Math.max(0, (usage.cpuSeconds - earlier) / seconds);
      const { name, namespace = "default" } = instance.metadata;
      return [{ metadata: { name, namespace }, timestamp, window: `${seconds.toFixed(3)}s`, usage: { ...usage, cpu } }];
    });
  }

  async ofNodes(): Promise<NodeUsage[]> {
    const name = this.#nodeName();
    if (name === undefined) return [];
    const { before, now, seconds } = await this.#samples();
    // Both clocks are read a little apart: nobody uses more processors than there are.
    const cpu = Math.min(now.machine.cpus, Math.max(0, (now.machine.cpuSeconds - before.machine.cpuSeconds) / seconds));
    const { memoryBytes } = now.machine;
    const timestamp = this.#clock.wall().toISOString();
    return [{ name, timestamp, window: `${seconds.toFixed(3)}s`, cpu, memoryBytes }];
  }

  async #samples(): Promise<{ before: Sample; now: Sample; seconds: number }> {
    this.#sampling ??= this.#sample().finally(() => {
      this.#sampling = undefined;
    });
    const { before, now } = await this.#sampling;
    return { before, now, seconds: (now.at - before.at) / 1000 };
  }

  async #sample(): Promise<{ before: Sample; now: Sample }> {
    const age = this.#before ? this.#clock.now() - this.#before.at : Number.POSITIVE_INFINITY;
    if (!this.#before || age > LONGEST_WINDOW_MS) this.#before = await this.#take();
    const missing = SHORTEST_WINDOW_MS - (this.#clock.now() - this.#before.at);
    if (missing > 0) await sleep(this.#clock, missing);
    const before = this.#before;
    const now = await this.#take();
    this.#before = now;
    return { before, now };
  }

  async #take(): Promise<Sample> {
    return { usage: await this.#runtime.usage(), at: this.#clock.now(), machine: machineUsage() };
  }
}
