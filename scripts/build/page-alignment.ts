import type { NtExecutable } from "resedit";

const PAGE = 4096;
const DEBUG = 6;
/** Of an entry of the debug directory, IMAGE_DEBUG_DIRECTORY: its size, and where it has the address and the place in the file of what it is about. */
const ENTRY = { size: 28, address: 20, place: 24 };

type Section = ReturnType<NtExecutable["getAllSections"]>[number];

/**
 * Moves the sections of a program to page boundaries of its file; what is in them, and where they are in memory, stays. Windows maps a program whatever
 * its layout. Who maps files with mmap, as Wine does, must else read all of Node, 85 MB, into the memory of each process at its start.
 */
export function alignSections(program: NtExecutable): void {
  const sections = program.getAllSections().filter(({ info }) => info.pointerToRawData > 0);
  let place = PAGE; // The headers take the first.
  for (const { info } of sections.toSorted((a, b) => a.info.pointerToRawData - b.info.pointerToRawData)) {
    info.pointerToRawData = place;
    place += Math.ceil(info.sizeOfRawData / PAGE) * PAGE;
  }
  tellDebuggers(program, sections);
}

/** The debug directory is the one table inside the sections that names places in the file. */
function tellDebuggers(program: NtExecutable, sections: readonly Section[]): void {
  const { virtualAddress, size } = program.newHeader.optionalHeaderDataDirectory.get(DEBUG);
  const { info, data } = holderOf(virtualAddress, sections) ?? {};
  if (size === 0 || !info || !data) return;
  const table = new DataView(data, virtualAddress - info.virtualAddress, size);
  for (let entry = 0; entry + ENTRY.size <= size; entry += ENTRY.size) {
    const address = table.getUint32(entry + ENTRY.address, true);
    const holder = holderOf(address, sections);
    if (holder)
      table.setUint32(entry + ENTRY.place, holder.info.pointerToRawData + address - holder.info.virtualAddress, true);
  }
}

export const holderOf = (address: number, sections: readonly Section[]): Section | undefined =>
  sections.find(({ info }) => address >= info.virtualAddress && address < info.virtualAddress + info.virtualSize);
