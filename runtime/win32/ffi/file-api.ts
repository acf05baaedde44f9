import type { Bool, Handle, Memory } from "./types.ts";

/** The part of `Winapi` that is about files by their handles, and about what this process lets itself be led to. */
export interface FileApi {
  GetFileInformationByHandleEx(file: Handle, infoClass: number, out: Buffer, length: number): Bool;
  SetFileInformationByHandle(file: Handle, infoClass: number, info: Buffer, length: number): Bool;
  /** `to` null with MOVEFILE_DELAY_UNTIL_REBOOT: it is removed when the system starts again. */
  MoveFileExW(from: string, to: string | null, flags: number): Bool;
  SetProcessMitigationPolicy(policy: number, info: Buffer, length: number): Bool;
  /** An NTSTATUS: below 0 it failed. */
  NtOpenFile(out: Buffer, access: number, attributes: Buffer, status: Memory, share: number, options: number): number;
  /** The same; `attributes` names a file in a folder that is held. */
  NtCreateFile(
    out: Buffer,
    access: number,
    attributes: Buffer,
    status: Memory,
    size: null,
    fileAttributes: number,
    share: number,
    disposition: number,
    options: number,
    extended: null,
    extendedLength: number,
  ): number;
  NtSetInformationFile(file: Handle, status: Memory, info: Buffer, length: number, infoClass: number): number;
  WriteFile(file: Handle, content: Buffer, length: number, written: Buffer, overlapped: null): Bool;
  RtlNtStatusToDosError(status: number): number;
}
