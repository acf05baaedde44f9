import { Newlines } from "./newlines.ts";

const BLOCK = 64 * 1024;

/** The offset where the last `lines` lines of [start, end) begin. Reads backwards, one block at a time. A last line without its newline counts. */
export async function tailOffset(
  readAt: (position: number, length: number) => Promise<Buffer>,
  start: number,
  end: number,
  lines: number,
  newlines = new Newlines({ unit: 1 }),
): Promise<number> {
  if (lines <= 0) return end;
  let wanted = lines;
  for (let blockEnd = end; blockEnd > start; ) {
    const blockStart = Math.max(start, newlines.align(blockEnd - BLOCK));
    const block = await readAt(blockStart, blockEnd - blockStart);
    let at = newlines.endOfLast(block, block.length, blockStart);
    while (at !== -1) {
      const offset = blockStart + at;
      if (offset !== end && --wanted === 0) return offset;
      at = newlines.endOfLast(block, at - newlines.unit, blockStart);
    }
    blockEnd = blockStart;
  }
  return start;
}

/** Counts the lines of [from, to), reading forwards. A last line without its newline counts. */
export async function countLines(
  readAt: (position: number, length: number) => Promise<Buffer>,
  from: number,
  to: number,
  newlines = new Newlines({ unit: 1 }),
): Promise<number> {
  let lines = 0;
  let lineStart = from;
  for (let at = from; at < to; ) {
    const bytes = await readAt(at, Math.min(BLOCK, to - at));
    if (bytes.length === 0) break;
    for (let end = newlines.endOfFirst(bytes, 0, at); end !== -1; end = newlines.endOfFirst(bytes, end, at)) {
      lines++;
      lineStart = at + end;
    }
    at += bytes.length;
  }
  return lineStart < to ? lines + 1 : lines;
}
