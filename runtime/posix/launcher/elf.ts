/** The address of the one segment: the usual one of a program that is not moved, below `LIST_ADDRESS`. */
const ADDRESS = 0x40_0000;
const SIZEOF_HEADER = 64;
const SIZEOF_SEGMENT = 56;
const LOAD = 1;
const GNU_STACK = 0x6474_e551;
const EXECUTE = 1;
const WRITE = 2;
const READ = 4;

/** The smallest static program: elf(5). One segment that can be read and executed, a stack that can't be executed, no library, no interpreter. */
export function staticProgram(machine: number, code: Uint8Array): Buffer {
  const start = SIZEOF_HEADER + 2 * SIZEOF_SEGMENT;
  const size = start + code.length;
  const file = Buffer.alloc(size);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]); // \x7fELF, 64 bits, little-endian, version 1
  file.writeUInt16LE(2, 16); // a program, not to be moved
  file.writeUInt16LE(machine, 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(BigInt(ADDRESS + start), 24);
  file.writeBigUInt64LE(BigInt(SIZEOF_HEADER), 32);
  file.writeUInt16LE(SIZEOF_HEADER, 52);
  file.writeUInt16LE(SIZEOF_SEGMENT, 54);
  file.writeUInt16LE(2, 56);
  file.writeUInt16LE(64, 58);
  segment(file, SIZEOF_HEADER, { type: LOAD, flags: READ | EXECUTE, address: ADDRESS, size, align: 0x1_0000 });
  const stack = { type: GNU_STACK, flags: READ | WRITE, address: 0, size: 0, align: 16 };
  segment(file, SIZEOF_HEADER + SIZEOF_SEGMENT, stack);
  file.set(code, start);
  return file;
}

interface Segment {
  type: number;
  flags: number;
  address: number;
  size: number;
  align: number;
}

function segment(file: Buffer, at: number, { type, flags, address, size, align }: Segment): void {
  file.writeUInt32LE(type, at);
  file.writeUInt32LE(flags, at + 4);
  const places = [0, address, address, size, size, align]; // offset, virtual, physical, in the file, in memory
  places.forEach((value, index) => void file.writeBigUInt64LE(BigInt(value), at + 8 + index * 8));
}
