import type { Framing } from "./answer-head.ts";
import { type ByteSource, cutShort } from "./byte-source.ts";

/** In characters: eight hexadecimal digits are four gigabytes. */
const LONGEST_SIZE = 8;
const END_OF_LINE = "\r\n";
const MALFORMED = "it sends a malformed chunk";
const PIECE = 1024 * 1024;

/** The body, and nothing after it, in pieces as they come. Rejects when the connection ends before it does. */
export async function* answerBody(source: ByteSource, framing: Framing): AsyncGenerator<Buffer> {
  if (framing.kind === "sized") yield* exactly(source, framing.bytes);
  if (framing.kind !== "chunked") return;
  for (;;) {
    const size = await chunkSize(source);
    yield* exactly(source, size);
    await source.before(END_OF_LINE, 0, MALFORMED);
    if (size === 0) return;
  }
}

async function* exactly(source: ByteSource, bytes: number): AsyncGenerator<Buffer> {
  for (let left = bytes; left > 0; ) {
    const piece = await source.some(Math.min(left, PIECE));
    if (!piece) throw cutShort();
    left -= piece.length;
    yield piece;
  }
}

/** Without extensions: no server of ours has any. */
async function chunkSize(source: ByteSource): Promise<number> {
  const text = await source.before(END_OF_LINE, LONGEST_SIZE, MALFORMED);
  if (!/^[0-9a-f]+$/i.test(text)) throw new Error(MALFORMED);
  return Number.parseInt(text, 16);
}
