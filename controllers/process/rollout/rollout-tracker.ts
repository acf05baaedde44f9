import type { Stored } from "../../../api/object.ts";
import type { Instance, Process, ProcessTemplate } from "../../../api/types.generated.ts";
import type { Clock } from "../../../lib/clock.ts";
import type { History } from "../history/history.ts";
import { revisionOf, templateOf } from "../history/revision.ts";
import { templateOfInstance } from "../replicas/instance-of.ts";
import { type Copy, copyOf } from "../replicas/replica.ts";
import { Elapsed } from "./monotonic-age.ts";
import { Progress } from "./progress.ts";

/** So long a new template waits before what it depends on is believed: a change of that may be on its way. */
const STABILIZATION_MS = 300;

/** What the controller remembers of one Process between two reconciles. All of it can be lost without harm. */
export class RolloutTracker {
  readonly uid: string;
  readonly progress: Progress;
  readonly #readiness: Elapsed;
  readonly #rollouts: Elapsed;
  readonly #templatesSeen: Elapsed;
  #templates = new Map<string, ProcessTemplate>();

  constructor(process: Stored<Process>, clock: Clock) {
    this.uid = process.metadata.uid;
    this.progress = new Progress(clock);
    this.#readiness = new Elapsed(clock);
    this.#rollouts = new Elapsed(clock);
    this.#templatesSeen = new Elapsed(clock);
  }

  copiesFrom(process: Stored<Process>, instances: readonly Copy["instance"][]): Copy[] {
    const minReadySeconds = process.spec.minReadySeconds ?? 0;
    this.#readiness.retain(new Set(instances.map((instance) => instance.metadata.uid)));
    return instances.map((instance) => {
      const readyMs = minReadySeconds > 0 && instance.status?.ready ? this.#readyMs(instance) : 0;
      return copyOf(instance, minReadySeconds, readyMs);
    });
  }

  /** An agent that does not say since when: since it was first seen ready. */
  #readyMs({ metadata, status }: Stored<Instance>): number {
    return this.#readiness.since(metadata.uid, status?.readySince ?? "");
  }

  /** Milliseconds since this revision was first seen to be the wanted one, since the daemon began. */
  wantedForMs(revision: string): number {
    this.#rollouts.retain(new Set([revision]));
    return this.#rollouts.since(revision, "");
  }

  /** Milliseconds until the dependencies of a template that no copy has yet may be judged; 0 for others. */
  stabilizationMs(process: Stored<Process>, copies: readonly Copy[]): number {
    const revision = revisionOf(process);
    this.#templatesSeen.retain(new Set([revision]));
    const seenMs = this.#templatesSeen.since(revision, "");
    if (!process.spec.dependsOn?.length || copies.some((copy) => copy.revision === revision)) return 0;
    return Math.max(0, STABILIZATION_MS - seenMs);
  }

  /** Templates of the revisions that are running, and of the one rolled out last; older ones are the history's. */
  templates(
    process: Stored<Process>,
    copies: readonly Copy[],
    history: Pick<History, "templateOf">,
  ): ReadonlyMap<string, ProcessTemplate> {
    const current = process.status?.currentRevision;
    const remembered =
      current === undefined ? undefined : (this.#templates.get(current) ?? history.templateOf(process, current));
    const templates = new Map(copies.map((copy) => [copy.revision, templateOfInstance(copy.instance)]));
    if (current !== undefined && remembered) templates.set(current, remembered);
    if (!process.spec.paused) templates.set(revisionOf(process), templateOf(process.spec));
    this.#templates = templates;
    return templates;
  }
}
