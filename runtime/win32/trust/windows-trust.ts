import { parse } from "node:path";
import { type PathTrust, pathTrust } from "../../../lib/path-trust.ts";
import { constants } from "../ffi/constants.ts";
import type { ServiceApi } from "../ffi/service-api.ts";
import { serviceConstants as c } from "../ffi/service-constants.ts";
import { extended } from "../files/path-rules.ts";
import { readDescriptor, type SecurityDescriptor } from "../security/security-descriptor.ts";
import { ServiceError } from "../service/service-error.ts";
import { distrustOf, type Purpose } from "./distrust.ts";

const EVERY_SHARE = constants.FILE_SHARE_READ | constants.FILE_SHARE_WRITE | constants.FILE_SHARE_DELETE;
const NO_LINKS = constants.FILE_FLAG_BACKUP_SEMANTICS | constants.FILE_FLAG_OPEN_REPARSE_POINT;
const INVALID_HANDLE = -1;

/**
 * Who decides what lies at a path, by owner and access list. `self`: SID of the account that relies on it.
 *
 * Wine makes up access lists from the bits of a Unix mode. It knows no sticky bit, and no folder that others may enter but not list. So under Wine we
 * leave the folders above, and the question who may read, to Unix. Wine enforces no access list, so nothing is lost.
 */
export function windowsTrust(api: ServiceApi, self: string, purpose: Purpose): PathTrust {
  const { isWine: modesOnly = false } = api;
  return pathTrust((path, stat, place) => {
    if (modesOnly && place === "above") return undefined;
    const descriptor = descriptorOf(api, path);
    if (descriptor === undefined) return undefined; // It has gone since it was listed; whoever reads it finds out.
    if (typeof descriptor === "string") return `${path}: ${descriptor}`;
    // Whoever may write to a link can turn it elsewhere.
    const how = stat.isSymbolicLink()
      ? ({ place: "itself", purpose: "inputs" } as const)
      : { place, purpose: modesOnly ? "inputs" : purpose };
    const why = distrustOf({ descriptor, self, ...how, isRoot: parse(path).root === path });
    return why === undefined ? undefined : `${path}: ${why}`;
  });
}

const GONE: readonly number[] = [constants.ERROR_FILE_NOT_FOUND, constants.ERROR_PATH_NOT_FOUND];

/** Reads it through a handle on the thing itself, which follows no link. A text says why that can't be done; undefined: it is not there any more. */
function descriptorOf(api: ServiceApi, path: string): SecurityDescriptor | string | undefined {
  const object = api.CreateFileW(
    extended(path),
    c.READ_CONTROL,
    EVERY_SHARE,
    null,
    constants.OPEN_EXISTING,
    NO_LINKS,
    0,
  );
  if (object === INVALID_HANDLE) {
    const code = api.GetLastError();
    return GONE.includes(code) ? undefined : new ServiceError("CreateFileW", "its rights", code).message;
  }
  try {
    return readDescriptor(bytesOf(api, object));
  } catch (error) {
    return error instanceof RangeError ? `its access list is not understood (${error.message})` : String(error);
  } finally {
    api.CloseHandle(object);
  }
}

function bytesOf(api: ServiceApi, object: number): Buffer {
  const information = c.OWNER_SECURITY_INFORMATION | c.DACL_SECURITY_INFORMATION;
  const needed = Buffer.alloc(4);
  api.GetKernelObjectSecurity(object, information, null, 0, needed);
  const bytes = Buffer.alloc(needed.readUInt32LE());
  if (api.GetKernelObjectSecurity(object, information, bytes, bytes.length, needed) !== 0) return bytes;
  throw new ServiceError("GetKernelObjectSecurity", "its rights", api.GetLastError());
}
