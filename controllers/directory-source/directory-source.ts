import type { Client } from "../../api/client.ts";
import { YamlThread } from "../../api/manifests/manifest.ts";
import { keyOf, type Stored } from "../../api/object.ts";
import { type Resource, wellKnown } from "../../api/scheme.ts";
import type { Node } from "../../api/types.generated.ts";
import { type Clock, sleep } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { PathTrust } from "../../lib/path-trust.ts";
import type { EventRecorder } from "../../machinery/event-recorder.ts";
import { Informer } from "../../machinery/informer.ts";
import { applyAll, type Failure, pruneAll } from "../source/apply.ts";
import { type Declared, type Desired, DIRECTORY, desiredFrom, idOf } from "../source/desired.ts";
import { sparingForeignContent } from "../source/foreign-content.ts";
import { Missing } from "../source/missing.ts";
import { fileOf, type Made, type Pruning, planPrune } from "../source/prune.ts";
import { type Finding, Report } from "../source/report.ts";
import { Folder, type FolderReading } from "./folder.ts";
import { watchFolder } from "./watch-folder.ts";

export interface DirectorySourceOptions {
  client: Client;
  /** `--manifests DIR`. */
  directory: string;
  /** Who may write there. */
  trust: PathTrust;
  /** Kinds a folder may declare; what the daemon makes itself (Instances, Nodes, Events) is left out. */
  resources: readonly Resource[];
  /** Or being registered: reports wait for it, the manifests do not. */
  node: Stored<Node> | Promise<Stored<Node>>;
  recorder: EventRecorder;
  clock: Clock;
  logger: Logger;
}

/** Events of one save come together within this. */
const DEBOUNCE_MS = 50;
/** For changes that no event told of, as on a network share. */
const RESYNC_MS = 300_000;
/** When the system has no watches left. */
const POLL_MS = 5_000;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 60_000;

const MADE_HERE = `${wellKnown.sourceLabel}=${DIRECTORY}`;
const MADE_BY_THE_DAEMON = new Set(["instances", "nodes", "events", "controllerrevisions"]);

/**
 * Makes the API say what a folder of manifests says: what is added or changed is applied, what is removed is pruned. Each sync compares the
 * whole folder with the API, so nothing is missed that happened while the daemon was away. What cannot be read keeps its last good state.
 * What somebody deletes from the API comes back; what somebody edits there stays edited until its file changes.
 */
export class DirectorySource {
  readonly name = "directory source";
  readonly #options: DirectorySourceOptions;
  readonly #yaml: YamlThread;
  readonly #folder: Folder;
  readonly #missing: Missing;
  readonly #report: Report;
  /** Signature of the file from which an Object was last applied without failure. */
  readonly #applied = new Map<string, string>();
  /** Folder in which manifests were seen. */
  #known: string | undefined;
  #failures = 0;
  #wake = (): void => {};

  constructor(options: DirectorySourceOptions) {
    const resources = options.resources.filter(({ plural }) => !MADE_BY_THE_DAEMON.has(plural));
    this.#options = { ...options, resources };
    this.#yaml = new YamlThread(options.clock);
    this.#folder = new Folder(options.directory, this.#yaml, options.trust);
    this.#missing = new Missing(options.clock);
    this.#report = new Report(options);
  }

  /** Watches and syncs until the signal aborts. */
  async start(signal: AbortSignal): Promise<void> {
    const { clock, logger, directory } = this.#options;
    signal.addEventListener("abort", () => this.#yaml.close(), { once: true });
    let changed = false;
    const noteChange = (): void => {
      changed = true;
      this.#wake();
    };
    let longestRestMs = RESYNC_MS;
    const failed = (error: unknown): void => {
      longestRestMs = POLL_MS;
      logger.warn("watching the folder failed; looking every few seconds", { directory, error: String(error) });
    };
    const watching = watchFolder(directory, { changed: noteChange, failed });
    // What changed between the first sync and the beginning of the watch.
    void watching.then(noteChange);
    this.#watchDeletions(noteChange, signal);
    while (!signal.aborted) {
      if (changed) await sleep(clock, DEBOUNCE_MS, signal).catch(() => {});
      changed = false;
      const waitMs = await this.#syncSafely(signal);
      if (!changed) await this.#rest(Math.min(waitMs, longestRestMs), signal);
    }
    await (await watching)();
  }

  /** One comparison of the folder with the API. Returns after how many ms the next is due, when nothing happens before. */
  async sync(signal: AbortSignal): Promise<number> {
    const reading = await this.#folder.read().catch((error: unknown) => describeUnreadable(error));
    signal.throwIfAborted(); // What was not read to its end says nothing.
    if (typeof reading === "string") {
      await this.#report.say([{ reason: "DirectoryUnreadable", message: reading }], signal);
      return this.#retryMs();
    }
    const desired = desiredFrom(reading.files, this.#options.resources);
    const made = await this.#made(signal);
    const failures = await applyAll(this.#options.client, this.#due(desired, made), signal);
    this.#remember(desired, failures);
    const pruning = this.#planPrune(reading, desired, made);
    const unpruned = await this.#prune(pruning.prune, signal);
    if (reading.files.length > 0) this.#known = reading.identity;
    const found = findings({ remarks: reading.remarks, desired, failures, pruning, unpruned });
    await this.#report.say(found, signal, held(desired, made));
    const retry = unpruned.length > 0 || failures.some(({ worthRetrying }) => worthRetrying);
    const nextMs = retry ? this.#retryMs() : this.#healthy();
    return Math.min(nextMs, pruning.waitMs ?? RESYNC_MS);
  }

  /** What somebody deletes while the folder declares it comes back. */
  #watchDeletions(deleted: () => void, signal: AbortSignal): void {
    const { client, clock, logger } = this.#options;
    for (const resource of this.#options.resources) {
      const informer = new Informer({ client, clock, logger, resource, labelSelector: MADE_HERE });
      informer.on(({ type }) => (type === "Deleted" ? deleted() : undefined));
      void informer.start(signal);
    }
  }

  async #syncSafely(signal: AbortSignal): Promise<number> {
    try {
      return await this.sync(signal);
    } catch (error) {
      if (!signal.aborted) this.#options.logger.error("sync of the folder failed", { error: String(error) });
      return this.#retryMs();
    }
  }

  async #rest(ms: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    await sleep(this.#options.clock, ms, AbortSignal.any([signal, woken.signal])).catch(() => {});
    this.#wake = () => {};
  }

  #retryMs(): number {
    return Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.#failures++, 30));
  }

  #healthy(): number {
    this.#failures = 0;
    return RESYNC_MS;
  }

  /** Everything in the API that carries this source's label and annotation: also what an earlier daemon applied. */
  async #made(signal: AbortSignal): Promise<Made[]> {
    const lists = await Promise.all(
      this.#options.resources.map(async (resource) => {
        const { items } = await this.#options.client.list(resource, { labelSelector: MADE_HERE, signal });
        return items.map((object) => ({ id: idOf(resource, keyOf(object)), resource, object }));
      }),
    );
    return lists.flat().filter(({ object }) => fileOf(object) !== undefined);
  }

  /** What changed in the folder since it was applied, and what is not there any more. */
  #due(desired: Desired, made: readonly Made[]): Declared[] {
    const there = new Map(made.map(({ id, object }) => [id, object]));
    return Array.from(desired.objects)
      .filter(([id, { signature }]) => {
        const object = there.get(id);
        return !object || object.metadata.deletionTimestamp || this.#applied.get(id) !== signature;
      })
      .map(([, declared]) => declared);
  }

  #remember(desired: Desired, failures: readonly Failure[]): void {
    this.#applied.clear();
    for (const [id, { signature }] of desired.objects) this.#applied.set(id, signature);
    for (const { declared } of failures) this.#applied.delete(idOf(declared.resource, declared.key));
  }

  /** Resolves with what stays though it should go, and why. */
  async #prune(superfluous: readonly Made[], signal: AbortSignal): Promise<string[]> {
    const { client, resources } = this.#options;
    const { prune, problems } = await sparingForeignContent(client, superfluous, resources, signal);
    return [...problems, ...(await pruneAll(client, prune, signal))];
  }

  #planPrune(reading: FolderReading, desired: Desired, made: readonly Made[]): Pruning {
    this.#missing.observe(desired, made, reading.files);
    return planPrune({
      desired,
      made,
      folderEmpty: reading.files.length === 0,
      folderKnown: this.#known === reading.identity,
      allowed: reading.allowsPrune,
      missingMs: ({ id }) => this.#missing.sinceMs(id),
    });
  }
}

interface Synced {
  remarks: readonly string[];
  desired: Desired;
  failures: readonly Failure[];
  pruning: Pruning;
  unpruned: readonly string[];
}

function findings({ remarks, desired, failures, pruning, unpruned }: Synced): Finding[] {
  return [
    ...[...desired.problems, ...remarks].map((message): Finding => ({ reason: "ManifestInvalid", message })),
    ...failures.map(({ message }): Finding => ({ reason: "ApplyFailed", message })),
    ...(pruning.refusal === undefined ? [] : [{ reason: "PruneRefused", message: pruning.refusal } as const]),
    ...unpruned.map((message): Finding => ({ reason: "PruneFailed", message })),
  ];
}

/** Objects whose file says nothing valid now. */
const held = ({ broken }: Desired, made: readonly Made[]): Stored[] =>
  made.map(({ object }) => object).filter((object) => broken.has(fileOf(object) ?? ""));

const describeUnreadable = (error: unknown): string =>
  `the folder cannot be read, so nothing is applied or pruned: ${error instanceof Error ? error.message : String(error)}`;
