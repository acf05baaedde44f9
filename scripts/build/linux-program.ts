import { BLOB_NAME, turnFuse } from "./sea.ts";

/** ELF of 64 bits, little endian: https://refspecs.linuxfoundation.org/elf/gabi4+/contents.html, "ELF Header" to "Program Header". */
const LOAD = 1;
const NOTE = 4;
const NO_BITS = 8;
const WRITABLE = 2;
const PAGE = 4096;

/**
 * What was Node becomes wctl: with the blob as a note, which Node runs instead of a script from its command line. The notes go to the end of the
 * program's last segment, so that no header is added and none moves. What the file holds behind that segment is not loaded, and follows it.
 */
export function linuxProgram(node: Buffer, blob: Buffer): Buffer {
  const segments = segmentsOf(node);
  const loaded = segments.filter(({ type }) => type === LOAD);
  const last = loaded.at(-1);
  const notes = segments.find(({ type }) => type === NOTE);
  if (!last || !notes || !(last.flags & WRITABLE)) throw new Error("this Node is laid out as none that takes a blob");
  const end = last.offset + last.fileSize;
  // Memory that nothing in the file stands for is zero; now that something comes behind it, the file says so.
  const zeros = Buffer.alloc(roundUp(last.memorySize, 4) - last.fileSize);
  const all = Buffer.concat([node.subarray(notes.offset, notes.offset + notes.fileSize), noteOf(BLOB_NAME, blob)]);
  const added = roundUp(zeros.length + all.length, PAGE);
  const program = Buffer.concat([
    node.subarray(0, end),
    zeros,
    all,
    Buffer.alloc(added - zeros.length - all.length),
    node.subarray(end),
  ]);
  const before = last.fileSize + zeros.length;
  place(program, last.at, last.offset, last.address, before + all.length);
  place(program, notes.at, last.offset + before, last.address + before, all.length);
  moveSections(program, end, added);
  turnFuse(program);
  return program;
}

interface Segment {
  /** Where its header is. */
  at: number;
  type: number;
  flags: number;
  offset: number;
  address: number;
  fileSize: number;
  memorySize: number;
}

function segmentsOf(bytes: Buffer): Segment[] {
  if (bytes.readUInt32BE(0) !== 0x7f454c46 || bytes[4] !== 2 || bytes[5] !== 1) throw new Error("no ELF of 64 bits");
  const [first, size, count] = [number(bytes, 32), bytes.readUInt16LE(54), bytes.readUInt16LE(56)];
  return Array.from({ length: count }, (_, index) => {
    const at = first + index * size;
    return {
      at,
      type: bytes.readUInt32LE(at),
      flags: bytes.readUInt32LE(at + 4),
      offset: number(bytes, at + 8),
      address: number(bytes, at + 16),
      fileSize: number(bytes, at + 32),
      memorySize: number(bytes, at + 40),
    };
  });
}

/** Its addresses in memory, virtual and physical, are one. */
function place(bytes: Buffer, header: number, offset: number, address: number, size: number): void {
  for (const [index, value] of [offset, address, address, size, size].entries())
    bytes.writeBigUInt64LE(BigInt(value), header + 8 + index * 8);
}

/** The table of sections, for debuggers and the like, and those that it names, where they lie behind `end`. */
function moveSections(bytes: Buffer, end: number, by: number): void {
  const [table, size, count] = [number(bytes, 40), bytes.readUInt16LE(58), bytes.readUInt16LE(60)];
  if (table < end) return;
  bytes.writeBigUInt64LE(BigInt(table + by), 40);
  for (let index = 0; index < count; index++) {
    const header = table + by + index * size;
    const offset = number(bytes, header + 24);
    if (offset >= end && bytes.readUInt32LE(header + 4) !== NO_BITS)
      bytes.writeBigUInt64LE(BigInt(offset + by), header + 24);
  }
}

/** Sizes of name and content, a type that says nothing, and both of them, each to a multiple of four. */
function noteOf(name: string, content: Buffer): Buffer {
  const bytes = Buffer.alloc(roundUp(12 + roundUp(name.length + 1, 4) + content.length, 4));
  bytes.writeUInt32LE(name.length + 1, 0);
  bytes.writeUInt32LE(content.length, 4);
  bytes.write(name, 12, "latin1");
  content.copy(bytes, 12 + roundUp(name.length + 1, 4));
  return bytes;
}

const number = (bytes: Buffer, at: number): number => Number(bytes.readBigUInt64LE(at));
const roundUp = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple;
