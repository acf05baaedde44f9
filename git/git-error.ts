/** Why a repository could not be read: the reason of the condition, and of the Event. The last one is told to whoever pushes. */
export type GitFailure =
  | "FetchFailed"
  | "AuthenticationFailed"
  | "CertificateInvalid"
  | "HostKeyUnknown"
  | "RefNotFound"
  | "PathNotFound"
  | "LimitExceeded"
  | "RepositoryInvalid"
  | "PushRejected";

/** The message is for people: it says what to do, and holds no credentials. */
export class GitError extends Error {
  override readonly name = "GitError";
  readonly reason: GitFailure;

  constructor(reason: GitFailure, message: string) {
    super(message);
    this.reason = reason;
  }
}
