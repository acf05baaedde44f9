import { constants } from "../../runtime/win32/ffi/constants.ts";
import { fileConstants as f } from "../../runtime/win32/ffi/file-constants.ts";
import { tokenConstants as t } from "../../runtime/win32/ffi/token-constants.ts";
import type { Winapi } from "../../runtime/win32/ffi/winapi.ts";

/** A folder has entries; a junction leads to one. */
export interface FakeFile {
  entries?: Map<string, FakeFile>;
  junction?: FakeFile;
  readOnly?: boolean;
  /** Opened by somebody who does not share its removal. */
  held?: boolean;
  parent?: FakeFile;
  name?: string;
  /** Names that it has beside this one. */
  otherNames?: number;
  /** Nobody but its owner may open it. */
  locked?: boolean;
  /** Its access list, as SDDL, when it was set. */
  acl?: string;
}

export const folder = (entries: Record<string, FakeFile> = {}): FakeFile => {
  const made: FakeFile = { entries: new Map() };
  for (const [name, file] of Object.entries(entries)) put(made, name, file);
  return made;
};

export function put(into: FakeFile, name: string, file: FakeFile): void {
  into.entries!.set(name, file);
  Object.assign(file, { parent: into, name });
}

export interface FakeFiles {
  api: Winapi;
  /** Calls that walk a path, with the path. */
  walked: string[];
  open(): number;
  /** It is called before each call, so that a test can race with it. */
  meanwhile: (call: string) => void;
}

/** Windows' calls for files by their handles, over a tree in memory that is found at `C:\\data`. `older`: it knows no FileDispositionInfoEx. */
export function fakeFiles(root: FakeFile, { older = false } = {}): FakeFiles {
  const handles = new Map<number, { file: FakeFile; listed: number; doomed?: boolean }>();
  const memory = new Map<bigint, Buffer>();
  const descriptors: string[] = [];
  let next = 100;
  let lastError = 0;
  let lastAddress = 0n;
  const fail = (code: number): 0 => {
    lastError = code;
    return 0;
  };
  const at = (address: bigint): Buffer => memory.get((address >> 16n) << 16n)!.subarray(Number(address & 0xffffn));
  const open = (file: FakeFile): number => {
    handles.set(++next, { file, listed: 0 });
    return next;
  };
  const isFilled = ({ entries, junction }: FakeFile): boolean => junction === undefined && (entries?.size ?? 0) > 0;
  const listing = (names: string[]): Buffer => {
    const parts = names.map((name, index) => {
      const bytes = Buffer.from(name, "utf16le");
      const part = Buffer.alloc(Math.ceil((104 + bytes.length) / 8) * 8);
      part.writeUInt32LE(index === names.length - 1 ? 0 : part.length, 0);
      part.writeUInt32LE(bytes.length, 60);
      bytes.copy(part, 104);
      return part;
    });
    return Buffer.concat(parts);
  };
  const world: FakeFiles = {
    api: undefined as unknown as Winapi,
    walked: [],
    open: () => handles.size,
    meanwhile: () => {},
  };
  const calls: Partial<Winapi> = {
    GetLastError: () => lastError,
    addressOf(buffer) {
      const address = ++lastAddress << 16n;
      memory.set(address, buffer);
      return address;
    },
    CreateFileW(path) {
      world.walked.push(path);
      lastError = constants.ERROR_FILE_NOT_FOUND;
      return path === "C:\\data" && root.name === "data" ? open(root) : -1;
    },
    NtOpenFile(out, _access, attributes) {
      const text = at(attributes.readBigUInt64LE(16));
      const name = at(text.readBigUInt64LE(8)).toString("utf16le", 0, text.readUInt16LE(0));
      const { file } = handles.get(Number(attributes.readBigUInt64LE(8)))!;
      const entry = file.junction ? undefined : file.entries?.get(name);
      if (!entry) return -constants.ERROR_FILE_NOT_FOUND;
      if (entry.locked) return -constants.ERROR_ACCESS_DENIED;
      if (entry.held) return -constants.ERROR_SHARING_VIOLATION;
      out.writeBigUInt64LE(BigInt(open(entry)));
      return 0;
    },
    RtlNtStatusToDosError: (status) => -status,
    GetFileInformationByHandleEx(handle, infoClass, out) {
      const held = handles.get(handle)!;
      const { file } = held;
      if (infoClass === f.FileAttributeTagInfo) {
        const kind = file.entries || file.junction ? f.FILE_ATTRIBUTE_DIRECTORY : 0;
        out.writeUInt32LE(kind | (file.junction ? t.FILE_ATTRIBUTE_REPARSE_POINT : 0), 0);
        return 1;
      }
      if (infoClass === f.FileIdBothDirectoryRestartInfo) held.listed = 0;
      const all = [".", "..", ...(file.entries?.keys() ?? [])];
      const names = all.slice(held.listed, held.listed + 3);
      held.listed += names.length;
      if (names.length === 0) return fail(f.ERROR_NO_MORE_FILES);
      listing(names).copy(out);
      return 1;
    },
    SetFileInformationByHandle(handle, infoClass, info) {
      const held = handles.get(handle)!;
      const isNewer = infoClass === f.FileDispositionInfoEx;
      if (isNewer && older) return fail(constants.ERROR_INVALID_PARAMETER);
      if (infoClass === f.FileBasicInfo) held.file.readOnly = false;
      if (infoClass !== f.FileDispositionInfo && !isNewer) return 1;
      if (isFilled(held.file)) return fail(f.ERROR_DIR_NOT_EMPTY);
      const ignores = isNewer && (info.readUInt32LE(0) & f.FILE_DISPOSITION_FLAG_IGNORE_READONLY_ATTRIBUTE) !== 0;
      if (held.file.readOnly && !ignores) return fail(constants.ERROR_ACCESS_DENIED);
      held.doomed = true;
      return 1;
    },
    GetFileInformationByHandle(handle, info) {
      const { file } = handles.get(handle)!;
      info.writeUInt32LE(file.junction ? t.FILE_ATTRIBUTE_REPARSE_POINT : 0, 0);
      info.writeUInt32LE(1 + (file.otherNames ?? 0), 40);
      return 1;
    },
    ConvertStringSecurityDescriptorToSecurityDescriptorW(sddl, _revision, out) {
      out.writeBigUInt64LE(BigInt(descriptors.push(sddl)));
      return 1;
    },
    LocalFree: () => 0n,
    SetKernelObjectSecurity(handle, _information, descriptor) {
      handles.get(handle)!.file.acl = descriptors[Number(descriptor) - 1]!;
      return 1;
    },
    CloseHandle(handle) {
      const held = handles.get(handle);
      if (!held || !handles.delete(handle)) return 0;
      if (held.doomed) {
        held.file.parent?.entries?.delete(held.file.name!);
        delete held.file.name;
      }
      return 1;
    },
  };
  root.name = "data";
  world.api = new Proxy({} as Winapi, {
    get:
      (_, name: keyof Winapi) =>
      (...args: never[]) => {
        world.meanwhile(name);
        if (memory.size > 10_000 && name === "CloseHandle") memory.clear(); // nothing is pointed to then
        return (calls[name] as (...all: never[]) => unknown)(...args);
      },
  });
  return world;
}
