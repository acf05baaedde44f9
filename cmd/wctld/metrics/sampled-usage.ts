import type { Stored } from "../../../api/object.ts";
import type { Instance } from "../../../api/types.generated.ts";
import type { InstanceUsage, UsageSource } from "../../../apiserver/views/instance-metrics.ts";
import { type Clock, sleep } from "../../../lib/clock.ts";
import type { Runtime, Usage } from "../../../runtime/runtime.ts";

interface Sample {
  at: number;
  usage: Map<string, Usage>;
}

/** Processor use needs two samples: the one before is used when it is this old, else one is waited for. */
const SHORTEST_WINDOW_MS = 500;
const LONGEST_WINDOW_MS = 60_000;

/** What `wctl top` shows. It samples only while somebody asks. */
export class SampledUsage implements UsageSource {
  readonly #runtime: Runtime;
  readonly #clock: Clock;
  #before: Sample | undefined;
  /** Callers at the same time share one sample. */
  #sampling: Promise<{ before: Sample; now: Sample }> | undefined;

  constructor(runtime: Runtime, clock: Clock) {
    this.#runtime = runtime;
    this.#clock = clock;
  }

  async of(instances: readonly Stored<Instance>[]): Promise<InstanceUsage[]> {
    this.#sampling ??= this.#sample().finally(() => {
      this.#sampling = undefined;
    });
    const { before, now } = await this.#sampling;
    const seconds = (now.at - before.at) / 1000;
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
    return { usage: await this.#runtime.usage(), at: this.#clock.now() };
  }
}
