import type { Client } from "../../api/client.ts";
import type { GitRef } from "../../api/git/git-ref.ts";
import { parseGitUrl } from "../../api/git/git-url.ts";
import { parseRevision, type Revision, revisionText } from "../../api/git/revision.ts";
import type { Stored } from "../../api/object.ts";
import { wellKnown } from "../../api/scheme.ts";
import type { GitSource } from "../../api/types.generated.ts";
import type { YamlThread } from "../../api/yaml/yaml-thread.ts";
import { GitError } from "../../git/git-error.ts";
import type { Commit } from "../../git/repository/commit.ts";
import type { GitReading } from "../../git/repository/git-thread.ts";
import type { Wanted } from "../../git/repository/repository.ts";
import type { TrustedKeys } from "../../git/signatures/trusted-keys.ts";
import { verifyCommit } from "../../git/signatures/verify-commit.ts";
import type { GitRemote } from "../../git/transport/transport.ts";
import type { Clock } from "../../lib/clock.ts";
import { parseDuration } from "../../lib/duration.ts";
import { parseQuantity } from "../../lib/quantity.ts";
import {
  type ManifestFile,
  type SourceListener,
  type SourceProblem,
  type SourceReader,
  type SourceReading,
  SourceUnreadable,
} from "../source/reader.ts";
import { credentialsOf } from "./credentials.ts";
import { inputsOf } from "./inputs.ts";
import { builtManifests, isKustomized, manifestsOf } from "./manifests-of.ts";

export interface GitReaderOptions {
  /** The source as it is now; undefined when it is gone. */
  source: () => Stored<GitSource> | undefined;
  git: GitReading;
  yaml: Pick<YamlThread, "readYaml">;
  /** Reads the Secret of the credentials. */
  client: Client;
  nodeName: string;
  clock: Clock;
}

interface Read {
  revision: Revision;
  files: ManifestFile[];
  remarks: readonly string[];
}

/** A repository of manifests as a reader: the newest revision, or the one that was applied last while the newest cannot be had. */
export class GitReader implements SourceReader {
  readonly #options: GitReaderOptions;
  /** What was read last, by commit and everything else that decides what is read of it. */
  #last: { key: string; read: Read } | undefined;
  #listener: SourceListener | undefined;
  /** Since when it could not be asked. */
  #unreachableSince: Date | undefined;

  constructor(options: GitReaderOptions) {
    this.#options = options;
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
    try {
      this.#unreachableSince ??= sinceIn(source);
      const read = await this.#newest(source, signal);
      this.#unreachableSince = undefined;
      return reading(source, read);
    } catch (error) {
      signal.throwIfAborted();
      return this.#standIn(source, this.#told(error), signal);
    }
  }

  async #newest(source: Stored<GitSource>, signal: AbortSignal): Promise<Read> {
    const { spec } = source;
    const url = parseGitUrl(spec.url);
    if (typeof url === "string") throw new GitError("FetchFailed", `spec.url ${url}`);
    const credentials = await credentialsOf(this.#options.client, namespaceOf(source), spec.secretRef?.name);
    const remote = { url, credentials };
    const ref = spec.ref as GitRef | undefined;
    const isSaid = ref !== undefined && Object.keys(ref).length > 0;
    const revision = await this.#options.git.resolve(remote, isSaid ? ref : undefined, timeoutMs(source), signal);
    return this.#files(source, revision, remote, signal);
  }

  /** What was applied last stays what is wanted: it is in the local copy, also after a restart. */
  async #standIn(source: Stored<GitSource>, problem: SourceProblem, signal: AbortSignal): Promise<SourceReading> {
    const applied = parseRevision(source.status?.lastAppliedRevision ?? "");
    if (!applied) throw new SourceUnreadable(problem);
    try {
      const read = await this.#files(source, applied, undefined, signal);
      const message = `${problem.message}. What was applied last stays: ${revisionText(applied)}`;
      return { ...reading(source, read), problem: { ...problem, message } };
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      throw new SourceUnreadable(problem);
    }
  }

  async #files(
    source: Stored<GitSource>,
    revision: Revision,
    remote: GitRemote | undefined,
    signal: AbortSignal,
  ): Promise<Read> {
    const { limits, targetNamespace } = source.spec;
    const path = (source.spec.path ?? ".").replace(/\$\{node\.name\}/g, () => this.#options.nodeName);
    const wanted: Wanted = {
      commit: revision.commit,
      path,
      which: "manifests",
      limits: { files: limits?.files ?? 2000, bytes: parseQuantity(limits?.bytes ?? "32Mi") },
    };
    const { client, clock, git, yaml } = this.#options;
    const inputs = await inputsOf(client, namespaceOf(source), source);
    const key = JSON.stringify([wanted, targetNamespace, inputs.version]);
    if (this.#last?.key !== key) {
      const { commit, files, remarks } = await git.files(remote, wanted, timeoutMs(source), signal);
      // What is in the local copy alone was applied before: it was signed by a key that was trusted then.
      if (inputs.trusted && remote) await mustBeSigned(commit, inputs.trusted, clock.wall());
      const placement = { path, namespace: namespaceOf(source), targetNamespace };
      // A base may be anywhere in the repository, and any file may be content of a ConfigMap.
      const all = isKustomized(files)
        ? await git.files(remote, { ...wanted, path: ".", which: "all" }, timeoutMs(source), signal)
        : undefined;
      const manifests = all
        ? await builtManifests(all.files, revision.commit, placement, inputs, yaml)
        : await manifestsOf(files, placement, inputs, yaml);
      this.#last = { key, read: { revision, files: manifests, remarks } };
    }
    return { ...this.#last.read, revision };
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

async function mustBeSigned(commit: Commit, trusted: TrustedKeys, now: Date): Promise<void> {
  const verdict = await verifyCommit(commit, trusted, now);
  if ("signer" in verdict) return;
  const message = `the commit ${commit.oid.slice(0, 7)} does not count: ${verdict.problem}`;
  throw new SourceUnreadable({ reason: "VerificationFailed", message, worthRetrying: true });
}

/** As an earlier daemon has written it down. */
function sinceIn({ status }: Stored<GitSource>): Date | undefined {
  const since = new Date(status?.unreachableSince ?? "");
  return Number.isNaN(since.getTime()) ? undefined : since;
}

const namespaceOf = ({ metadata }: Stored<GitSource>): string => metadata.namespace ?? "default";

const timeoutMs = ({ spec }: Stored<GitSource>): number => parseDuration(spec.timeout ?? "1m");

function reading(source: Stored<GitSource>, { revision, files, remarks }: Read): SourceReading {
  return {
    identity: source.spec.url,
    revision: revisionText(revision),
    files,
    remarks,
    isPruneApproved: source.metadata.annotations?.[wellKnown.approveAnnotation] === revision.commit,
  };
}
