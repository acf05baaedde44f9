import type { Client } from "../../api/client.ts";
import { findCondition } from "../../api/conditions.ts";
import { isCrashLooping } from "../../api/health/crash-loop.ts";
import { type Key, keyOf, type Stored } from "../../api/object.ts";
import { processes as processResource } from "../../api/scheme.ts";
import type { ContentStatus, Instance, Process } from "../../api/types.generated.ts";
import type { Clock } from "../../lib/clock.ts";
import type { RunningTime } from "../../lib/running-time.ts";
import { sameJson } from "../../lib/same-json.ts";
import { settleAll } from "../../lib/settle-all.ts";
import type { EventRecorder } from "../../machinery/event-recorder.ts";
import { HeldStatuses } from "../../machinery/held-statuses.ts";
import { MutationCache } from "../../machinery/mutation-cache.ts";
import { done, type Outcome, requeueAfter } from "../../machinery/outcome.ts";
import type { Reconciler, Request } from "../../machinery/reconciler.ts";
import { undefinedWhenGone } from "./adopt.ts";
import { type ContentSources, contentNow } from "./content/content-now.ts";
import type { ContentKeeper } from "./content/keeper.ts";
import { keptContents } from "./content/kept-content.ts";
import type { KeptCopies } from "./content/kept-copies.ts";
import type { Digests } from "./content/present.ts";
import { judge, type Neighbours, type Verdict } from "./dependencies/dependencies.ts";
import type { History } from "./history/history.ts";
import { editionOf } from "./history/record.ts";
import { revisionOf } from "./history/revision.ts";
import type { ProcessInformers } from "./keys.ts";
import { type Performed, perform } from "./perform.ts";
import { plan } from "./plan.ts";
import { InstanceClaims } from "./replicas/claims.ts";
import { progressOf } from "./rollout/progress.ts";
import { goalOf, stableRevisionOf } from "./rollout/rollback.ts";
import { RolloutTracker } from "./rollout/rollout-tracker.ts";
import type { Plan, Situation } from "./situation.ts";
import { interimMs } from "./status/interim.ts";
import { reportStatus, reportSteps } from "./status/report.ts";
import { statusOf } from "./status/status.ts";

export interface ProcessReconcilerOptions extends ProcessInformers {
  client: Client;
  recorder: EventRecorder;
  clock: Clock;
  runningTime: Pick<RunningTime, "now">;
  /** What the content of ConfigMaps and Secrets is now, without the content. */
  content: ContentSources;
  keeper: ContentKeeper;
  copies: KeptCopies;
  history: History;
  /** The agent that new Instances are given to. */
  nodeName: string;
}

/** The cache catches up by an event; this is for an event that was lost. */
const CATCH_UP_MS = 1_000;
/** A step that the API refused is tried again after this. */
const REFUSED_MS = 10_000;
/** A new template is recorded this long after it is wanted, so that a thousand Processes that start at once do not wait for their history. */
const RECORD_AFTER_MS = 5_000;

/** Keeps as many Instances as a Process declares, each of the declared template. */
export class ProcessReconciler implements Reconciler {
  readonly #options: ProcessReconcilerOptions;
  readonly #writtenProcesses: MutationCache<Process>;
  readonly #heldStatuses: HeldStatuses<Process>;
  readonly #claims: InstanceClaims;
  readonly #trackers = new Map<Key, RolloutTracker>();

  constructor(options: ProcessReconcilerOptions) {
    this.#options = options;
    this.#writtenProcesses = new MutationCache(options.processes, options.clock);
    this.#heldStatuses = new HeldStatuses(options.clock);
    this.#claims = new InstanceClaims(options);
  }

  /** One of its copies is. */
  isCrashLooping(key: Key): boolean {
    const process = this.#options.processes.lister.get(key);
    const copies = process ? this.#neighbours.instances(process) : [];
    return copies.some(({ status }) => isCrashLooping(status?.backoff));
  }

  async reconcile({ key }: Request, signal: AbortSignal): Promise<Outcome> {
    const stored = this.#options.processes.lister.get(key) && this.#writtenProcesses.get(key);
    if (!stored) {
      this.#trackers.delete(key);
      this.#heldStatuses.release(key);
      this.#options.keeper.forget(key);
      return done;
    }
    const seen = this.#heldStatuses.over(stored);
    const tracker = this.#trackerOf(key, seen);
    const { content, counted, waitMs: settlesInMs } = contentNow(seen, this.#options.content, tracker.settling);
    const process = withContent(seen, await this.#keep(seen, content, counted));
    const claimed = this.#claims.of(process);
    if (claimed.orphans.length > 0 && (await this.#claims.adopt(process, claimed.orphans)))
      return requeueAfter(CATCH_UP_MS);
    const replicas = tracker.replicasFrom(process, claimed.owned);
    const stabilizationMs = tracker.stabilizationMs(process, replicas);
    const templates = tracker.templates(process, replicas, this.#options.history);
    const situation: Situation = {
      process,
      replicas,
      strangers: claimed.strangers,
      dependencies:
        stabilizationMs > 0 ? stabilizing(judge(process, this.#neighbours)) : judge(process, this.#neighbours),
      templates,
      kept: keptContents(process, templates, this.#options),
    };
    const planned = plan(situation);
    // As it was seen: what content takes the place of is known there alone, until it is taken in.
    const { written, isHandedOver } = this.#options.history.recordOutgoing(seen, templates, planned.revision);
    if (!isHandedOver) await written;
    const [refusals, performed] = await settleAll([written, this.#act(seen, process, planned, signal)]);
    this.#tell(process, refusals);
    for (const instance of writtenBy(performed)) this.#claims.remember(instance);
    const after = tracker.replicasFrom(process, afterwards(claimed.owned, performed));
    // The status tells what comes next; what was just done is told by Events.
    const next = planned.steps.length === 0 ? planned : plan({ ...situation, replicas: after });
    const outcome = await this.#conclude(stored, { ...situation, replicas: after }, next, performed);
    const waitMs = await this.#keepHistory({ ...situation, replicas: after }, next, tracker);
    if (outcome.kind === "stalled") return outcome;
    return [waitMs, settlesInMs, stabilizationMs > 0 ? stabilizationMs : undefined].reduce(soonest, outcome);
  }

  /** Content is kept before anything is replaced for it, so that it can be undone. */
  async #keep(process: Stored<Process>, content: ContentStatus | undefined, counted: Digests) {
    const { kept, refusals } = await this.#options.keeper.keep(process, content, counted);
    for (const refusal of refusals) this.#options.recorder.event(process, "Warning", "ContentNotKept", refusal);
    if (!content) return undefined;
    const { kept: _, ...others } = content;
    return Object.keys(kept).length === 0 ? others : { ...others, kept };
  }

  async #act(
    seen: Stored<Process>,
    process: Stored<Process>,
    { steps }: Plan,
    signal: AbortSignal,
  ): Promise<Performed> {
    if (seen.status?.content !== undefined && revisionOf(process) !== revisionOf(seen)) await this.#takeIn(process);
    return await perform(this.#options.client, process, steps, { ...this.#options, signal });
  }

  /** A revision that comes from content is written down before anything is replaced: a daemon that dies meanwhile goes on with it. */
  async #takeIn(process: Stored<Process>): Promise<void> {
    await this.#writeStatus(process);
    const { changed } = process.status?.content ?? {};
    if (changed === undefined) return;
    this.#options.recorder.event(process, "Normal", "ContentChanged", `${changed} changed; the copies are replaced`);
  }

  /** Records the revision that is rolled out and removes those that are too old. Resolves with when to look again, if something is left to do. */
  async #keepHistory({ process, templates, replicas }: Situation, { revision }: Plan, tracker: RolloutTracker) {
    const template = revision === undefined ? undefined : templates.get(revision);
    if (process.metadata.deletionTimestamp || revision === undefined || !template) return undefined;
    const edition = editionOf(process, revision, template);
    if (!this.#options.history.isNewest(process, edition)) {
      const waitMs = RECORD_AFTER_MS - tracker.wantedForMs(revision);
      if (waitMs > 0) return waitMs;
      const refusals = await this.#options.history.record(process, [edition]);
      if (refusals.length > 0) {
        this.#tell(process, refusals);
        return REFUSED_MS;
      }
    }
    const goal = process.spec.rollback === "OnDeadline" ? stableRevisionOf(process, revision) : undefined;
    // That of the spec too, which does not run after a rollback: it would be recorded again at once.
    const used = [revision, goal ?? revision, revisionOf(process), ...replicas.map((replica) => replica.revision)];
    await this.#options.history.prune(process, used);
    return undefined;
  }

  #tell(process: Stored<Process>, refusals: readonly string[]): void {
    for (const refusal of refusals) this.#options.recorder.event(process, "Warning", "RevisionNotKept", refusal);
  }

  #trackerOf(key: Key, process: Stored<Process>): RolloutTracker {
    const known = this.#trackers.get(key);
    if (known?.uid === process.metadata.uid) return known;
    const tracker = new RolloutTracker(process, this.#options.clock);
    this.#trackers.set(key, tracker);
    return tracker;
  }

  readonly #neighbours: Neighbours = {
    process: (key) => this.#options.processes.lister.get(key),
    instances: (process) => this.#options.instances.lister.by("owner", process.metadata.uid),
    cycleThrough: (key) => this.#options.graph.cycleThrough(key),
  };

  async #conclude(
    stored: Stored<Process>,
    situation: Situation,
    planned: Plan,
    performed: Performed,
  ): Promise<Outcome> {
    const { process, replicas } = situation;
    const goal = goalOf(process, situation);
    const progress = progressOf(process, planned.revision, replicas, this.#options.runningTime.now());
    const status = statusOf({
      process,
      replicas,
      plan: planned,
      progress,
      rollbackGoal: progress.isProven ? undefined : goal.revision,
      rollbackRefusal: progress.isProven ? undefined : goal.refusal,
      ...(performed.refusal === undefined ? {} : { refusal: performed.refusal }),
      now: this.#options.clock.wall(),
    });
    reportSteps(this.#options.recorder, process, status, performed);
    reportStatus(this.#options.recorder, process, status);
    const report = { plan: planned, replicas, before: process.status, status, refusal: performed.refusal };
    const heldMs = await this.#tellStatus(stored, { ...process, status }, interimMs(report));
    return soonest(this.#outcome(planned, performed, progress.leftMs, status), heldMs);
  }

  /** Writes it unless that may wait. Resolves with the milliseconds for which it waits. */
  async #tellStatus(stored: Stored<Process>, process: Stored<Process>, mayWaitMs: number): Promise<number | undefined> {
    const isNews = !sameJson(stored.status, process.status);
    const leftMs = isNews && mayWaitMs > 0 ? this.#heldStatuses.hold(process, process.status, mayWaitMs) : 0;
    if (leftMs > 0) return leftMs;
    if (isNews) await this.#writeStatus(process);
    else this.#heldStatuses.release(keyOf(process));
    return undefined;
  }

  /** Without a resourceVersion, because nobody else writes this status, and it says which generation it is about. */
  async #writeStatus(process: Stored<Process>): Promise<void> {
    const { resourceVersion: _, ...metadata } = process.metadata;
    const written = await this.#options.client
      .updateStatus(processResource, { ...process, metadata })
      .catch(undefinedWhenGone);
    if (written) this.#writtenProcesses.remember(written);
    this.#heldStatuses.release(keyOf(process));
  }

  #outcome(planned: Plan, performed: Performed, deadlineLeftMs: number, status: Process["status"]): Outcome {
    if (planned.rule === "DependencyCycle") return { kind: "stalled", reason: planned.rule, message: planned.message };
    const times: number[] = [];
    if (performed.outdated) times.push(CATCH_UP_MS);
    if (performed.refusal !== undefined) times.push(REFUSED_MS);
    if (planned.wakeMs !== undefined) times.push(planned.wakeMs);
    const progress = findCondition(status?.conditions, "Progressing");
    if (progress?.reason === "RollingBack" && planned.revision !== status?.rollback?.to) times.push(0);
    const inProgress = progress?.reason === "RolloutInProgress" || progress?.reason === "RollingBack";
    if (inProgress && deadlineLeftMs > 0) times.push(deadlineLeftMs);
    return times.length === 0 ? done : requeueAfter(Math.min(...times));
  }
}

function withContent(process: Stored<Process>, content: ContentStatus | undefined): Stored<Process> {
  const { content: before, ...status } = process.status ?? {};
  return sameJson(before, content) ? process : { ...process, status: { ...status, ...(content && { content }) } };
}

/** The Instances as they are after the steps. */
function afterwards(before: readonly Stored<Instance>[], performed: Performed): Stored<Instance>[] {
  const byKey = new Map(before.map((instance) => [keyOf(instance), instance]));
  for (const instance of performed.gone) byKey.delete(keyOf(instance));
  for (const instance of writtenBy(performed)) byKey.set(keyOf(instance), instance);
  return [...byKey.values()];
}

const writtenBy = ({
  created,
  relabelled,
  reconfigured,
  deleted,
  shortened,
  resuspended,
}: Performed): Stored<Instance>[] => [
  ...created,
  ...relabelled,
  ...reconfigured,
  ...deleted,
  ...shortened,
  ...resuspended,
];

/** One apply may change a Process first and then what it depends on. So for a moment its old dependencies do not count as met. */
const stabilizing = (verdict: Verdict): Verdict =>
  verdict.ok
    ? { ok: false, rule: "WaitingForDependency", message: "checking whether its dependencies change too" }
    : verdict;

const soonest = (outcome: Outcome, waitMs: number | undefined): Outcome => {
  if (waitMs === undefined) return outcome;
  return requeueAfter(outcome.kind === "again" ? Math.min(outcome.afterMs, waitMs) : waitMs);
};
