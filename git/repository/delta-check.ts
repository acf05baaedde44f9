import { damaged, tooLarge } from "./pack-fault.ts";

/** The library keeps an object for each until the delta is applied; git makes a few for each line that differs. */
const MOST_INSTRUCTIONS = 500_000;
const COPY = 0x80;
/** Of a copy that says none. */
const COPIED = 0x10000;

/** Reads through a delta (gitformat-pack), and returns how large its object is. Throws GitError when its instructions make something else, or are too many. */
export function checkDelta(delta: Buffer): number {
  const base = sizeAt(delta, 0);
  const target = sizeAt(delta, base.next);
  let made = 0;
  let instructions = 0;
  for (let at = target.next; at < delta.length; ) {
    if (++instructions > MOST_INSTRUCTIONS) throw tooLarge(`a delta of more than ${MOST_INSTRUCTIONS} instructions`);
    const { size, next } = instructionAt(delta, at);
    made += size;
    at = next;
  }
  if (made !== target.value) throw damaged("a delta does not make what it says");
  return target.value;
}

function instructionAt(delta: Buffer, at: number): { size: number; next: number } {
  const byte = delta[at]!;
  if (byte === 0) throw damaged("a delta has an instruction that does nothing");
  if (!(byte & COPY)) return { size: byte, next: within(delta, at + 1 + byte) };
  let next = at + 1;
  // Four bits say which bytes of the offset follow, three which bytes of the size.
  for (let bit = 1; bit <= 8; bit <<= 1) if (byte & bit) next++;
  let size = 0;
  for (let index = 0; index < 3; index++) if (byte & (0x10 << index)) size += (delta[next++] ?? 0) << (8 * index);
  return { size: size || COPIED, next: within(delta, next) };
}

function within(delta: Buffer, end: number): number {
  if (end > delta.length) throw damaged("a delta ends in the middle of an instruction");
  return end;
}

/** A delta begins with the sizes of its base and of what it makes of it. */
function sizeAt(delta: Buffer, from: number): { value: number; next: number } {
  let value = 0;
  for (let at = from, factor = 1; ; factor *= 128) {
    const byte = delta[at++];
    if (byte === undefined || value > Number.MAX_SAFE_INTEGER) throw damaged("a delta has no sizes");
    value += (byte & 0x7f) * factor;
    if (!(byte & 0x80)) return { value, next: at };
  }
}
