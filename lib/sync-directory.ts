import { syncFile } from "./sync-file.ts";

/** Makes a new name in it durable. Windows has no such call: there NTFS' own journal does it. */
export function syncDirectory(directory: string): void {
  try {
    syncFile(directory, "r");
  } catch (error) {
    if (!["EISDIR", "EPERM", "EACCES", "EINVAL"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}
