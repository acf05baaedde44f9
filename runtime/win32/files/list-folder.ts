import { constants } from "../ffi/constants.ts";
import { fileConstants as f } from "../ffi/file-constants.ts";
import { fileStructs } from "../ffi/file-structs.ts";
import { read } from "../ffi/struct-codec.ts";
import type { Handle, Winapi } from "../ffi/winapi.ts";
import { Win32Error } from "../win32-error.ts";

const { FILE_ID_BOTH_DIR_INFO } = fileStructs;
const ROOM = 16_384;

/** The first names in a folder that is held: as many as come at once, from the beginning at each call. UTF-16. Throws Win32Error. */
export const firstNames = (api: Winapi, folder: Handle): Buffer[] => parts(api, folder).next().value ?? [];

/** All names in a folder that is held. UTF-16. Throws Win32Error. */
export function* allNames(api: Winapi, folder: Handle): Generator<Buffer, undefined, void> {
  for (const names of parts(api, folder)) yield* names;
}

/** As many as come at once, and never none. */
function* parts(api: Winapi, folder: Handle): Generator<Buffer[], undefined, void> {
  for (let infoClass: number = f.FileIdBothDirectoryRestartInfo; ; infoClass = f.FileIdBothDirectoryInfo) {
    const info = Buffer.alloc(ROOM);
    if (!api.GetFileInformationByHandleEx(folder, infoClass, info, info.length)) {
      const code = api.GetLastError();
      if (code === f.ERROR_NO_MORE_FILES || code === constants.ERROR_FILE_NOT_FOUND) return;
      throw new Win32Error("GetFileInformationByHandleEx", code);
    }
    const names = namesIn(info).filter((name) => !isDots(name));
    if (names.length > 0) yield names;
  }
}

function namesIn(info: Buffer): Buffer[] {
  const names: Buffer[] = [];
  for (let at = 0; ; ) {
    const from = at + FILE_ID_BOTH_DIR_INFO.fields.FileName.at;
    names.push(Buffer.from(info.subarray(from, from + read(FILE_ID_BOTH_DIR_INFO, info, "FileNameLength", at))));
    const next = read(FILE_ID_BOTH_DIR_INFO, info, "NextEntryOffset", at);
    if (next === 0) return names;
    at += next;
  }
}

/** The folder itself and the one above it. */
const isDots = (name: Buffer): boolean => ["2e00", "2e002e00"].includes(name.toString("hex"));
