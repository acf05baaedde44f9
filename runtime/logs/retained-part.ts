import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
} from "node:fs";

/**
 * A log is one row of bytes in up to two files: what stood in it before others emptied it (`N.out.kept`), then the file that the workload holds
 * (`N.out`). Offsets count over both, so they stay true when the second file begins anew. While bytes are on their way from one file to the other, a
 * third file (`N.out.moving`) says so, and says where the retained part ended before; a reader waits until it is gone.
 */
export const retainedPath = (log: string): string => `${log}.kept`;
export const movingPath = (log: string): string => `${log}.moving`;

/** Bytes; 0 when nobody emptied it. */
export const retainedSize = (log: string): number => statSync(retainedPath(log), { throwIfNoEntry: false })?.size ?? 0;

export const isMoving = (log: string): boolean => existsSync(movingPath(log));

/** Which file a byte of the row lies in, and where. */
export function locate(log: string, offset: number, retained = retainedSize(log)): { path: string; at: number } {
  return offset < retained ? { path: retainedPath(log), at: offset } : { path: log, at: offset - retained };
}

/** So many bytes are enough to tell what was moved from what was written afterwards. */
const COMPARED = 64 * 1024;

/**
 * Finishes a move that a daemon died in. If the log still begins with the moved bytes, it was not emptied, and the retained part drops them. Call it
 * before anything of the log is read or moved.
 */
export function finishMove(log: string): void {
  if (!isMoving(log)) return;
  const before = Number(readFileSync(movingPath(log), "latin1"));
  if (Number.isSafeInteger(before) && retainedSize(log) > before) {
    withOpen(retainedPath(log), "r+", (retained) =>
      withOpen(log, "r", (live) => isStillThere(live, retained, before) && ftruncateSync(retained, before)),
    );
  }
  rmSync(movingPath(log), { force: true });
}

/**
 * Whether the log (a descriptor) still has the bytes that were copied to its retained part, from `before` on. Then it was not emptied. It compares the
 * end, because the copy of the beginning may be incomplete.
 */
export function isStillThere(log: number, retained: number, before: number): boolean {
  const length = fstatSync(retained).size - before;
  if (length <= 0 || fstatSync(log).size < length) return false;
  const compared = Math.min(length, COMPARED);
  return bytesAt(log, length - compared, compared).equals(bytesAt(retained, before + length - compared, compared));
}

function bytesAt(file: number, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(file, bytes, 0, length, at));
}

function withOpen(path: string, flags: string, act: (file: number) => void): void {
  const file = openSync(path, flags);
  try {
    act(file);
  } finally {
    closeSync(file);
  }
}
