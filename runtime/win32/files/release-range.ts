import { releaseError } from "../../logs/release-trial.ts";
import { constants } from "../ffi/constants.ts";
import { encode } from "../ffi/struct-codec.ts";
import { structs } from "../ffi/structs.ts";
import type { Handle, Winapi } from "../ffi/winapi.ts";
import { Win32Error } from "../win32-error.ts";
import { extended } from "./path-rules.ts";

const SHARE_ALL = constants.FILE_SHARE_READ | constants.FILE_SHARE_WRITE | constants.FILE_SHARE_DELETE;

/** `ReleaseOldest` on NTFS: makes the file sparse and its oldest part a hole. The file keeps its size; the hole reads as zeros. */
export function releaseRange(api: Winapi, path: string, length: number): void {
  const flags = constants.FILE_ATTRIBUTE_NORMAL | constants.FILE_FLAG_OPEN_REPARSE_POINT;
  const file = api.CreateFileW(
    extended(path),
    constants.GENERIC_READ | constants.GENERIC_WRITE,
    SHARE_ALL,
    null,
    constants.OPEN_EXISTING,
    flags,
    0,
  );
  if (file === -1) throw new Win32Error("CreateFileW", api.GetLastError(), { path });
  try {
    control(api, file, "FSCTL_SET_SPARSE", null, path);
    const range = encode(structs.FILE_ZERO_DATA_INFORMATION, { FileOffset: 0n, BeyondFinalZero: BigInt(length) });
    control(api, file, "FSCTL_SET_ZERO_DATA", range, path);
  } finally {
    api.CloseHandle(file);
  }
}

function control(
  api: Winapi,
  file: Handle,
  name: "FSCTL_SET_SPARSE" | "FSCTL_SET_ZERO_DATA",
  input: Buffer | null,
  path: string,
): void {
  const done = api.DeviceIoControl(file, constants[name], input, input?.length ?? 0, null, 0, Buffer.alloc(4), null);
  if (!done) throw new Win32Error(`DeviceIoControl(${name})`, api.GetLastError(), { path });
}

/** Why logs in this folder can't be kept within their size; undefined when they can. */
export function whyNotReleasable(api: Winapi, folder: string): string | undefined {
  const error = releaseError(folder, (path, length) => releaseRange(api, path, length));
  return error instanceof Win32Error
    ? `the file system of the data directory has no sparse files (${error.message})`
    : undefined;
}
