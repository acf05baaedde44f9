import type { ProbeKind, ProbeResult } from "../../../runtime/probes/prober.ts";
import { type Family, labels, type Sample } from "./exposition.ts";
import { Histogram } from "./histogram.ts";

/** Of one probe of one Instance, over all its runs. */
export interface ProbeCount {
  success: number;
  failure: number;
  /** It could not ask. */
  error: number;
  /** What all answers took together. */
  seconds: number;
}

/** Below so many Instances nobody looks for those that are gone. */
const FEW = 64;

/**
 * What probes answered, and how long it took. Kubelet's `prober_probe_total` and `prober_probe_duration_seconds`; a histogram for each Instance would
 * be dozens of series, so there is one for all, and of each Instance the sum.
 */
export class ProbeCounts {
  readonly #byUid = new Map<string, Map<ProbeKind, ProbeCount>>();
  readonly #durations = new Map<ProbeKind, Histogram>();
  readonly #isKnown: (uid: string) => boolean;
  #lookAt = FEW;

  /** `isKnown`: the Instance is there. What was counted of others is forgotten in time: at most as much is kept as of those that are there. */
  constructor(isKnown: (uid: string) => boolean) {
    this.#isKnown = isKnown;
  }

  count(uid: string, kind: ProbeKind, { outcome, errored }: ProbeResult, seconds: number): void {
    const count = this.#of(uid, kind);
    count[errored ? "error" : outcome] += 1;
    count.seconds += seconds;
    const durations = this.#durations.get(kind) ?? new Histogram();
    this.#durations.set(kind, durations);
    durations.observe(seconds);
  }

  get(uid: string): ReadonlyMap<ProbeKind, Readonly<ProbeCount>> | undefined {
    return this.#byUid.get(uid);
  }

  durations(): Family {
    const samples = [...this.#durations].flatMap(([probe, histogram]): Sample[] =>
      histogram.samples(labels({ probe })),
    );
    return {
      name: "wctl_probe_duration_seconds",
      type: "histogram",
      help: "Time that probes took to answer, over all instances.",
      samples,
    };
  }

  #of(uid: string, kind: ProbeKind): ProbeCount {
    const kinds = this.#byUid.get(uid) ?? new Map<ProbeKind, ProbeCount>();
    if (kinds.size === 0) this.#add(uid, kinds);
    const count = kinds.get(kind) ?? { success: 0, failure: 0, error: 0, seconds: 0 };
    kinds.set(kind, count);
    return count;
  }

  #add(uid: string, kinds: Map<ProbeKind, ProbeCount>): void {
    if (this.#byUid.size >= this.#lookAt) {
      for (const known of this.#byUid.keys()) if (!this.#isKnown(known)) this.#byUid.delete(known);
      this.#lookAt = Math.max(FEW, this.#byUid.size * 2);
    }
    this.#byUid.set(uid, kinds);
  }
}
