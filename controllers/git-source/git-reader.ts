import type { GitRef } from "../../api/git/git-ref.ts";
import { parseGitUrl } from "../../api/git/git-url.ts";
import { parseRevision, type Revision, revisionText, shortRevision } from "../../api/git/revision.ts";
import type { Key, Stored } from "../../api/object.ts";
import { wellKnown } from "../../api/scheme.ts";
import type { GitSource } from "../../api/types.generated.ts";
import { GitError } from "../../git/git-error.ts";
import type { GitRemote } from "../../git/transport/transport.ts";
import {
  type SourceListener,
  type SourceProblem,
  type SourceReader,
  type SourceReading,
  SourceUnreadable,
} from "../source/reader.ts";
import { credentialsOf } from "./credentials.ts";
import { companionsOf, isChangedWhileWaiting, waitsFor, waitsForRevision } from "./dependencies.ts";
import type { Sources } from "./keys.ts";
import {
  namespaceOf,
  type RevisionRead,
  RevisionReader,
  type RevisionReaderOptions,
  timeoutMs,
} from "./revision-reader.ts";
import { rollbackOf } from "./rollback.ts";

export interface GitReaderOptions extends RevisionReaderOptions {
  /** The source as it is now; undefined when it is gone. */
  source: () => Stored<GitSource> | undefined;
  sources: Sources;
  /** Has another source looked at, where somebody follows it. */
  look?: (key: Key) => void;
}

/**
 * A repository of manifests as a reader: the newest revision, or the one that was applied last while the newest cannot be had. Of a source that is rolled back that
 * commit and no other, without a question when the local copy has it.
 */
export class GitReader implements SourceReader {
  readonly #options: GitReaderOptions;
  readonly #revisions: RevisionReader;
  #listener: SourceListener | undefined;
  /** Since when it could not be asked. */
  #unreachableSince: Date | undefined;
  /** The revision that was read last. */
  #newestRead: Revision | undefined;

  constructor(options: GitReaderOptions) {
    this.#options = options;
    this.#revisions = new RevisionReader(options);
  }

  get unreachableSince(): Date | undefined {
    return this.#unreachableSince;
  }

  /** Somebody asked for a look, or has changed what is looked at. */
  changed(): void {
    this.#listener?.changed();
  }

  async watch(on: SourceListener): Promise<() => Promise<void>> {
    this.#listener = on;
    return async () => {
      this.#listener = undefined;
    };
  }

  close(): void {
    this.#options.git.close();
  }

  async read(signal: AbortSignal): Promise<SourceReading> {
    const source = this.#options.source();
    if (!source) throw new Error("the GitSource is gone");
    this.#unreachableSince ??= sinceIn(source);
    const waiting = waitsFor(source, this.#options.sources);
    if (waiting) return this.#standIn(source, waiting, signal);
    try {
      const read = await this.#newest(source, signal);
      this.#unreachableSince = undefined;
      return reading(source, read);
    } catch (error) {
      signal.throwIfAborted();
      return this.#standIn(source, this.#told(error), signal);
    }
  }

  async lastGood(signal: AbortSignal): Promise<SourceReading | undefined> {
    const source = this.#options.source();
    const applied = appliedTo(source);
    if (!source || !applied || applied.commit === this.#newestRead?.commit) return undefined;
    try {
      return reading(source, await this.#revisions.read(source, applied, await this.#remoteOf(source), signal));
    } catch (error) {
      if (error instanceof GitError || error instanceof SourceUnreadable) return undefined;
      throw error;
    }
  }

  async #newest(source: Stored<GitSource>, signal: AbortSignal): Promise<RevisionRead> {
    const remote = await this.#remoteOf(source);
    const revision = rollbackOf(source) ?? (await this.#resolve(source, remote, signal));
    try {
      if (!rollbackOf(source)) this.#mustBeInOrder(source, revision);
      this.#newestRead = revision;
      return await this.#revisions.read(source, revision, remote, signal);
    } catch (error) {
      // It has answered: what is wrong is not that it is away.
      if (error instanceof SourceUnreadable && !rollbackOf(source)) this.#unreachableSince = undefined;
      throw error;
    }
  }

  /** Rejects what the sources that it depends on are yet to apply, and has them look for it. */
  #mustBeInOrder(source: Stored<GitSource>, revision: Revision): void {
    const { sources, look } = this.#options;
    const behind = companionsOf(source, sources).flatMap(([key, applied]) =>
      applied?.commit === revision.commit ? [] : [key],
    );
    if (behind.length === 0) return;
    for (const key of behind) look?.(key);
    throw new SourceUnreadable(waitsForRevision(source, revision, behind));
  }

  #resolve(source: Stored<GitSource>, remote: GitRemote, signal: AbortSignal): Promise<Revision> {
    const ref = source.spec.ref as GitRef | undefined;
    const isSaid = ref !== undefined && Object.keys(ref).length > 0;
    return this.#options.git.resolve(remote, isSaid ? ref : undefined, timeoutMs(source), signal);
  }

  async #remoteOf(source: Stored<GitSource>): Promise<GitRemote> {
    const { url: text, secretRef } = source.spec;
    const url = parseGitUrl(text);
    if (typeof url === "string") throw new GitError("FetchFailed", `spec.url ${url}`);
    return { url, credentials: await credentialsOf(this.#options.client, namespaceOf(source), secretRef?.name) };
  }

  /** What was applied last stays what is wanted: it is in the local copy, also after a restart. */
  async #standIn(source: Stored<GitSource>, problem: SourceProblem, signal: AbortSignal): Promise<SourceReading> {
    const applied = appliedTo(source);
    if (!applied) throw new SourceUnreadable(problem);
    if (isChangedWhileWaiting(source, problem))
      throw new SourceUnreadable({
        ...problem,
        message: `${problem.message}. What was applied with an earlier spec is left as it is`,
      });
    try {
      const read = await this.#revisions.read(source, applied, undefined, signal);
      const message = `${problem.message}. What was applied last stays: ${shortRevision(revisionText(applied))}`;
      return { ...reading(source, read), problem: { ...problem, message } };
    } catch (error) {
      if (error instanceof SourceUnreadable && error.message !== problem.message)
        throw new SourceUnreadable({
          ...problem,
          message: `${problem.message}. What was applied last is left as it is: ${error.message}`,
        });
      if (!(error instanceof GitError || error instanceof SourceUnreadable)) throw error;
      throw new SourceUnreadable(problem);
    }
  }

  #told(error: unknown): SourceProblem {
    if (error instanceof SourceUnreadable) return error;
    if (!(error instanceof GitError)) throw error;
    const { reason, message } = error;
    const isUnreachable = reason === "FetchFailed" || reason === "CertificateInvalid" || reason === "HostKeyUnknown";
    if (isUnreachable) this.#unreachableSince ??= this.#options.clock.wall();
    else this.#unreachableSince = undefined;
    return { reason, message, worthRetrying: true };
  }
}

/** As an earlier daemon has written it down. */
function sinceIn({ status }: Stored<GitSource>): Date | undefined {
  const since = new Date(status?.unreachableSince ?? "");
  return Number.isNaN(since.getTime()) ? undefined : since;
}

/** What stays in force while nothing newer may be applied; nothing of a source that is rolled back, for it is suspended. */
function appliedTo(source: Stored<GitSource> | undefined): Revision | undefined {
  return source && !rollbackOf(source) ? parseRevision(source.status?.lastAppliedRevision ?? "") : undefined;
}

function reading(source: Stored<GitSource>, { revision, files, remarks }: RevisionRead): SourceReading {
  return {
    identity: source.spec.url,
    revision: revisionText(revision),
    files,
    remarks,
    isPruneApproved: source.metadata.annotations?.[wellKnown.approveAnnotation] === revision.commit,
  };
}
