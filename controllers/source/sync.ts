import type { Client } from "../../api/client.ts";
import type { Stored } from "../../api/object.ts";
import type { Resource } from "../../api/scheme.ts";
import type { Clock } from "../../lib/clock.ts";
import { type Applied, type ApplyOne, applyEach, applyWhole, NOTHING } from "./apply.ts";
import type { BrakeLimits } from "./brake.ts";
import { clientSideApply } from "./client-side.ts";
import { type Declared, type Desired, desiredFrom } from "./desired.ts";
import { fileOf, idOf, isAdopted, isPaused, type Made, takeInventory } from "./inventory.ts";
import { Missing } from "./missing.ts";
import { type Pruning, planPrune } from "./plan-prune.ts";
import { findPrunable } from "./prunable.ts";
import { prune } from "./prune.ts";
import {
  type SourceIdentity,
  type SourceProblem,
  type SourceReader,
  type SourceReading,
  SourceUnreadable,
} from "./reader.ts";
import { release } from "./release.ts";
import type { Finding, Report } from "./report.ts";
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
  /** By id: from what it was last applied without failure, and what it was then. */
  readonly #applied = new Map<string, { signature: string; resourceVersion: string }>();
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
    const { made, others } = await takeInventory(overview, resources, source.label, signal);
    const desired = desiredFrom(reading.files, resources, source, others);
    const pruning = this.#planPrune(reading, desired, made);
    const { failures } = await this.#apply(desired, made, pruning, signal);
    const unpruned = failures.length > 0 && this.#isWhole ? [] : await this.#prune(pruning.prune, signal);
    if (reading.files.length > 0) this.#known = reading.identity;
    const findings = findingsOf({ reading, desired, failures, pruning, unpruned });
    await report.say({ findings, held: heldBy(desired, made), revision: reading.revision }, signal);
    const mayHelp = [...failures, ...(reading.problem ? [reading.problem] : [])];
    const isRetryWorthwhile = unpruned.length > 0 || mayHelp.some(({ worthRetrying }) => worthRetrying);
    return { isRetryWorthwhile, waitMs: pruning.waitMs };
  }

  get #isWhole(): boolean {
    return this.#options.besideInvalid === "Hold";
  }

  async #apply(desired: Desired, made: readonly Made[], pruning: Pruning, signal: AbortSignal): Promise<Applied> {
    const due = this.#due(desired, made);
    const isHeld = this.#isWhole && (desired.problems.length > 0 || pruning.refusal !== undefined);
    const apply = this.#isWhole ? applyWhole : applyEach;
    const result = isHeld ? NOTHING : await apply(this.#applyOne, due, signal);
    this.#remember(desired, due, result);
    return result;
  }

  /** What changed in the source since it was applied, what is not there any more, and, where drift is corrected, what somebody has changed. */
  #due(desired: Desired, made: readonly Made[]): Declared[] {
    const corrects = this.#options.drift === "Correct";
    const there = new Map(made.map(({ id, object }) => [id, object]));
    return Array.from(desired.objects)
      .filter(([id, { signature }]) => {
        const object = there.get(id);
        if (!object || object.metadata.deletionTimestamp) return true;
        if (isPaused(object)) return false;
        const applied = this.#applied.get(id);
        if (applied?.signature !== signature) return true;
        return corrects && applied.resourceVersion !== object.metadata.resourceVersion;
      })
      .map(([, declared]) => declared);
  }

  #remember({ objects }: Desired, due: readonly Declared[], { applied }: Applied): void {
    const idOfDeclared = ({ resource, key }: Declared): string => idOf(resource, key);
    for (const id of this.#applied.keys()) if (!objects.has(id)) this.#applied.delete(id);
    for (const one of due) this.#applied.delete(idOfDeclared(one));
    for (const [one, { metadata }] of applied) {
      const { resourceVersion } = metadata;
      this.#applied.set(idOfDeclared(one), { signature: one.signature, resourceVersion });
    }
  }

  #planPrune(reading: SourceReading, desired: Desired, made: readonly Made[]): Pruning {
    const { source, limits, prunes } = this.#options;
    this.#missing.observe(desired, made, reading.files);
    if (this.#isWhole && desired.problems.length > 0) return { prune: [] };
    const pruning = planPrune({
      source,
      limits,
      desired,
      made,
      isEmpty: reading.files.length === 0,
      isKnown: this.#known === reading.identity,
      isApproved: reading.isPruneApproved,
      isWhole: this.#isWhole,
      missingMs: ({ id }) => this.#missing.sinceMs(id),
    });
    return prunes ? pruning : { ...pruning, prune: [] };
  }

  /** Resolves with a sentence for each Object that stays although it should be deleted. */
  async #prune(superfluous: readonly Made[], signal: AbortSignal): Promise<string[]> {
    const { client, overview, resources, source } = this.#options;
    const found = superfluous.filter(({ object }) => isAdopted(object));
    const own = superfluous.filter(({ object }) => !isAdopted(object));
    const { prunable, problems } = await findPrunable(overview, own, resources, source, signal);
    return [...problems, ...(await prune(client, prunable, signal)), ...(await release(client, found, signal))];
  }
}

interface Results {
  reading: SourceReading;
  desired: Desired;
  failures: Applied["failures"];
  pruning: Pruning;
  unpruned: readonly string[];
}

function findingsOf({ reading, desired, failures, pruning, unpruned }: Results): Finding[] {
  const { problem, remarks } = reading;
  return [
    ...(problem ? [{ reason: problem.reason, message: problem.message }] : []),
    ...[...desired.problems, ...remarks].map((message): Finding => ({ reason: "ManifestInvalid", message })),
    ...failures.map(({ message }): Finding => ({ reason: "ApplyFailed", message })),
    ...(pruning.refusal === undefined ? [] : [{ reason: "PruneRefused", message: pruning.refusal } as const]),
    ...unpruned.map((message): Finding => ({ reason: "PruneFailed", message })),
  ];
}

/** Objects whose file says nothing valid now. */
const heldBy = ({ broken }: Desired, made: readonly Made[]): Stored[] =>
  made.map(({ object }) => object).filter((object) => broken.has(fileOf(object) ?? ""));

function problemOf({ noun, unreadableReason }: SourceIdentity, error: unknown): SourceProblem {
  if (error instanceof SourceUnreadable) return error;
  const message = `the ${noun} cannot be read, so nothing is applied or pruned: ${error instanceof Error ? error.message : String(error)}`;
  return { reason: unreadableReason, message, worthRetrying: true };
}
