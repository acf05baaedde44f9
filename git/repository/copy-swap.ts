import { existsSync, renameSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { PATIENT_REMOVAL, renamePatiently } from "../../lib/patient-files.ts";

const newOf = (folder: string): string => `${folder}.new`;
const oldOf = (folder: string): string => `${folder}.old`;

/** Makes room for a copy that is made anew, and returns where. */
export async function beginCopy(folder: string): Promise<string> {
  await rm(newOf(folder), PATIENT_REMOVAL);
  return newOf(folder);
}

/** Puts the new copy in place of the old one. Whenever the process is killed, one of them is whole; `recoverCopy` finds it. */
export async function swapCopy(folder: string): Promise<void> {
  await rm(oldOf(folder), PATIENT_REMOVAL);
  if (existsSync(folder)) await renamePatiently(folder, oldOf(folder));
  await renamePatiently(newOf(folder), folder);
  await rm(oldOf(folder), PATIENT_REMOVAL);
}

/** After a process that was killed. */
export function recoverCopy(folder: string): void {
  if (!existsSync(folder) && existsSync(oldOf(folder))) renameSync(oldOf(folder), folder);
  rmSync(oldOf(folder), PATIENT_REMOVAL);
}
