import { applyObject } from "../../api/apply/apply.ts";
import { dependenciesFirst } from "../../api/apply/dependencies-first.ts";
import type { Client } from "../../api/client.ts";
import { isConflict, isNotFound, StatusError } from "../../api/errors.ts";
import { explainServerErrors } from "../../api/manifests/server-errors.ts";
import { keyOf } from "../../api/object.ts";
import { configMaps, namespaces, secrets } from "../../api/scheme.ts";
import { type Declared, placeOf } from "./desired.ts";
import type { Made } from "./prune.ts";

/** Why an Object could not be applied. */
export interface Failure {
  declared: Declared;
  message: string;
  /** Another try may help, without a change of the file. */
  worthRetrying: boolean;
}

/** At once, so that they share the store's group commit. */
const PARALLEL = 64;
const FIELD_MANAGER = "wctl-directory";

/** Namespaces first, then what Processes refer to, then the rest, a Process after those it depends on. Resolves with what failed. */
export async function applyAll(client: Client, declared: readonly Declared[], signal: AbortSignal): Promise<Failure[]> {
  const failures: Failure[] = [];
  const rank = ({ resource }: { resource: { plural: string } }): number => rankOf(resource.plural);
  for (const wave of [0, 1, 2]) {
    await inParallel(dependenciesFirst(declared.filter((one) => rank(one) === wave)), signal, async (one) => {
      const failure = await applyOne(client, one);
      if (failure) failures.push(failure);
    });
  }
  return failures;
}

/** In the reverse order of applying. Resolves with what could not be deleted, in words. */
export async function pruneAll(client: Client, made: readonly Made[], signal: AbortSignal): Promise<string[]> {
  const problems: string[] = [];
  for (const wave of [2, 1, 0]) {
    await inParallel(
      made.filter(({ resource }) => rankOf(resource.plural) === wave),
      signal,
      async (one) => {
        const problem = await pruneOne(client, one);
        if (problem !== undefined) problems.push(problem);
      },
    );
  }
  return problems;
}

const rankOf = (plural: string): number =>
  plural === namespaces.plural ? 0 : plural === secrets.plural || plural === configMaps.plural ? 1 : 2;

async function applyOne(client: Client, declared: Declared): Promise<Failure | undefined> {
  try {
    const options = { fieldManager: FIELD_MANAGER, fieldValidation: "Strict" } as const;
    const { object } = await applyObject(client, declared.resource, declared.object, options);
    if (!object.metadata.deletionTimestamp) return undefined;
    const message = `${placeOf(declared.manifest)}: ${declared.resource.kind} ${declared.key} is being deleted; it is applied again when it is gone`;
    return { declared, message, worthRetrying: true };
  } catch (error) {
    return { declared, message: describe(declared, error), worthRetrying: !isTheFilesFault(error) };
  }
}

const isTheFilesFault = (error: unknown): boolean =>
  error instanceof StatusError && (error.reason === "Invalid" || error.reason === "BadRequest");

/** With the lines of the fields that were refused, where the file has them. */
function describe({ manifest }: Declared, error: unknown): string {
  if (error instanceof StatusError) return explainServerErrors(manifest, error);
  return `${placeOf(manifest)}: ${error instanceof Error ? error.message : String(error)}`;
}

async function pruneOne(client: Client, { resource, object }: Made): Promise<string | undefined> {
  if (object.metadata.deletionTimestamp) return undefined;
  try {
    const { uid } = object.metadata;
    await client.delete(resource, keyOf(object), { propagation: "Background", preconditions: { uid } });
    return undefined;
  } catch (error) {
    if (isNotFound(error) || isConflict(error)) return undefined;
    return `${resource.kind} ${keyOf(object)} could not be pruned: ${error instanceof Error ? error.message : error}`;
  }
}

async function inParallel<A>(all: readonly A[], signal: AbortSignal, work: (one: A) => Promise<void>): Promise<void> {
  for (let at = 0; at < all.length; at += PARALLEL) {
    signal.throwIfAborted();
    await Promise.all(all.slice(at, at + PARALLEL).map(work));
  }
}
