import { constants } from "../ffi/constants.ts";
import { read } from "../ffi/struct-codec.ts";
import { structs } from "../ffi/structs.ts";
import type { Winapi } from "../ffi/winapi.ts";
import { Win32Error } from "../win32-error.ts";

const INFO = structs.SYSTEM_PROCESS_INFORMATION;
const STATUS_INFO_LENGTH_MISMATCH = 0xc0000004 | 0;

/** One process as the system lists it. */
export interface SystemProcess {
  pid: number;
  parent: number;
  /** FILETIME, decimal. */
  creationTime: string;
  /** `conhost.exe` */
  image: string;
  cpuSeconds: number;
  workingSet: number;
  privateBytes: number;
  handles: number;
  threads: number;
}

let room = 256 * 1024;

/** Every process of the machine, from one system call. */
export function systemProcesses(api: Winapi): SystemProcess[] {
  const returned = Buffer.alloc(4);
  for (;;) {
    const info = Buffer.allocUnsafe(room);
    const status = api.NtQuerySystemInformation(constants.SystemProcessInformation, info, info.length, returned);
    if (status >= 0) return parse(info, api.addressOf(info));
    if (status !== STATUS_INFO_LENGTH_MISMATCH) throw new Win32Error("NtQuerySystemInformation", status);
    room = Math.max(room * 2, returned.readUInt32LE(0) + 64 * 1024);
  }
}

/** Pure. `base`: the address of the block when it was filled; names are pointers into it. */
export function parse(info: Buffer, base: bigint): SystemProcess[] {
  const found: SystemProcess[] = [];
  for (let at = 0; ; ) {
    const nameAt = Number(read(INFO, info, "ImageNameBuffer", at) - base);
    const nameLength = read(INFO, info, "ImageNameLength", at);
    const hasName = nameLength > 0 && nameAt > 0 && nameAt + nameLength <= info.length;
    found.push({
      pid: Number(read(INFO, info, "UniqueProcessId", at)),
      parent: Number(read(INFO, info, "InheritedFromUniqueProcessId", at)),
      creationTime: String(read(INFO, info, "CreateTime", at)),
      image: hasName ? info.toString("utf16le", nameAt, nameAt + nameLength) : "",
      cpuSeconds: Number(read(INFO, info, "UserTime", at) + read(INFO, info, "KernelTime", at)) / 1e7,
      workingSet: Number(read(INFO, info, "WorkingSetSize", at)),
      privateBytes: Number(read(INFO, info, "PrivatePageCount", at)),
      handles: read(INFO, info, "HandleCount", at),
      threads: read(INFO, info, "NumberOfThreads", at),
    });
    const next = read(INFO, info, "NextEntryOffset", at);
    if (next === 0) return found;
    at += next;
  }
}
