import { win32 } from "node:path";
import { StartError } from "../../runtime.ts";
import { fileConstants as f } from "../ffi/file-constants.ts";
import { encode } from "../ffi/struct-codec.ts";
import { tokenConstants as c } from "../ffi/token-constants.ts";
import { tokenStructs } from "../ffi/token-structs.ts";
import type { Winapi } from "../ffi/winapi.ts";
import { extended } from "../files/path-rules.ts";
import type { Token } from "../security/token.ts";

const MAPPING = encode(tokenStructs.GENERIC_MAPPING, {
  GenericRead: c.FILE_GENERIC_READ,
  GenericWrite: c.FILE_GENERIC_WRITE,
  GenericExecute: c.FILE_GENERIC_EXECUTE,
  GenericAll: c.FILE_ALL_ACCESS,
});

/** Most access lists take less, and asking for the length first is one more walk to the file. */
const USUAL_ROOM = 1024;

/** AccessCheck wants room for the privileges it used; none of them grants these rights. */
const PRIVILEGES_USED = 256;

/**
 * Checks, before anything is started, that the account may execute the program and enter the working directory: a process that may not dies with
 * 0xC0000142 or 0xC0000135 and says nothing. Throws StartError AccessDenied with the command that grants what is missing.
 */
export function checkAccess(api: Winapi, token: Token, who: string, image: string, workingDir: string): void {
  const asking = token.impersonation();
  try {
    if (!mayAccess(api, asking, image, c.FILE_READ_DATA | c.FILE_EXECUTE)) {
      const folder = win32.dirname(image);
      const grant = `icacls "${folder}" /grant "${who}:(OI)(CI)(RX)"`;
      throw new StartError("AccessDenied", `${who} may not read and execute ${image}; to grant it: ${grant}`);
    }
    if (!mayAccess(api, asking, workingDir, c.FILE_TRAVERSE)) {
      const grant = `icacls "${workingDir}" /grant "${who}:(OI)(CI)(RX)"`;
      throw new StartError(
        "AccessDenied",
        `${who} may not enter the working directory ${workingDir}; to grant it: ${grant}`,
      );
    }
  } finally {
    asking.close();
  }
}

/** Whether the account may put files into a folder. */
export function mayAddFiles(api: Winapi, token: Token, folder: string): boolean {
  const asking = token.impersonation();
  try {
    return mayAccess(api, asking, folder, f.FILE_ADD_FILE);
  } finally {
    asking.close();
  }
}

/** True also when nobody can tell, as on a disk without access lists: then the start itself shows it. */
function mayAccess(api: Winapi, token: Token, path: string, access: number): boolean {
  const descriptor = descriptorOf(api, path);
  if (!descriptor) return true;
  const [privileges, length] = [Buffer.alloc(PRIVILEGES_USED), Buffer.alloc(4)] as const;
  length.writeUInt32LE(PRIVILEGES_USED);
  const [granted, status] = [Buffer.alloc(4), Buffer.alloc(4)] as const;
  const { handle } = token;
  const done = api.AccessCheck(descriptor, handle, access, MAPPING, privileges, length, granted, status);
  return done === 0 || status.readUInt32LE() !== 0;
}

function descriptorOf(api: Winapi, path: string): Buffer | undefined {
  const information = c.OWNER_SECURITY_INFORMATION | c.GROUP_SECURITY_INFORMATION | c.DACL_SECURITY_INFORMATION;
  const needed = Buffer.alloc(4);
  for (let room = USUAL_ROOM; ; room = needed.readUInt32LE()) {
    const descriptor = Buffer.alloc(room);
    if (api.GetFileSecurityW(extended(path), information, descriptor, room, needed)) return descriptor;
    if (needed.readUInt32LE() <= room) return undefined; // Room is not what it lacks.
  }
}
