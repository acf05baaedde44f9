import type { Client } from "../../api/client.ts";
import { parseRevision, type Revision } from "../../api/git/revision.ts";
import { expandSourcePath } from "../../api/git/source-path.ts";
import type { Stored } from "../../api/object.ts";
import type { GitSource } from "../../api/types.generated.ts";
import type { Variables } from "../../api/variables/expand.ts";
import type { YamlThread } from "../../api/yaml/yaml-thread.ts";
import type { Commit } from "../../git/repository/commit.ts";
import type { GitReading } from "../../git/repository/git-thread.ts";
import type { Wanted } from "../../git/repository/repository.ts";
import type { TrustedKeys } from "../../git/signatures/trusted-keys.ts";
import { verifyCommit } from "../../git/signatures/verify-commit.ts";
import type { GitRemote } from "../../git/transport/transport.ts";
import type { Clock } from "../../lib/clock.ts";
import { parseDuration } from "../../lib/duration.ts";
import { parseQuantity } from "../../lib/quantity.ts";
import { type ManifestFile, SourceUnreadable } from "../source/reader.ts";
import { inputsOf } from "./inputs.ts";
import { builtManifests, isKustomized, manifestsOf } from "./manifests-of.ts";

export interface RevisionReaderOptions {
  git: GitReading;
  yaml: Pick<YamlThread, "readYaml">;
  /** Reads the Secrets and ConfigMaps that the source names. */
  client: Client;
  nodeName: string;
  clock: Clock;
}

/** What one revision declares. */
export interface RevisionRead {
  revision: Revision;
  files: readonly ManifestFile[];
  remarks: readonly string[];
}

/** The newest revision, and the one that stays while that may not be applied. */
const MOST_KEPT = 2;

/** Reads what one revision declares for a GitSource, verified by the keys that are trusted now. What was read is kept while nothing of it can have changed. */
export class RevisionReader {
  readonly #options: RevisionReaderOptions;
  /** By commit and everything else that decides what is read of it; used last comes last. */
  readonly #kept = new Map<string, RevisionRead>();

  constructor(options: RevisionReaderOptions) {
    this.#options = options;
  }

  /** Without a remote only if it was fetched before. Rejects with GitError, or SourceUnreadable. */
  async read(
    source: Stored<GitSource>,
    revision: Revision,
    remote: GitRemote | undefined,
    signal: AbortSignal,
  ): Promise<RevisionRead> {
    const { limits, targetNamespace } = source.spec;
    const { client, clock, git, nodeName, yaml } = this.#options;
    const inputs = await inputsOf(client, namespaceOf(source), source);
    const path = folderOf(source, nodeName, inputs.variables);
    const wanted: Wanted = {
      commit: revision.commit,
      path,
      which: "manifests",
      limits: { files: limits?.files ?? 2000, bytes: parseQuantity(limits?.bytes ?? "32Mi") },
    };
    const key = JSON.stringify([wanted, targetNamespace, inputs.version]);
    const known = this.#kept.get(key);
    if (known) return this.#keep(key, { ...known, revision });
    const keep = parseRevision(source.status?.lastAppliedRevision ?? "")?.commit;
    const { commit, files, remarks } = await git.files(remote, { ...wanted, keep }, timeoutMs(source), signal);
    if (inputs.trusted) await mustBeSigned(commit, inputs.trusted, clock.wall());
    const placement = { path, namespace: namespaceOf(source), targetNamespace };
    // A base may be anywhere in the repository, and any file may be content of a ConfigMap.
    const all = isKustomized(files)
      ? await git.files(remote, { ...wanted, keep, path: ".", which: "all" }, timeoutMs(source), signal)
      : undefined;
    const manifests = all
      ? await builtManifests(all.files, revision.commit, placement, inputs, yaml)
      : await manifestsOf(files, placement, inputs, yaml);
    return this.#keep(key, { revision, files: manifests, remarks });
  }

  #keep(key: string, read: RevisionRead): RevisionRead {
    this.#kept.delete(key);
    this.#kept.set(key, read);
    const [oldest = ""] = this.#kept.keys();
    if (this.#kept.size > MOST_KEPT) this.#kept.delete(oldest);
    return read;
  }
}

export const namespaceOf = ({ metadata }: Stored<GitSource>): string => metadata.namespace ?? "default";

export const timeoutMs = ({ spec }: Stored<GitSource>): number => parseDuration(spec.timeout ?? "1m");

function folderOf({ spec: { path = "." } }: Stored<GitSource>, nodeName: string, variables?: Variables): string {
  const expanded = expandSourcePath(path, nodeName, variables);
  if ("folder" in expanded) return expanded.folder;
  throw new SourceUnreadable({
    reason: "SubstitutionFailed",
    message: `spec.path ${JSON.stringify(path)}: ${expanded.problem}`,
    worthRetrying: true,
  });
}

async function mustBeSigned(commit: Commit, trusted: TrustedKeys, now: Date): Promise<void> {
  const verdict = await verifyCommit(commit, trusted, now);
  if ("signer" in verdict) return;
  const message = `the commit ${commit.oid.slice(0, 7)} does not count: ${verdict.problem}`;
  throw new SourceUnreadable({ reason: "VerificationFailed", message, worthRetrying: true });
}
