import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";

export function pidsIn(folder: string): number[] {
  if (!existsSync(folder)) return []; // the usual case of a first start; an exception would cost 80 us
  try {
    return readFileSync(join(folder, "cgroup.procs"), "utf8").split("\n").filter(Boolean).map(Number);
  } catch (error) {
    if (isCode(error, "ENOENT", "ENODEV")) return [];
    throw error;
  }
}

/** Includes processes in the groups inside it. */
export function pidsBelow(folder: string): number[] {
  return [...pidsIn(folder), ...subfolders(folder).flatMap((name) => pidsBelow(join(folder, name)))];
}

/** The groups of probes and hooks; a workload may have made others inside its own. */
export const execGroups = (folder: string): string[] => subfolders(folder).filter((name) => EXEC_GROUP.test(name));

const EXEC_GROUP = /^exec-\d+-\d+$/;

/** As `pidsBelow`, without the processes of probes and hooks. */
export function ownPids(folder: string): number[] {
  const inside = subfolders(folder).filter((name) => !EXEC_GROUP.test(name));
  return [...pidsIn(folder), ...inside.flatMap((name) => pidsBelow(join(folder, name)))];
}

/** The number behind a name, as in `memory.events` and `memory.oom_control`; 0 when there is no such file or name. */
export function counter(folder: string, file: string, name: string): number {
  try {
    return counterIn(readFileSync(join(folder, file), "latin1"), name);
  } catch {
    return 0;
  }
}

/** The same in the text of such a file: a name and its number on each line. */
export function counterIn(text: string, name: string): number {
  for (const line of text.split("\n")) if (line.startsWith(`${name} `)) return Number(line.slice(name.length + 1));
  return 0;
}

export function makeFolder(folder: string): void {
  mkdirSync(folder, { recursive: true });
}

/** Removes a cgroup and the ones below it; a cgroup that is gone already is fine. */
export function removeFolder(folder: string): void {
  for (const name of subfolders(folder)) removeFolder(join(folder, name));
  try {
    rmdirSync(folder);
  } catch (error) {
    if (!isCode(error, "ENOENT")) throw error;
  }
}

export function subfolders(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch {
    return [];
  }
}

export function isCode(error: unknown, ...codes: string[]): boolean {
  return codes.includes((error as NodeJS.ErrnoException | undefined)?.code ?? "");
}

/** Removes the groups below it and itself, as far as no process is in them. */
export function removeIfEmpty(folder: string): void {
  for (const name of subfolders(folder)) removeIfEmpty(join(folder, name));
  try {
    rmdirSync(folder);
  } catch {
    // Processes are left in it, or it is gone.
  }
}
