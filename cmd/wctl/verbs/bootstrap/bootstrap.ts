import type { Client } from "../../../../api/client.ts";
import { type Revision, revisionText, shortRevision } from "../../../../api/git/revision.ts";
import { type KubeObject, keyOf } from "../../../../api/object.ts";
import { gitSources, type Resource, secrets } from "../../../../api/scheme.ts";
import type { Secret } from "../../../../api/types.generated.ts";
import type { GitPushing } from "../../../../git/repository/git-thread.ts";
import type { GitRemote } from "../../../../git/transport/transport.ts";
import { Failure } from "../../errors/failure.ts";
import { objectName } from "../../text/name.ts";
import { applyOne, getIfThere, outcomeOf } from "./apply-one.ts";
import { firstFiles } from "./first-files.ts";
import { type Plan, secretOf, sourceOf } from "./plan.ts";
import { BeginningRepository, type Found } from "./repository.ts";

export interface Surroundings {
  client: Client;
  git: GitPushing;
  remote: GitRemote;
  /** First manifests may be pushed where there are none. */
  mayPush: boolean;
  now: () => Date;
  signal: AbortSignal;
  /** Each step, when it is done. */
  say: (text: string) => Promise<void> | undefined;
}

/**
 * Reads the repository, asks the API whether it would take the objects, pushes the first manifests where there are none, and writes the objects. So nothing is
 * pushed for a source that is refused, and no source is made of a repository that cannot be read. Done already, it changes nothing. Rejects with Failure.
 */
export async function bootstrap(plan: Plan, folder: string, around: Surroundings): Promise<void> {
  const { client, git, remote, say } = around;
  const repository = new BeginningRepository(git, remote, around.signal);
  const found = await repository.find(plan.branch, folder);
  const shown = JSON.stringify(folder || ".");
  if (!found.hasManifests && !around.mayPush)
    throw new Failure(
      `the branch ${JSON.stringify(found.branch)} has no manifests in ${shown}, and --no-push was given`,
    );
  const secret = secretOf(plan);
  const source = sourceOf(plan, found.branch);
  if (secret) mustBeOurs(secret, await applyOne(client, secrets, secret, true));
  await applyOne(client, gitSources, source, true);
  if (found.hasManifests) await say(`${short(revisionOf(found))} has manifests in ${shown}: nothing is pushed`);
  else {
    const files = await firstFiles(plan, folder);
    const pushed = await repository.push(found, files, around.now());
    await say(`${Object.keys(files).join(", ")} pushed: ${short(pushed)}`);
  }
  if (secret) await write(secrets, secret, around);
  await write(gitSources, source, around);
}

async function write<T extends KubeObject>(resource: Resource<T>, object: T, around: Surroundings): Promise<void> {
  const before = await getIfThere(around.client, resource, keyOf(object));
  const after = await applyOne(around.client, resource, object, false);
  await around.say(`${objectName(resource, after.metadata.name)} ${outcomeOf(before, after)}`);
}

/** A key that somebody else has put there, an old password say, would be sent beside ours, or instead of it. */
function mustBeOurs({ metadata: { name }, data = {} }: Secret, merged: Secret): void {
  const others = Object.keys(merged.data ?? {}).filter((key) => !Object.hasOwn(data, key));
  if (others.length === 0) return;
  throw new Failure(
    `secrets ${JSON.stringify(name)} is there and has other keys (${others.join(", ")}): choose another --secret-name, or delete it`,
  );
}

const revisionOf = ({ branch, commit = "" }: Found): Revision => ({ name: branch, commit });

const short = (revision: Revision): string => shortRevision(revisionText(revision));
