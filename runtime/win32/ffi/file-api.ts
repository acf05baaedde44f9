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
  RtlNtStatusToDosError(status: number): number;
}
