import type { Client } from "../../api/client.ts";
import type { Stored } from "../../api/object.ts";
import type { Resource } from "../../api/scheme.ts";
import type { Clock } from "../../lib/clock.ts";
import { type Applied, applyEach, applyWhole } from "./apply.ts";
import type { BrakeLimits } from "./brake.ts";
import { type Declared, type Desired, desiredFrom } from "./desired.ts";
import { fileOf, idOf, type Made, takeInventory } from "./inventory.ts";
import { Missing } from "./missing.ts";
import { type Pruning, planPrune } from "./plan-prune.ts";
import { findPrunable } from "./prunable.ts";
import { prune } from "./prune.ts";
import type { SourceIdentity, SourceReader, SourceReading } from "./reader.ts";
import type { Finding, Report } from "./report.ts";

export interface SyncOptions {
  client: Client;
  clock: Clock;
  source: SourceIdentity;
  reader: SourceReader;
  report: Report;
  /** Kinds that the source may declare. */
  resources: readonly Resource[];
  limits: BrakeLimits;
  /** What becomes of the valid manifests beside an invalid one: they are applied, or nothing is until all are valid. */
  besideInvalid: "Apply" | "Hold";
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
  /** Signature of the file from which an Object was last applied without failure. */
  readonly #applied = new Map<string, string>();
  /** Identity of the source when it was last seen with manifests. */
  #known: string | undefined;

  constructor(options: SyncOptions) {
    this.#options = options;
    this.#missing = new Missing(options.clock);
  }

  async run(signal: AbortSignal): Promise<Synced> {
    const { client, resources, source, reader, report } = this.#options;
    const reading = await reader.read(signal).catch((error: unknown) => describeUnreadable(source, error));
    signal.throwIfAborted(); // A source that was not read to its end must not decide anything.
    if (typeof reading === "string") {
      await report.say({ findings: [{ reason: source.unreadableReason, message: reading }], held: [] }, signal);
      return { isRetryWorthwhile: true };
    }
    const { made, others } = await takeInventory(client, resources, source.label, signal);
    const desired = desiredFrom(reading.files, resources, source, others);
    const { failures } = await this.#apply(desired, made, signal);
    const pruning = this.#planPrune(reading, desired, made, failures.length > 0);
    const unpruned = await this.#prune(pruning.prune, signal);
    if (reading.files.length > 0) this.#known = reading.identity;
    const findings = findingsOf({ remarks: reading.remarks, desired, failures, pruning, unpruned });
    await report.say({ findings, held: heldBy(desired, made), revision: reading.revision }, signal);
    const isRetryWorthwhile = unpruned.length > 0 || failures.some(({ worthRetrying }) => worthRetrying);
    return { isRetryWorthwhile, waitMs: pruning.waitMs };
  }

  async #apply(desired: Desired, made: readonly Made[], signal: AbortSignal): Promise<Applied> {
    const { client, source, besideInvalid } = this.#options;
    const due = this.#due(desired, made);
    const writer = { fieldManager: source.fieldManager };
    const isHeld = besideInvalid === "Hold" && desired.problems.length > 0;
    const apply = besideInvalid === "Hold" ? applyWhole : applyEach;
    const result = isHeld ? NOTHING : await apply(client, due, writer, signal);
    this.#remember(desired, due, result);
    return result;
  }

  /** What changed in the source since it was applied, and what is not there any more. */
  #due(desired: Desired, made: readonly Made[]): Declared[] {
    const there = new Map(made.map(({ id, object }) => [id, object]));
    return Array.from(desired.objects)
      .filter(([id, { signature }]) => {
        const object = there.get(id);
        return !object || object.metadata.deletionTimestamp || this.#applied.get(id) !== signature;
      })
      .map(([, declared]) => declared);
  }

  #remember({ objects }: Desired, due: readonly Declared[], { applied }: Applied): void {
    const idOfDeclared = ({ resource, key }: Declared): string => idOf(resource, key);
    for (const id of this.#applied.keys()) if (!objects.has(id)) this.#applied.delete(id);
    for (const one of due) this.#applied.delete(idOfDeclared(one));
    for (const one of applied) this.#applied.set(idOfDeclared(one), one.signature);
  }

  #planPrune(reading: SourceReading, desired: Desired, made: readonly Made[], hasFailed: boolean): Pruning {
    const { source, limits, besideInvalid } = this.#options;
    this.#missing.observe(desired, made, reading.files);
    if (besideInvalid === "Hold" && (hasFailed || desired.problems.length > 0)) return { prune: [] };
    return planPrune({
      source,
      limits,
      desired,
      made,
      isEmpty: reading.files.length === 0,
      isKnown: this.#known === reading.identity,
      isApproved: reading.isPruneApproved,
      missingMs: ({ id }) => this.#missing.sinceMs(id),
    });
  }

  /** Resolves with a sentence for each Object that stays although it should be deleted. */
  async #prune(superfluous: readonly Made[], signal: AbortSignal): Promise<string[]> {
    const { client, resources, source } = this.#options;
    const { prunable, problems } = await findPrunable(client, superfluous, resources, source, signal);
    return [...problems, ...(await prune(client, prunable, signal))];
  }
}

const NOTHING: Applied = { applied: [], failures: [] };

interface Results {
  remarks: readonly string[];
  desired: Desired;
  failures: Applied["failures"];
  pruning: Pruning;
  unpruned: readonly string[];
}

function findingsOf({ remarks, desired, failures, pruning, unpruned }: Results): Finding[] {
  return [
    ...[...desired.problems, ...remarks].map((message): Finding => ({ reason: "ManifestInvalid", message })),
    ...failures.map(({ message }): Finding => ({ reason: "ApplyFailed", message })),
    ...(pruning.refusal === undefined ? [] : [{ reason: "PruneRefused", message: pruning.refusal } as const]),
    ...unpruned.map((message): Finding => ({ reason: "PruneFailed", message })),
  ];
}

/** Objects whose file says nothing valid now. */
const heldBy = ({ broken }: Desired, made: readonly Made[]): Stored[] =>
  made.map(({ object }) => object).filter((object) => broken.has(fileOf(object) ?? ""));

const describeUnreadable = ({ noun }: SourceIdentity, error: unknown): string =>
  `the ${noun} cannot be read, so nothing is applied or pruned: ${error instanceof Error ? error.message : String(error)}`;
