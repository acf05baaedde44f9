import { fileOf, isAdopted } from "../../api/apply/source-marks.ts";
import type { Client } from "../../api/client.ts";
import type { Stored } from "../../api/object.ts";
import type { Resource } from "../../api/scheme.ts";
import type { Clock } from "../../lib/clock.ts";
import { AppliedBefore } from "./applied-before.ts";
import { type Applied, type ApplyOne, applyEach, applyWhole, NOTHING } from "./apply.ts";
import type { BrakeLimits } from "./brake.ts";
import { clientSideApply } from "./client-side.ts";
import { type Desired, desiredFrom } from "./desired.ts";
import { findingsOf, problemOf } from "./findings.ts";
import { type AppliedObject, type Inventory, type Made, takeInventory } from "./inventory.ts";
import { Missing } from "./missing.ts";
import { type Pruning, planPrune, STABILIZATION_MS } from "./plan-prune.ts";
import { findPrunable } from "./prunable.ts";
import { prune } from "./prune.ts";
import type { SourceIdentity, SourceReader, SourceReading } from "./reader.ts";
import { release } from "./release.ts";
import type { Report } from "./report.ts";
import { serverSideApply } from "./server-side.ts";

export interface SyncOptions {
  /** In whose name the source writes. */
  client: Client;
  /** Sees what all sources have made, in every namespace. */
  overview: Client;
  clock: Clock;
  source: SourceIdentity;
  reader: SourceReader;
  report: Report;
  /** Kinds that the source may declare. */
  resources: readonly Resource[];
  limits: BrakeLimits;
  /** What becomes of the valid manifests beside an invalid one: they are applied, or nothing is until all are valid. */
  besideInvalid: "Apply" | "Hold";
  /** Whether anything is pruned at all. */
  prunes: boolean;
  /** What becomes of a change by somebody else: it stays until its file changes, or goes with the next sync. */
  drift: "Keep" | "Correct";
}

export interface Synced {
  /** Another try may help although the source did not change. */
  isRetryWorthwhile: boolean;
  /** Something is waited for: look again after this long, at the latest. */
  waitMs?: number | undefined;
}

/**
 * One comparison of a source with the API: desired -> apply -> prune (or the brake) -> report. What is remembered between two of them only saves
 * work.
 */
export class Sync {
  readonly #options: SyncOptions;
  readonly #missing: Missing;
  readonly #before = new AppliedBefore();
  readonly #applyOne: ApplyOne;
  /** Identity of the source when it was last seen with manifests. */
  #known: string | undefined;

  constructor(options: SyncOptions) {
    this.#options = options;
    this.#missing = new Missing(options.clock);
    const { client, drift, source } = options;
    this.#applyOne = (drift === "Keep" ? clientSideApply : serverSideApply)(client, source.fieldManager);
  }

  async run(signal: AbortSignal): Promise<Synced> {
    const { overview, resources, source, reader, report } = this.#options;
    const reading = await reader.read(signal).catch((error: unknown) => problemOf(source, error));
    signal.throwIfAborted(); // A source that was not read to its end must not decide anything.
    if ("message" in reading) {
      await report.say({ findings: [reading], held: [] }, signal);
      return { isRetryWorthwhile: reading.worthRetrying };
    }
    const inventory = await takeInventory(overview, resources, source.label, signal);
    const { made } = inventory;
    const desired = desiredFrom(reading.files, resources, source, inventory.others);
    const pruning = this.#planPrune(reading, desired, made);
    const { failures, applied } = await this.#apply(desired, made, pruning, signal);
    const isHeld = this.#isHeld(desired, pruning) || (this.#isWhole && failures.length > 0);
    const kept = isHeld && applied.size === 0 ? await this.#keepLastGood(inventory, signal) : [];
    const unpruned = isHeld ? [] : await this.#prune(pruning.prune, signal);
    if (reading.files.length > 0) this.#known = reading.identity;
    const findings = findingsOf({ reading, desired, failures: [...failures, ...kept], pruning, unpruned });
    await report.say({ findings, held: heldBy(desired, made), revision: reading.revision }, signal);
    const mayHelp = [...failures, ...kept, ...(reading.problem ? [reading.problem] : [])];
    const isRetryWorthwhile = unpruned.length > 0 || mayHelp.some(({ worthRetrying }) => worthRetrying);
    return { isRetryWorthwhile, waitMs: pruning.waitMs };
  }

  /** What is applied, by id. */
  get applied(): ReadonlyMap<string, AppliedObject> {
    return this.#before.objects;
  }

  /** Was it seen with manifests in it? */
  isKnown(identity: string): boolean {
    return this.#known === identity;
  }

  get #isWhole(): boolean {
    return this.#options.besideInvalid === "Hold";
  }

  /** Nothing of it may be applied. */
  #isHeld(desired: Desired, pruning: Pruning): boolean {
    return this.#isWhole && (desired.problems.length > 0 || pruning.refusal !== undefined);
  }

  async #apply(desired: Desired, made: readonly Made[], pruning: Pruning, signal: AbortSignal): Promise<Applied> {
    if (this.#isHeld(desired, pruning)) return NOTHING;
    const due = this.#before.due(desired, made, this.#options.drift);
    const result = await (this.#isWhole ? applyWhole : applyEach)(this.#applyOne, due, signal);
    const isUntouched = this.#isWhole && result.failures.length > 0 && result.applied.size === 0;
    if (!isUntouched) this.#before.remember(desired, due, result.applied);
    return result;
  }

  /**
   * While nothing of the newest state may be applied, the one that was applied last stays what is wanted: what somebody has changed or deleted of it comes
   * back. It is not pruned by it, and where it does not read as it did then (a variable is gone), it is left as it is.
   */
  async #keepLastGood({ made, others }: Inventory, signal: AbortSignal): Promise<Applied["failures"]> {
    const { reader, resources, source, drift, limits } = this.#options;
    const reading = await reader.lastGood?.(signal);
    if (!reading) return [];
    const desired = desiredFrom(reading.files, resources, source, others);
    const situation = { source, limits, desired, made, isWhole: true, prunes: true, missingMs: () => STABILIZATION_MS };
    const { refusal } = planPrune({ ...situation, isEmpty: false, isKnown: true, isApproved: false });
    if (desired.problems.length > 0 || refusal !== undefined) return [];
    const due = this.#before.due(desired, made, drift);
    const { applied, failures } = await applyWhole(this.#applyOne, due, signal);
    this.#before.remember(desired, due, applied);
    return failures.map((failure) => ({ ...failure, message: `of what was applied last: ${failure.message}` }));
  }

  #planPrune(reading: SourceReading, desired: Desired, made: readonly Made[]): Pruning {
    const { source, limits, prunes } = this.#options;
    this.#missing.observe(desired, made, reading.files);
    if (this.#isWhole && desired.problems.length > 0) return { prune: [] };
    return planPrune({
      source,
      limits,
      desired,
      made,
      isEmpty: reading.files.length === 0,
      isKnown: this.isKnown(reading.identity),
      isApproved: reading.isPruneApproved,
      isWhole: this.#isWhole,
      prunes,
      missingMs: ({ id }) => this.#missing.sinceMs(id),
    });
  }

  /** Resolves with a sentence for each Object that stays although it should be deleted. */
  async #prune(superfluous: readonly Made[], signal: AbortSignal): Promise<string[]> {
    const { client, overview, resources } = this.#options;
    const found = superfluous.filter(({ object }) => isAdopted(object));
    const own = superfluous.filter(({ object }) => !isAdopted(object));
    const { prunable, problems } = await findPrunable(overview, own, resources, signal);
    return [...problems, ...(await prune(client, prunable, signal)), ...(await release(client, found, signal))];
  }
}

/** Objects whose file says nothing valid now. */
const heldBy = ({ broken }: Desired, made: readonly Made[]): Stored[] =>
  made.map(({ object }) => object).filter((object) => broken.has(fileOf(object) ?? ""));
