const BLOCK = 64 * 1024;
const NEWLINE = 0x0a;

/**
 * Where the last `lines` lines of [start, end) begin. Reads backwards, one block at a time. A last line without its newline counts.
 */
export async function tailOffset(
  readAt: (position: number, length: number) => Promise<Buffer>,
  start: number,
  end: number,
  lines: number,
): Promise<number> {
  if (lines <= 0) return end;
  let wanted = lines;
  for (let blockEnd = end; blockEnd > start; ) {
    const blockStart = Math.max(start, blockEnd - BLOCK);
    const block = await readAt(blockStart, blockEnd - blockStart);
    for (let at = block.lastIndexOf(NEWLINE); at !== -1; at = at === 0 ? -1 : block.lastIndexOf(NEWLINE, at - 1)) {
      const offset = blockStart + at + 1;
      if (offset !== end && --wanted === 0) return offset;
    }
    blockEnd = blockStart;
  }
  return start;
}
