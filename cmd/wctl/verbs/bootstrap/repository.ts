import type { Revision } from "../../../../api/git/revision.ts";
import { GitError } from "../../../../git/git-error.ts";
import type { GitPushing } from "../../../../git/repository/git-thread.ts";
import type { Tip } from "../../../../git/repository/push/change.ts";
import type { GitRemote } from "../../../../git/transport/transport.ts";
import { Failure } from "../../errors/failure.ts";

/** As a GitSource has them that says nothing of them. */
const TIMEOUT_MS = 60_000;
const LIMITS = { files: 2000, bytes: 32 * 1024 * 1024 };

const AUTHOR = { name: "wctl", email: "wctl@localhost" };

export interface Found extends Tip {
  /** There are manifests in the folder. */
  hasManifests: boolean;
}

/** The repository as one who begins sees it. Rejects with Failure. */
export class BeginningRepository {
  readonly #git: GitPushing;
  readonly #remote: GitRemote;
  readonly #signal: AbortSignal;

  constructor(git: GitPushing, remote: GitRemote, signal: AbortSignal) {
    this.#git = git;
    this.#remote = remote;
    this.#signal = signal;
  }

  async find(branch: string | undefined, folder: string): Promise<Found> {
    const tip = await this.#git.tip(this.#remote, branch, TIMEOUT_MS, this.#signal).catch(explained);
    return { ...tip, hasManifests: tip.commit !== undefined && (await this.#hasManifests(tip.commit, folder)) };
  }

  /** Adds files on top of what was found, in a commit of their own. */
  async push({ branch, commit }: Tip, files: Readonly<Record<string, string>>, at: Date): Promise<Revision> {
    const message = `First manifests: ${Object.keys(files).join(", ")}`;
    const when = Math.floor(at.getTime() / 1000);
    const change = { branch, parent: commit, files, message, author: AUTHOR, at: when };
    const pushed = await this.#git.push(this.#remote, change, TIMEOUT_MS, this.#signal).catch(unlessReadOnly);
    return { name: branch, commit: pushed };
  }

  async #hasManifests(commit: string, folder: string): Promise<boolean> {
    const wanted = { commit, path: folder || ".", limits: LIMITS, which: "manifests" } as const;
    try {
      return (await this.#git.files(this.#remote, wanted, TIMEOUT_MS, this.#signal)).files.length > 0;
    } catch (error) {
      if (error instanceof GitError && error.reason === "PathNotFound") return false;
      return explained(error);
    }
  }
}

/** By which flag that is given which a GitSource has in its Secret. */
const HINTS: Partial<Record<GitError["reason"], string>> = {
  AuthenticationFailed: "Credentials are given by --username and --token-file (https), or by --ssh-key-file (ssh).",
  CertificateInvalid: "The authority of a certificate is given by --ca-file.",
  HostKeyUnknown: "The host key of a server is given by --known-hosts-file.",
};

function explained(error: unknown): never {
  if (!(error instanceof GitError)) throw error;
  const hint = HINTS[error.reason];
  throw new Failure(error.message, hint === undefined ? {} : { hint });
}

const BY_HAND =
  "Without the right to push: write the first manifests by --export DIR, have them committed, and run this again.";

function unlessReadOnly(error: unknown): never {
  const isRefused =
    error instanceof GitError && (error.reason === "AuthenticationFailed" || error.reason === "PushRejected");
  if (!isRefused) return explained(error);
  throw new Failure(error.message, { hint: BY_HAND });
}
