import type { Client } from "../../api/client.ts";
import { type Key, keyOf, type Stored } from "../../api/object.ts";
import type { Resource } from "../../api/scheme.ts";
import type { GitSource } from "../../api/types.generated.ts";
import { YamlThread } from "../../api/yaml/yaml-thread.ts";
import type { GitReading } from "../../git/repository/git-thread.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import { sameJson } from "../../lib/same-json.ts";
import type { Controller } from "../../machinery/controller.ts";
import type { EventRecorder } from "../../machinery/event-recorder.ts";
import type { SharedInformer } from "../../machinery/informer.ts";
import type { Lister } from "../../machinery/lister.ts";
import { done, type Outcome } from "../../machinery/outcome.ts";
import type { Reconciler, Request } from "../../machinery/reconciler.ts";
import { CopyFolders } from "./copy-folders.ts";
import { companionsOf, waitsFor } from "./dependencies.ts";
import { Follower } from "./follower.ts";
import { isRollbackDue, rollbackOf } from "./rollback.ts";

export interface GitSourceOptions {
  client: Client;
  /** In the name of the source, or of the ServiceAccount that it names. */
  writerOf: (source: Stored<GitSource>) => Client;
  /** By `gitSourceIndexers`. */
  sources: Lister<GitSource>;
  /** Local copies lie here, each in a folder named by the uid of its source. */
  folder: string;
  /** `namespace`: of the source, among which the threads that read are shared. */
  openGit: (folder: string, namespace: string) => GitReading;
  resources: readonly Resource[];
  nodeName: string;
  recorder: EventRecorder;
  clock: Clock;
  logger: Logger;
  random: () => number;
}

interface Followed {
  uid: string;
  spec: GitSource["spec"];
  /** The commit that it is rolled back to. */
  rollbackTo: string | undefined;
  /** What else has it looked at, when it changes. */
  seen: unknown;
  follower: Follower;
}

/**
 * Has a Follower for each GitSource that is not suspended, or is being rolled back: a new one when its spec changes, none when it is gone. What it has applied
 * stays then, and is taken up by a source of the same name.
 */
export class GitSourceReconciler implements Reconciler {
  readonly #options: GitSourceOptions;
  readonly #yaml: YamlThread;
  readonly #followed = new Map<string, Followed>();
  /** Of each source that is there, followed or not: when it is gone, nothing else says whose copy is to go. */
  readonly #uids = new Map<string, string>();
  readonly #copies: CopyFolders;

  constructor(options: GitSourceOptions) {
    this.#options = options;
    this.#yaml = new YamlThread(options.clock);
    this.#copies = new CopyFolders(options.folder);
    this.#copies.removeKeys();
  }

  async reconcile({ key }: Request): Promise<Outcome> {
    const source = this.#options.sources.get(key);
    const followed = this.#followed.get(key);
    const isWanted = source !== undefined && isToBeFollowed(source);
    if (followed && isWanted && isFollowedBy(followed, source)) {
      const seen = this.#seenOf(source);
      if (!sameJson(followed.seen, seen)) followed.follower.changed();
      followed.seen = seen;
      return done;
    }
    if (followed) await this.#leave(key, followed);
    await this.#dropCopy(key, source);
    if (isWanted) this.#follow(key, source);
    return done;
  }

  /** Has it looked at now; nothing when it is not followed. */
  look(key: string): void {
    this.#followed.get(key)?.follower.changed();
  }

  /** Has whoever follows it seen manifests in this repository? */
  isKnown(key: Key, identity: string): boolean {
    return this.#followed.get(key)?.follower.isKnown(identity) ?? false;
  }

  /** Removes what sources have left that were deleted while no daemon ran. */
  sweep(): Promise<void> {
    const { sources } = this.#options;
    return this.#copies.sweep((uid) => sources.list().some(({ metadata }) => metadata.uid === uid));
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#followed.values(), ({ follower }) => follower.stop()));
    this.#followed.clear();
    this.#yaml.close();
  }

  #follow(key: string, source: Stored<GitSource>): void {
    const { uid, namespace = "default" } = source.metadata;
    const seen = this.#seenOf(source);
    const { sources, writerOf, openGit } = this.#options;
    const follower = new Follower(source, {
      ...this.#options,
      source: () => sources.get(key),
      look: (other) => this.look(other),
      git: openGit(this.#copies.of(uid), namespace),
      yaml: this.#yaml,
      writer: writerOf(source),
    });
    const rollbackTo = rollbackOf(source)?.commit;
    this.#followed.set(key, { uid, spec: source.spec, rollbackTo, seen, follower });
    follower.start();
  }

  /** Somebody may have asked for a look, or confirmed something; what it waits for may have changed; and a spec that was changed and changed back has another generation. */
  #seenOf(source: Stored<GitSource>): unknown {
    const { annotations = {}, generation = 0 } = source.metadata;
    const { sources } = this.#options;
    return [generation, annotations, waitsFor(source, sources)?.message ?? "", companionsOf(source, sources)];
  }

  async #leave(key: string, { follower }: Followed): Promise<void> {
    await follower.stop();
    this.#followed.delete(key);
  }

  /** That of a source whose deletion has begun, or in whose place another one is. Nobody reads it then. */
  async #dropCopy(key: string, source: Stored<GitSource> | undefined): Promise<void> {
    const uid = source?.metadata.deletionTimestamp ? undefined : source?.metadata.uid;
    const former = this.#uids.get(key);
    if (former !== undefined && former !== uid) await this.#copies.remove(former);
    if (uid === undefined) this.#uids.delete(key);
    else this.#uids.set(key, uid);
  }
}

const isToBeFollowed = (source: Stored<GitSource>): boolean =>
  !source.metadata.deletionTimestamp && (!source.spec.suspend || isRollbackDue(source));

const isFollowedBy = ({ uid, spec, rollbackTo }: Followed, source: Stored<GitSource>): boolean =>
  uid === source.metadata.uid && rollbackTo === rollbackOf(source)?.commit && sameJson(spec, source.spec);

/** Each change concerns the source itself, and those that depend on it. `sources`: made with `gitSourceIndexers`. */
export function watchGitSources(controller: Controller, sources: SharedInformer<GitSource>): Controller {
  const dependents = (key: Key): Key[] => sources.lister.by("dependency", key).map(keyOf);
  controller.watch(sources, ({ object }) => [keyOf(object), ...dependents(keyOf(object))]);
  return controller;
}
