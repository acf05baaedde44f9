import { declarable } from "../../../api/apply/declarable.ts";
import { StatusError, tooManyRequests } from "../../../api/errors.ts";
import type { DiffOptions, SourceDiff } from "../../../api/git/source-diff.ts";
import { type Key, keyOf, type Stored } from "../../../api/object.ts";
import type { GitSource } from "../../../api/types.generated.ts";
import { YamlThread } from "../../../api/yaml/yaml-thread.ts";
import type { GitReading } from "../../../git/repository/git-thread.ts";
import { drySync } from "../../source/dry-sync.ts";
import { problemOf } from "../../source/findings.ts";
import { brakeLimits } from "../brake-limits.ts";
import { CopyFolders } from "../copy-folders.ts";
import { waitsFor } from "../dependencies.ts";
import { GitReader } from "../git-reader.ts";
import type { GitSourceOptions } from "../reconciler.ts";
import { sourceIdentityOf } from "../source-identity.ts";

type Shared = "client" | "writerOf" | "sources" | "folder" | "openGit" | "resources" | "nodeName" | "clock" | "logger";

export interface SourceDiffsOptions extends Pick<GitSourceOptions, Shared> {
  /** Has whoever follows it seen manifests in this repository? */
  isKnown: (source: Key, identity: string) => boolean;
}

/** Of all namespaces together: each has a thread, and up to a whole repository in memory. */
const MOST_AT_ONCE = 3;

/**
 * Works out what the next apply of a GitSource would change, whether it is followed or suspended. The repository is asked anew, into a copy of its own that goes
 * afterwards: whoever follows the source is not disturbed, and does not wait.
 */
export class SourceDiffs {
  readonly #options: SourceDiffsOptions;
  readonly #yaml: YamlThread;
  readonly #copies: CopyFolders;
  readonly #closing = new AbortController();
  /** By namespace. */
  readonly #running = new Map<string, Promise<unknown>>();

  constructor(options: SourceDiffsOptions) {
    this.#options = options;
    this.#yaml = new YamlThread(options.clock);
    this.#copies = new CopyFolders(options.folder);
  }

  /** One at a time for each namespace, so that nobody keeps others from it. Rejects with TooManyRequests, or ServiceUnavailable when it is closed. */
  async diffOf(source: Stored<GitSource>, options: DiffOptions, signal: AbortSignal): Promise<SourceDiff> {
    const { namespace = "default" } = source.metadata;
    if (this.#closing.signal.aborted) throw stopping();
    if (this.#running.has(namespace) || this.#running.size >= MOST_AT_ONCE) throw tooManyRequests();
    const work = this.#inItsOwnCopy(source, options, AbortSignal.any([signal, this.#closing.signal]));
    this.#running.set(namespace, work);
    try {
      return await work;
    } catch (error) {
      throw this.#closing.signal.aborted ? stopping() : error;
    } finally {
      this.#running.delete(namespace);
    }
  }

  /** Gives up what is being worked out; resolves when nothing of it goes on. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#running.values());
    this.#yaml.close();
  }

  async #inItsOwnCopy(source: Stored<GitSource>, options: DiffOptions, signal: AbortSignal): Promise<SourceDiff> {
    const { uid } = source.metadata;
    const copy = `${uid}.diff`;
    await this.#copies.seed(uid, copy);
    const git = this.#options.openGit(this.#copies.of(copy), source.metadata.namespace ?? "default");
    try {
      return await this.#diff(source, options, git, signal);
    } finally {
      git.close();
      // It goes with the next start, if not now.
      await this.#copies.remove(copy).catch((error: unknown) => {
        this.#options.logger.warn("a copy of a repository stays on the disk", { error: String(error) });
      });
    }
  }

  async #diff(
    source: Stored<GitSource>,
    options: DiffOptions,
    git: GitReading,
    signal: AbortSignal,
  ): Promise<SourceDiff> {
    const { client, writerOf, sources, resources, isKnown } = this.#options;
    const identity = sourceIdentityOf(source);
    const asked = askedFor(source, options);
    const reader = new GitReader({ ...this.#options, git, yaml: this.#yaml, source: () => asked });
    const reading = await reader.read(signal).catch((error: unknown) => problemOf(identity, error));
    signal.throwIfAborted();
    if ("message" in reading) return { changes: [], findings: [{ reason: reading.reason, message: reading.message }] };
    const { maxDisruption, prune: prunes = true } = source.spec;
    const dry = {
      client: writerOf(source),
      overview: client,
      source: identity,
      resources: declarable(resources),
      limits: brakeLimits(maxDisruption),
      prunes,
      isKnown: isKnown(keyOf(source), reading.identity),
    };
    const { changes, findings } = await drySync(reading, dry, signal);
    const waiting = waitsFor(source, sources);
    const waits = waiting ? [{ reason: waiting.reason, message: waiting.message }] : [];
    const { revision } = reading;
    return { ...(revision === undefined ? {} : { revision }), changes, findings: [...findings, ...waits] };
  }
}

/** The source as if it were followed, and had nothing to fall back to and to wait for: what is asked about is this revision, and no other that stands in for it. */
function askedFor({ status: _, spec, ...source }: Stored<GitSource>, { commit }: DiffOptions): Stored<GitSource> {
  const { dependsOn: __, suspend: ___, ...own } = spec;
  return { ...source, spec: commit === undefined ? own : { ...own, ref: { commit } } } as Stored<GitSource>;
}

const stopping = (): StatusError => new StatusError("ServiceUnavailable", "the daemon is stopping");
