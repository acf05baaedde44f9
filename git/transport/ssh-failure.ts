import type { GitUrl } from "../../api/git/git-url.ts";
import { oneLine } from "../../lib/one-line.ts";
import { GitError } from "../git-error.ts";

/** By ssh itself; every other code is that of the command on the server. */
const OF_SSH = 255;
const LONGEST = 300;

/** Why a session ended, by its exit code (null: killed) and what it wrote to stderr, which the server may have written as well. */
export function sshFailure(url: GitUrl, code: number | null, stderr: string): GitError {
  const { host } = url;
  const said = oneLine(stderr, LONGEST) || "nothing was said";
  if (code === OF_SSH) return ofSsh(url, stderr, said);
  if (/not our ref/i.test(stderr)) return notOffered(host);
  return new GitError("FetchFailed", `${host} refuses to give the repository: ${said}`);
}

/** A server gives by ssh only what it offers, unless it is set to give more. */
export const notOffered = (host: string): GitError =>
  new GitError(
    "RefNotFound",
    `${host} does not give this commit, because no branch or tag points to it: make a tag, or set uploadpack.allowReachableSHA1InWant of the repository to true`,
  );

function ofSsh({ host, port }: GitUrl, stderr: string, said: string): GitError {
  const keyscan = `ssh-keyscan ${port === 22 ? "" : `-p ${port} `}${host}`;
  if (/HOST IDENTIFICATION HAS CHANGED|REVOKED HOST KEY|Host key for .* has changed/.test(stderr)) {
    return new GitError(
      "HostKeyUnknown",
      `${host} has another host key than known_hosts of spec.secretRef says: ask its administrator whether it was changed. If so, put the line of ${keyscan} there instead`,
    );
  }
  if (/Host key verification failed|No \S+ host key is known/.test(stderr)) {
    return new GitError(
      "HostKeyUnknown",
      `the host key of ${host} is not known: compare what ${keyscan} prints with what the host publishes, and put it as known_hosts into the Secret of spec.secretRef`,
    );
  }
  if (/UNPROTECTED PRIVATE KEY|bad permissions/.test(stderr)) {
    return new GitError(
      "FetchFailed",
      "ssh does not use a key that others can read: look at who may read the data directory",
    );
  }
  if (/Load key .*(invalid format|error in libcrypto|incorrect passphrase|not a|no such)/i.test(stderr)) {
    return new GitError(
      "AuthenticationFailed",
      "identity of spec.secretRef is no private key that ssh reads: it must be one in PEM or OpenSSH form, without a passphrase",
    );
  }
  if (/Permission denied \(|Too many authentication failures|No supported authentication methods/.test(stderr)) {
    return new GitError(
      "AuthenticationFailed",
      `${host} does not let the key in that is identity of spec.secretRef: look at the user in spec.url, whether the key's public half is there, and whether it has no passphrase`,
    );
  }
  return new GitError("FetchFailed", `${host} cannot be reached by ssh: ${said}`);
}
