import { StartError } from "../../runtime.ts";
import { constants } from "../ffi/constants.ts";
import { fileConstants as f } from "../ffi/file-constants.ts";
import { fileStructs } from "../ffi/file-structs.ts";
import { read } from "../ffi/struct-codec.ts";
import { tokenConstants as c } from "../ffi/token-constants.ts";
import type { Handle, Winapi } from "../ffi/winapi.ts";
import { extended } from "../files/path-rules.ts";
import { withDescriptor } from "../security/security-attributes.ts";
import { LOCAL_SYSTEM } from "../security/sid.ts";
import { must, Win32Error } from "../win32-error.ts";
import type { EntryLists } from "./give-entries.ts";
import { homeSid } from "./process-account.ts";

const READ_WRITE_EXECUTE = c.FILE_GENERIC_READ | c.FILE_GENERIC_WRITE | c.FILE_GENERIC_EXECUTE;
const MODIFY = READ_WRITE_EXECUTE | c.DELETE;

const OURS = "D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;OW)";

export interface FolderUser {
  sid: string;
  /** The id of the home: no other copy of its account may write what a write-restricted program of this one may. */
  home: string;
  writeRestricted: boolean;
  isLow: boolean;
}

/**
 * The access list of the folder that a workload has for itself. SYSTEM and Administrators may do all; its account all, but not change rights, and not
 * remove or rename the folder itself (S11, S12). A program of low integrity, and a write-restricted one, need an entry of their own.
 */
export function workFolderSddl(user: FolderUser): string {
  const modify = (who: string): string => `(A;;${hex(READ_WRITE_EXECUTE)};;;${who})(A;OICIIO;${hex(MODIFY)};;;${who})`;
  const label = user.isLow ? "S:(ML;OICI;NW;;;LW)" : "";
  return `D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)${usersOf(user).map(modify).join("")}${label}`;
}

/**
 * The access lists of what is in it, as it inherits them when it is made. `isTaken`: others have made it, and though they own it, they can't give
 * themselves any right to it again.
 */
export function entryLists(user: FolderUser, isTaken: boolean): EntryLists {
  const list = (flags: string): string => {
    const entry = (rights: string, who: string): string => `(A;${flags}ID;${rights};;;${who})`;
    const users = usersOf(user).map((who) => entry(hex(MODIFY), who));
    const owner = isTaken ? entry("RC", "OW") : "";
    const label = user.isLow ? `S:(ML;${flags};NW;;;LW)` : "";
    return `D:AI${entry("FA", "SY")}${entry("FA", "BA")}${users.join("")}${owner}${label}`;
  };
  return { folder: list("OICI"), file: list(""), isLow: user.isLow };
}

const usersOf = ({ sid, home, writeRestricted }: FolderUser): string[] => [
  sid,
  ...(writeRestricted ? [homeSid(home)] : []),
];

const hex = (rights: number): string => `0x${rights.toString(16)}`;

/** The right to ask what something is (FILE_READ_ATTRIBUTES, SYNCHRONIZE), but neither what is in it nor who may do what. */
const LOOK = 0x100080;

/**
 * The access list of a folder above. The daemon's side may do all; everybody may look at the folder itself, and nothing in it inherits that. Programs
 * walk their own path upwards (Node's realpath), and a workload's temporary files lie in its folder too. `own`: SID of the daemon.
 */
export function parentFolderSddl(own: string): string {
  const daemon = own === LOCAL_SYSTEM ? "" : `(A;OICI;FA;;;${own})`;
  return `D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)${daemon}(A;;0x${LOOK.toString(16)};;;WD)`;
}

/** Lets the account of a workload look at the folders above its own. Throws StartError. */
export function allowTraversal(api: Winapi, folders: readonly string[], own: string): void {
  try {
    for (const folder of folders) protect(api, folder, parentFolderSddl(own), false);
  } catch (error) {
    if (!(error instanceof Win32Error)) throw error;
    const message = `the folders above that of the instance can't be shown to its account: ${error.message}`;
    throw new StartError("SystemError", message, { cause: error });
  }
}

/**
 * Gives the folder to its user. It does so through a handle that follows no link: an earlier workload may have made the folder into a junction (S11).
 * Throws StartError.
 */
export function giveWorkFolder(api: Winapi, path: string, user: FolderUser): void {
  try {
    give(api, path, user);
  } catch (error) {
    if (!(error instanceof Win32Error)) throw error;
    const message = `the folder of the instance can't be given to its account: ${error.message}`;
    throw new StartError("SystemError", message, { cause: error });
  }
}

/**
 * Takes the folder back before it is removed: nobody but the system, administrators and the daemon's own account can open anything by way of it any
 * more. What is open stays open. The removal itself handles that, and tells what is wrong with the folder.
 */
export function takeWorkFolder(api: Winapi, path: string): void {
  try {
    protect(api, path, OURS, false);
  } catch {
    // It is gone, or a link.
  }
}

function give(api: Winapi, path: string, user: FolderUser): void {
  protect(api, path, workFolderSddl(user), user.isLow);
}

function protect(api: Winapi, path: string, sddl: string, isLow: boolean): void {
  const access = c.READ_CONTROL | c.WRITE_DAC | c.FILE_READ_ATTRIBUTES | (isLow ? c.WRITE_OWNER : 0);
  const flags = constants.FILE_FLAG_BACKUP_SEMANTICS | constants.FILE_FLAG_OPEN_REPARSE_POINT;
  const share = constants.FILE_SHARE_READ | constants.FILE_SHARE_WRITE;
  const folder = api.CreateFileW(extended(path), access, share, null, constants.OPEN_EXISTING, flags, 0);
  must(api, "CreateFileW", folder, { path });
  try {
    refuseLink(api, folder, path);
    const information =
      c.DACL_SECURITY_INFORMATION | c.PROTECTED_DACL_SECURITY_INFORMATION | (isLow ? c.LABEL_SECURITY_INFORMATION : 0);
    withDescriptor(api, sddl, (descriptor) => {
      const done = api.SetKernelObjectSecurity(folder, information >>> 0, descriptor);
      must(api, "SetKernelObjectSecurity", done, { path });
    });
  } finally {
    api.CloseHandle(folder);
  }
}

function refuseLink(api: Winapi, folder: Handle, path: string): void {
  const { FILE_ATTRIBUTE_TAG_INFO } = fileStructs;
  const info = Buffer.alloc(FILE_ATTRIBUTE_TAG_INFO.size);
  const done = api.GetFileInformationByHandleEx(folder, f.FileAttributeTagInfo, info, info.length);
  must(api, "GetFileInformationByHandleEx", done, { path });
  const attributes = read(FILE_ATTRIBUTE_TAG_INFO, info, "FileAttributes");
  if ((attributes & c.FILE_ATTRIBUTE_REPARSE_POINT) === 0) return;
  throw new StartError("AccessDenied", `${path} has been made into a link: remove it, or delete the instance`);
}
