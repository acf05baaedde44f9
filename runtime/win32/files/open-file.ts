import { constants } from "../ffi/constants.ts";
import { fileConstants as f } from "../ffi/file-constants.ts";
import { fileStructs } from "../ffi/file-structs.ts";
import { encode, read } from "../ffi/struct-codec.ts";
import { tokenConstants as t } from "../ffi/token-constants.ts";
import type { Handle, Winapi } from "../ffi/winapi.ts";
import { must, Win32Error } from "../win32-error.ts";
import { extended } from "./path-rules.ts";

const SHARE = constants.FILE_SHARE_READ | constants.FILE_SHARE_WRITE | constants.FILE_SHARE_DELETE;
const LEAST = t.DELETE | t.FILE_READ_ATTRIBUTES | constants.SYNCHRONIZE;
/** Of files: FILE_READ_DATA, which is the same bit as to list. */
const ALL = LEAST | constants.FILE_LIST_DIRECTORY | f.FILE_WRITE_ATTRIBUTES;
const GONE: readonly number[] = [constants.ERROR_FILE_NOT_FOUND, constants.ERROR_PATH_NOT_FOUND];

/** Opens what is at the path itself, link or not. Undefined: nothing is there. Throws Win32Error. */
export function openAt(api: Winapi, path: string): Handle | undefined {
  const flags = constants.FILE_FLAG_BACKUP_SEMANTICS | constants.FILE_FLAG_OPEN_REPARSE_POINT;
  const file = api.CreateFileW(extended(path), ALL, SHARE, null, constants.OPEN_EXISTING, flags, 0);
  if (file !== -1) return file;
  const code = api.GetLastError();
  if (GONE.includes(code)) return undefined;
  throw new Win32Error("CreateFileW", code, { path });
}

/**
 * Opens what has this name in the folder that is held. It walks no path, so nothing on the way can have been exchanged, and it opens a link itself.
 * `name`: UTF-16 as the listing gave it. `access`: absent, what it takes to remove it. Undefined: it is gone. Throws Win32Error.
 */
export function openIn(api: Winapi, folder: Handle, name: Buffer, access = ALL): Handle | undefined {
  const first = tryOpen(api, folder, name, access);
  const mayDoWithLess = access === ALL && first.code === constants.ERROR_ACCESS_DENIED;
  // Its access list may keep us from reading; that of the folder still lets us remove it.
  const { handle, code } = mayDoWithLess ? tryOpen(api, folder, name, LEAST) : first;
  if (handle !== undefined) return handle;
  if (GONE.includes(code)) return undefined;
  throw new Win32Error("NtOpenFile", code, { name: name.toString("utf16le") });
}

function tryOpen(api: Winapi, folder: Handle, name: Buffer, access: number): { handle?: Handle; code: number } {
  const attributes = attributesOf(api, folder, name);
  const out = Buffer.alloc(8);
  const result = Buffer.alloc(fileStructs.IO_STATUS_BLOCK.size);
  const options = f.FILE_SYNCHRONOUS_IO_NONALERT | f.FILE_OPEN_FOR_BACKUP_INTENT | f.FILE_OPEN_REPARSE_POINT;
  const status = api.NtOpenFile(out, access, attributes, result, SHARE, options);
  if (status < 0) return { code: api.RtlNtStatusToDosError(status) };
  return { handle: Number(out.readBigUInt64LE()), code: 0 };
}

/**
 * OBJECT_ATTRIBUTES, the UNICODE_STRING they point to, and the name: one Buffer, so that all of it lives as long as the call. `descriptor`: the access
 * list of a new file; 0: it inherits that of the folder.
 */
export function attributesOf(api: Winapi, folder: Handle, name: Buffer, descriptor = 0n): Buffer {
  const { OBJECT_ATTRIBUTES, UNICODE_STRING } = fileStructs;
  const whole = Buffer.concat([Buffer.alloc(OBJECT_ATTRIBUTES.size + UNICODE_STRING.size), name]);
  const text = api.addressOf(whole) + BigInt(OBJECT_ATTRIBUTES.size);
  encode(OBJECT_ATTRIBUTES, {
    Length: OBJECT_ATTRIBUTES.size,
    RootDirectory: BigInt(folder),
    ObjectName: text,
    SecurityDescriptor: descriptor,
  }).copy(whole);
  encode(UNICODE_STRING, {
    Length: name.length,
    MaximumLength: name.length,
    Buffer: text + BigInt(UNICODE_STRING.size),
  }).copy(whole, OBJECT_ATTRIBUTES.size);
  return whole;
}

/** True for a folder with entries of its own: no file, and no link or other thing that a driver may redirect. Throws Win32Error. */
export function isFolder(api: Winapi, file: Handle): boolean {
  const { FILE_ATTRIBUTE_TAG_INFO } = fileStructs;
  const info = Buffer.alloc(FILE_ATTRIBUTE_TAG_INFO.size);
  const done = api.GetFileInformationByHandleEx(file, f.FileAttributeTagInfo, info, info.length);
  must(api, "GetFileInformationByHandleEx", done);
  const attributes = read(FILE_ATTRIBUTE_TAG_INFO, info, "FileAttributes");
  return (attributes & f.FILE_ATTRIBUTE_DIRECTORY) !== 0 && (attributes & t.FILE_ATTRIBUTE_REPARSE_POINT) === 0;
}
