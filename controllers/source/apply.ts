import { dependenciesFirst } from "../../api/apply/dependencies-first.ts";
import { WAVES, waveOf } from "../../api/apply/waves.ts";
import { isNotFound, StatusError } from "../../api/errors.ts";
import { explainServerErrors } from "../../api/manifests/server-errors.ts";
import type { Stored } from "../../api/object.ts";
import { type Declared, placeOf } from "./desired.ts";
import { inParallel } from "./in-parallel.ts";

/** Why an Object could not be applied. */
export interface Failure {
  declared: Declared;
  message: string;
  /** Another try may help, without a change of the file. */
  worthRetrying: boolean;
  /** It, or the Namespace it belongs to, is not there. */
  isAbsent: boolean;
}

export interface Applied {
  /** Each as it is now. */
  applied: ReadonlyMap<Declared, Stored>;
  failures: readonly Failure[];
}

/** Makes one Object what is declared of it, or only asks whether it would be. Rejects as the API does. */
export type ApplyOne = (declared: Declared, dryRun: boolean) => Promise<Stored>;

/** In the order of the waves, a Process after those it depends on. What fails keeps nothing else from being applied. */
export async function applyEach(apply: ApplyOne, declared: readonly Declared[], signal: AbortSignal): Promise<Applied> {
  const attempts: Applied[] = [];
  for (const wave of WAVES) {
    const due = dependenciesFirst(declared.filter(({ resource }) => waveOf(resource) === wave));
    attempts.push(await attempt(apply, due, false, signal));
  }
  return together(...attempts);
}

/**
 * All of them, or none when the API refuses any. The API is asked for each first (a dry run). It cannot judge what belongs to a Namespace that
 * is still to be made: that is asked for again when the Namespace is there, so an empty Namespace is the most that a refused revision leaves.
 */
export async function applyWhole(
  apply: ApplyOne,
  declared: readonly Declared[],
  signal: AbortSignal,
): Promise<Applied> {
  const first = (await attempt(apply, declared, true, signal)).failures;
  const refused = first.filter(({ isAbsent }) => !isAbsent);
  if (refused.length > 0) return { ...NOTHING, failures: refused };
  const isNamespace = ({ resource }: Declared): boolean => waveOf(resource) === 0;
  const homes = await applyEach(apply, declared.filter(isNamespace), signal);
  if (homes.failures.length > 0) return homes;
  const unjudged = first.map((failure) => failure.declared);
  const second = await attempt(apply, unjudged, true, signal);
  if (second.failures.length > 0) return { ...homes, failures: second.failures };
  const others = declared.filter((one) => !isNamespace(one));
  return together(homes, await applyEach(apply, others, signal));
}

export const NOTHING: Applied = { applied: new Map(), failures: [] };

const together = (...all: readonly Applied[]): Applied => ({
  applied: new Map(all.flatMap(({ applied }) => [...applied])),
  failures: all.flatMap(({ failures }) => failures),
});

/** Each by itself, in no order. */
export async function attempt(
  apply: ApplyOne,
  declared: readonly Declared[],
  dryRun: boolean,
  signal: AbortSignal,
): Promise<Applied> {
  const failures: Failure[] = [];
  const applied = new Map<Declared, Stored>();
  await inParallel(declared, signal, async (one) => {
    const result = await applyOne(apply, one, dryRun);
    if ("message" in result) failures.push(result);
    else applied.set(one, result);
  });
  return { applied, failures };
}

async function applyOne(apply: ApplyOne, declared: Declared, dryRun: boolean): Promise<Stored | Failure> {
  try {
    const object = await apply(declared, dryRun);
    if (!object.metadata.deletionTimestamp) return object;
    const message = `${placeOf(declared.manifest)}: ${declared.resource.kind} ${declared.key} is being deleted; it is applied again when it is gone`;
    return { declared, message, worthRetrying: true, isAbsent: false };
  } catch (error) {
    const message = describe(declared, error);
    return { declared, message, worthRetrying: !isTheFilesFault(error), isAbsent: isNotFound(error) };
  }
}

const isTheFilesFault = (error: unknown): boolean =>
  error instanceof StatusError && (error.reason === "Invalid" || error.reason === "BadRequest");

/** With the lines of the fields that were refused, where the file has them. */
function describe({ manifest }: Declared, error: unknown): string {
  if (error instanceof StatusError) return explainServerErrors(manifest, error);
  return `${placeOf(manifest)}: ${error instanceof Error ? error.message : String(error)}`;
}
