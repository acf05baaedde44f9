import { fileOf, isAdopted } from "../../api/apply/source-marks.ts";
import type { Client } from "../../api/client.ts";
import type { SourceChange, SourceFinding } from "../../api/git/source-diff.ts";
import { keyOf, splitKey } from "../../api/object.ts";
import type { Resource } from "../../api/scheme.ts";
import { AppliedBefore } from "./applied-before.ts";
import type { BrakeLimits } from "./brake.ts";
import { type Desired, desiredFrom } from "./desired.ts";
import { dryRun } from "./dry-run.ts";
import { findingsOf } from "./findings.ts";
import { type Made, takeInventory } from "./inventory.ts";
import { type Pruning, planPrune, STABILIZATION_MS } from "./plan-prune.ts";
import { findPrunable } from "./prunable.ts";
import type { SourceIdentity, SourceReading } from "./reader.ts";

export interface DrySyncOptions {
  /** In whose name the source writes. */
  client: Client;
  /** Sees what all sources have made, in every namespace. */
  overview: Client;
  source: SourceIdentity;
  /** Kinds that the source may declare. */
  resources: readonly Resource[];
  limits: BrakeLimits;
  /** Whether anything is pruned at all. */
  prunes: boolean;
  /** It was seen with manifests in it before. */
  isKnown: boolean;
}

/**
 * What the next sync of a source would change that is applied whole and has its drift corrected; nothing is written, told or remembered. Where something is invalid,
 * nothing would be: then only the findings say something. What the brake would hold is told with it.
 */
export async function drySync(
  reading: SourceReading,
  options: DrySyncOptions,
  signal: AbortSignal,
): Promise<{ changes: SourceChange[]; findings: SourceFinding[] }> {
  const { client, overview, resources, source } = options;
  const { made, others } = await takeInventory(overview, resources, source.label, signal);
  const desired = desiredFrom(reading.files, resources, source, others);
  if (desired.problems.length > 0) {
    return {
      changes: [],
      findings: findingsOf({ reading, desired, failures: [], pruning: { prune: [] }, unpruned: [] }),
    };
  }
  const { fieldManager } = source;
  const due = new AppliedBefore().due(desired, made, "Correct");
  const { changes, failures } = await dryRun(due, { client, fieldManager }, signal);
  const pruning = planPruning(reading, desired, made, options);
  const { pruned, unpruned } = await prunedBy(pruning, options, signal);
  const findings = findingsOf({ reading, desired, failures, pruning, unpruned });
  return { changes: failures.length > 0 ? [] : [...changes, ...pruned], findings };
}

/** All that would go if it were approved, and why it must be. */
function planPruning(
  { files, isPruneApproved }: SourceReading,
  desired: Desired,
  made: readonly Made[],
  { source, limits, prunes, isKnown }: DrySyncOptions,
): Pruning {
  const situation = {
    source,
    limits,
    desired,
    made,
    isEmpty: files.length === 0,
    isKnown,
    isWhole: true,
    prunes,
    missingMs: () => STABILIZATION_MS,
  };
  const { refusal } = planPrune({ ...situation, isApproved: isPruneApproved });
  const { prune } = planPrune({ ...situation, isApproved: true });
  return { prune, ...(refusal === undefined ? {} : { refusal }) };
}

/** What was there before the source is let go. */
async function prunedBy(
  { prune }: Pruning,
  { overview, resources }: DrySyncOptions,
  signal: AbortSignal,
): Promise<{ pruned: SourceChange[]; unpruned: string[] }> {
  const going = prune.filter(({ object }) => !object.metadata.deletionTimestamp);
  const own = going.filter(({ object }) => !isAdopted(object));
  const { prunable, problems } = await findPrunable(overview, own, resources, signal);
  const released = going.filter(({ object }) => isAdopted(object));
  const change = (action: "Prune" | "Release", { resource, object }: Made): SourceChange => {
    const { namespace, name } = splitKey(keyOf(object));
    return { action, resource, namespace, name, file: fileOf(object) ?? "", before: object };
  };
  const pruned = [...prunable.map((one) => change("Prune", one)), ...released.map((one) => change("Release", one))];
  return { pruned, unpruned: problems };
}
