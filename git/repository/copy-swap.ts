import { existsSync, renameSync, rmSync } from "node:fs";
import { rename, rm } from "node:fs/promises";

const newOf = (folder: string): string => `${folder}.new`;
const oldOf = (folder: string): string => `${folder}.old`;

/** Makes room for a copy that is made anew, and returns where. */
export async function beginCopy(folder: string): Promise<string> {
  await rm(newOf(folder), { recursive: true, force: true });
  return newOf(folder);
}

/** Puts the new copy in place of the old one. Whenever the process is killed, one of them is whole; `recoverCopy` finds it. */
export async function swapCopy(folder: string): Promise<void> {
  await rm(oldOf(folder), { recursive: true, force: true });
  if (existsSync(folder)) await rename(folder, oldOf(folder));
  await rename(newOf(folder), folder);
  await rm(oldOf(folder), { recursive: true, force: true });
}

/** After a process that was killed. */
export function recoverCopy(folder: string): void {
  if (!existsSync(folder) && existsSync(oldOf(folder))) renameSync(oldOf(folder), folder);
  rmSync(oldOf(folder), { recursive: true, force: true });
}
