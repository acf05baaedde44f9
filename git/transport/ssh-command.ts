import { win32 } from "node:path";
import type { GitUrl } from "../../api/git/git-url.ts";
import { GitError } from "../git-error.ts";

/** In the folder that is the child's working directory: names without a folder, so that no blank or % of its path is read as something else. */
export const IDENTITY_FILE = "identity";
export const KNOWN_HOSTS_FILE = "known_hosts";

/** What is run on the server: one reads, the other one takes a push. */
export type GitService = "git-upload-pack" | "git-receive-pack";

const CONNECT_SECONDS = 30;
/** Nothing of the host's or the account's own settings counts: no agent, no other key, no forwarding, no program that a setting names. */
const SETTINGS = [
  "BatchMode=yes",
  "StrictHostKeyChecking=yes",
  `UserKnownHostsFile=${KNOWN_HOSTS_FILE}`,
  // The same file again: every system reads it, and none its own.
  `GlobalKnownHostsFile=${KNOWN_HOSTS_FILE}`,
  "UpdateHostKeys=no",
  "CheckHostIP=no",
  "VerifyHostKeyDNS=no",
  "IdentitiesOnly=yes",
  "IdentityAgent=none",
  "PreferredAuthentications=publickey",
  "ProxyCommand=none",
  "PermitLocalCommand=no",
  "ClearAllForwardings=yes",
  "ForwardAgent=no",
  "ForwardX11=no",
  "ControlPath=none",
  "LogLevel=ERROR",
  `ConnectTimeout=${CONNECT_SECONDS}`,
  "ServerAliveInterval=15",
];

/** What `ssh` is started with. It holds no secret. */
export function sshArguments({ host, port, user, path }: GitUrl, service: GitService): string[] {
  const settings = SETTINGS.flatMap((setting) => ["-o", setting]);
  const options = ["-F", "none", "-T", ...settings, "-i", IDENTITY_FILE, "-p", String(port)];
  // As git says it: ssh://HOST/~USER/x is below a home.
  const place = path.startsWith("/~") ? path.slice(1) : path;
  // The shell of the server reads this; the grammar of a GitUrl lets no quote in, and this is asked again where it counts.
  if (place.includes("'")) throw new GitError("FetchFailed", "spec.url must have a path without quotes");
  return [...options, "--", `${user ?? "git"}@${host}`, `${service} '${place}'`];
}

/** Nothing of the daemon's: no agent, no askpass, no display, no variable of git. */
export function sshEnvironment(own: NodeJS.ProcessEnv): Record<string, string> {
  // Windows finds its sockets and its own files by these.
  const needed = ["SystemRoot", "ProgramData", "USERPROFILE"];
  const given = needed.flatMap((name) => (own[name] === undefined ? [] : [[name, own[name]] as const]));
  return { LC_ALL: "C", ...Object.fromEntries(given) };
}

/**
 * Where the system's own client may be, by whole paths: no PATH leads to another. Where there is a SystemRoot, nothing else is tried: `\usr` can be made
 * by anybody there.
 */
export function sshPrograms({ SystemRoot }: NodeJS.ProcessEnv): string[] {
  if (SystemRoot !== undefined) return [win32.join(SystemRoot, "System32", "OpenSSH", "ssh.exe")];
  return ["/usr/bin/ssh", "/usr/local/bin/ssh", "/run/current-system/sw/bin/ssh"];
}
