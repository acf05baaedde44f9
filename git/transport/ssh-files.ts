import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PATIENT_REMOVAL } from "../../lib/patient-files.ts";
import { GitError } from "../git-error.ts";
import { IDENTITY_FILE, KNOWN_HOSTS_FILE } from "./ssh-command.ts";
import type { GitCredentials } from "./transport.ts";

/**
 * Writes the key and the known hosts into a folder for one session, which is made anew: ssh reads keys only from files. On Windows the rights come from
 * the data directory, which only SYSTEM, Administrators and the daemon's account open: ssh there demands the same. Rejects with GitError.
 */
export async function writeSshFiles(folder: string, { identity, knownHosts }: GitCredentials): Promise<void> {
  if (!identity?.trim()) {
    throw new GitError(
      "AuthenticationFailed",
      "a repository over ssh needs a private key: put it as identity into the Secret of spec.secretRef",
    );
  }
  if (!knownHosts?.trim()) {
    throw new GitError(
      "HostKeyUnknown",
      "a repository over ssh needs its host key: compare what ssh-keyscan prints with what the host publishes, and put it as known_hosts into the Secret of spec.secretRef",
    );
  }
  await removeSshFiles(folder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, IDENTITY_FILE), lines(identity), { mode: 0o600, flag: "wx" });
  await writeFile(join(folder, KNOWN_HOSTS_FILE), lines(knownHosts), { mode: 0o600, flag: "wx" });
}

export const removeSshFiles = (folder: string): Promise<void> => rm(folder, PATIENT_REMOVAL);

/** ssh takes a key for damaged that has other ends of lines, or none at its end: both happen on the way into a Secret. */
const lines = (text: string): string => `${text.replaceAll("\r\n", "\n").trimEnd()}\n`;
