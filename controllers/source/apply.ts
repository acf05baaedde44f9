import { applyObject } from "../../api/apply/apply.ts";
import { dependenciesFirst } from "../../api/apply/dependencies-first.ts";
import { WAVES, waveOf } from "../../api/apply/waves.ts";
import type { Client, WriteOptions } from "../../api/client.ts";
import { isNotFound, StatusError } from "../../api/errors.ts";
import { explainServerErrors } from "../../api/manifests/server-errors.ts";
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
  applied: readonly Declared[];
  failures: readonly Failure[];
}

/** Whose writes these are. */
type Writer = Pick<WriteOptions, "fieldManager">;

/** In the order of the waves, a Process after those it depends on. What fails keeps nothing else from being applied. */
export async function applyEach(
  client: Client,
  declared: readonly Declared[],
  writer: Writer,
  signal: AbortSignal,
): Promise<Applied> {
  const failures: Failure[] = [];
  for (const wave of WAVES) {
    const due = dependenciesFirst(declared.filter(({ resource }) => waveOf(resource) === wave));
    failures.push(...(await attempt(client, due, writer, signal)));
  }
  const failed = new Set(failures.map((failure) => failure.declared));
  return { applied: declared.filter((one) => !failed.has(one)), failures };
}

/**
 * All of them, or none when the API refuses any. The API is asked for each first (a dry run). It cannot judge what belongs to a Namespace that
 * is still to be made: that is asked for again when the Namespace is there, so an empty Namespace is the most that a refused revision leaves.
 */
export async function applyWhole(
  client: Client,
  declared: readonly Declared[],
  writer: Writer,
  signal: AbortSignal,
): Promise<Applied> {
  const rehearsal = { ...writer, dryRun: true };
  const first = await attempt(client, declared, rehearsal, signal);
  const refused = first.filter(({ isAbsent }) => !isAbsent);
  if (refused.length > 0) return { applied: [], failures: refused };
  const isNamespace = ({ resource }: Declared): boolean => waveOf(resource) === 0;
  const homes = await applyEach(client, declared.filter(isNamespace), writer, signal);
  if (homes.failures.length > 0) return homes;
  const unjudged = first.map((failure) => failure.declared);
  const second = await attempt(client, unjudged, rehearsal, signal);
  if (second.length > 0) return { applied: homes.applied, failures: second };
  const others = declared.filter((one) => !isNamespace(one));
  const rest = await applyEach(client, others, writer, signal);
  return { applied: [...homes.applied, ...rest.applied], failures: rest.failures };
}

async function attempt(
  client: Client,
  declared: readonly Declared[],
  options: WriteOptions,
  signal: AbortSignal,
): Promise<Failure[]> {
  const failures: Failure[] = [];
  await inParallel(declared, signal, async (one) => {
    const failure = await applyOne(client, one, options);
    if (failure) failures.push(failure);
  });
  return failures;
}

async function applyOne(client: Client, declared: Declared, options: WriteOptions): Promise<Failure | undefined> {
  try {
    const strict = { ...options, fieldValidation: "Strict" } as const;
    const { object } = await applyObject(client, declared.resource, declared.object, strict);
    if (!object.metadata.deletionTimestamp) return undefined;
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
