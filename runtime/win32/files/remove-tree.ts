import { type Clock, sleep } from "../../../lib/clock.ts";
import { constants } from "../ffi/constants.ts";
import { fileConstants as f } from "../ffi/file-constants.ts";
import { fileStructs } from "../ffi/file-structs.ts";
import { encode } from "../ffi/struct-codec.ts";
import type { Handle, Winapi } from "../ffi/winapi.ts";
import { Win32Error } from "../win32-error.ts";
import { firstNames } from "./list-folder.ts";
import { isFolder, openAt, openIn } from "./open-file.ts";

/** Errors that pass: others (an antivirus program, a console that is ending) hold the file open for a moment. */
const HELD_BY_OTHERS: readonly number[] = [
  constants.ERROR_ACCESS_DENIED,
  constants.ERROR_SHARING_VIOLATION,
  f.ERROR_DIR_NOT_EMPTY,
];
const PATIENCE_MS = 5_000;
const PAUSE_MS = 20;

/** Errors of systems that do not know the newer way to remove: Windows before 10 1809, some file systems, and Wine. */
const UNKNOWN: readonly number[] = [
  f.ERROR_INVALID_FUNCTION,
  constants.ERROR_NOT_SUPPORTED,
  constants.ERROR_INVALID_PARAMETER,
  f.ERROR_CALL_NOT_IMPLEMENTED,
  f.ERROR_INVALID_LEVEL,
];

/**
 * Removes a folder and all in it. Resolves with false when `most` entries are gone and there are more. Rejects with Win32Error when something
 * is still held open by others after five seconds.
 */
export async function removeTree(
  api: Winapi,
  path: string,
  clock: Clock,
  most = Number.POSITIVE_INFINITY,
): Promise<boolean> {
  const deadline = clock.now() + PATIENCE_MS;
  for (;;) {
    try {
      return removeNow(api, path, most);
    } catch (error) {
      const isHeld = error instanceof Win32Error && HELD_BY_OTHERS.includes(error.code);
      if (!isHeld || clock.now() > deadline) throw error;
    }
    await sleep(clock, PAUSE_MS);
  }
}

/**
 * A workload could write to all of this, and others of its account still can. So after the first open we walk no path any more: we open each entry by
 * its name in the folder that is held, never through a link, and we ask that handle what it is, and to remove it. A folder that is made into a
 * junction in this very moment is removed itself; what it leads to is not touched (S11). Deep trees need handles, and no stack.
 */
function removeNow(api: Winapi, path: string, most: number): boolean {
  const top = openAt(api, path);
  if (top === undefined) return true;
  const held = [top];
  let left = most;
  try {
    for (let folder = held.at(-1); folder !== undefined; folder = held.at(-1)) {
      const names = isFolder(api, folder) ? firstNames(api, folder) : [];
      if (names.length === 0) {
        remove(api, folder, path);
        api.CloseHandle(held.pop()!);
      } else if (left <= 0) return false;
      else {
        const { handled, deeper } = removeEntries(api, folder, names);
        left -= handled;
        if (deeper !== undefined) held.push(deeper);
      }
    }
    return true;
  } finally {
    for (const handle of held) api.CloseHandle(handle);
  }
}

/** Removes entries up to the first folder that has something in it: that one stays held, and is to be emptied first. */
function removeEntries(api: Winapi, folder: Handle, names: readonly Buffer[]): { handled: number; deeper?: Handle } {
  let handled = 0;
  for (const name of names) {
    const entry = openIn(api, folder, name);
    if (entry === undefined) continue; // Gone meanwhile.
    handled++;
    let isKept = false;
    try {
      const code = tryRemove(api, entry);
      isKept = code === f.ERROR_DIR_NOT_EMPTY && isFolder(api, entry);
      if (isKept) return { handled, deeper: entry };
      if (code !== 0) throw new Win32Error("SetFileInformationByHandle", code, { name: name.toString("utf16le") });
    } finally {
      if (!isKept) api.CloseHandle(entry);
    }
  }
  // Else we would meet names that are listed and can't be opened again and again.
  if (handled === 0) throw new Win32Error("NtOpenFile", constants.ERROR_ACCESS_DENIED, { names: names.length });
  return { handled };
}

function remove(api: Winapi, file: Handle, path: string): void {
  const code = tryRemove(api, file);
  if (code !== 0) throw new Win32Error("SetFileInformationByHandle", code, { path });
}

/**
 * Removes what the handle holds: it loses its name when the handle is closed; with POSIX semantics also while others have it open. Returns the
 * error's code; 0 is success.
 */
function tryRemove(api: Winapi, file: Handle): number {
  const flags = Buffer.alloc(4);
  flags.writeUInt32LE(
    f.FILE_DISPOSITION_FLAG_DELETE |
      f.FILE_DISPOSITION_FLAG_POSIX_SEMANTICS |
      f.FILE_DISPOSITION_FLAG_IGNORE_READONLY_ATTRIBUTE,
  );
  const code = set(api, file, f.FileDispositionInfoEx, flags);
  if (!UNKNOWN.includes(code)) return code;
  const plain = encode(fileStructs.FILE_BASIC_INFO, { FileAttributes: constants.FILE_ATTRIBUTE_NORMAL });
  set(api, file, f.FileBasicInfo, plain); // A read-only file can't be removed the older way.
  return set(api, file, f.FileDispositionInfo, Buffer.from([1]));
}

function set(api: Winapi, file: Handle, infoClass: number, info: Buffer): number {
  return api.SetFileInformationByHandle(file, infoClass, info, info.length) ? 0 : api.GetLastError();
}
