import type { StoreHealth } from "../store.ts";

type Unhealthy = StoreHealth & { ok: false };

/** Primary result codes, https://www.sqlite.org/rescode.html */
const BUSY = 5;
const LOCKED = 6;
const CORRUPT = 11;
const FULL = 13;
const PERM = 3;
const IOERR = 10;
const CANTOPEN = 14;
const NOTADB = 26;

/**
 * SQLite had no room for a transaction. It found out while writing, and undid the transaction before anybody called it durable. So the same file can be
 * written again when there is room; after a failed fsync it cannot, for nobody knows what has reached the disk.
 */
export const isFull = (error: unknown): boolean => resultCode(error) === FULL;

/** The health of an open store that is full. */
export const full = (file: string): Unhealthy => ({
  ok: false,
  reason: "StoreFull",
  message: `${file} cannot be written: the disk is full. Writes are refused, workloads go on. Free some space: then writes are accepted again; every acknowledged write is safe`,
});

/** Why the store stopped writing, in words that say what to do. */
export function healthAfter(error: unknown, file: string): Unhealthy {
  const code = resultCode(error);
  const said = error instanceof Error ? error.message : String(error);
  if (code === CORRUPT || code === NOTADB) return damaged(file, [said]);
  if (isLocked(error)) {
    return { ok: false, reason: "StoreInUse", message: `${file} is held by another program: ${said}` };
  }
  const advice =
    code === FULL || (error as NodeJS.ErrnoException).code === "ENOSPC"
      ? "The disk is full: free some space, then restart the daemon"
      : "Find out what ails the disk, then restart the daemon";
  return {
    ok: false,
    reason: "StoreFailed",
    message: `${file} cannot be used: ${said}. Writes are refused, workloads go on. ${advice}; every acknowledged write is safe`,
  };
}

const firstOf = (problems: string[]): string =>
  `${problems.slice(0, 3).join("; ")}${problems.length > 3 ? `; and ${problems.length - 3} more` : ""}`;

/** The agent compares what runs with what is stored (decision 0018). Whoever reads the message has running programs, and should know this before. */
const AFTERWARDS =
  "Programs whose Instances are not in the store that is then there are stopped, and their folders (work, logs) removed";

export const damaged = (file: string, problems: string[]): Unhealthy => ({
  ok: false,
  reason: "StoreDamaged",
  message:
    `${file} is damaged: ${firstOf(problems)}. ` +
    "What can be read is shown, writes are refused, workloads are left alone. The way back: stop the daemon, keep a copy of the folder, then either " +
    `restore a backup to ${file} and remove ${file}-wal and store.id beside it, or move all of them away to begin empty. ${AFTERWARDS}`,
});

/** `problems`: what the Transformer says of records, or of itself. */
export const unreadable = (file: string, problems: string[]): Unhealthy => ({
  ok: false,
  reason: "StoreUnreadable",
  message:
    `${file} holds records that cannot be read: ${firstOf(problems)}. ` +
    "What can be read is shown, writes are refused, workloads are left alone. The way back: stop the daemon, keep a copy of the folder, then put back what is " +
    `missing or damaged (a backup of the store needs the keys of its time), or move ${file}, ${file}-wal, store.id and the keys away to begin empty. ${AFTERWARDS}`,
});

export const tooNew = (file: string, format: number, known: number): Unhealthy => ({
  ok: false,
  reason: "StoreTooNew",
  message:
    `${file} has format ${format}, this program knows formats up to ${known}: a newer version wrote it. ` +
    "Nothing was changed. Start that version again, or restore a backup made by this one",
});

export const isLocked = (error: unknown): boolean => [BUSY, LOCKED].includes(resultCode(error) ?? 0);

/** The file could not be reached. That says nothing about what is in it. */
export const isUnreachable = (error: unknown): boolean =>
  [PERM, IOERR, CANTOPEN].includes(resultCode(error) ?? 0) || (error as NodeJS.ErrnoException).syscall !== undefined;

/** The primary result code of a `node:sqlite` error; undefined for other errors. */
const resultCode = (error: unknown): number | undefined => {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  return typeof code === "number" ? code & 0xff : undefined;
};
