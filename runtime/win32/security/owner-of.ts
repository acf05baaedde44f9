import { tokenConstants as c } from "../ffi/token-constants.ts";
import type { Handle, Winapi } from "../ffi/winapi.ts";
import { ADMINISTRATORS, decodeSid, LOCAL_SYSTEM } from "./sid.ts";
import { Token } from "./token.ts";

/** Where the owner stands in a self-relative security descriptor. */
const OWNER_AT = 4;
const ROOM = 4096;

/** The SID that owns a kernel object. Only SYSTEM and administrators can give an object to another owner. Undefined: it can't be read. */
export function ownerOf(api: Winapi, object: Handle): string | undefined {
  const descriptor = Buffer.alloc(ROOM);
  const needed = Buffer.alloc(4);
  if (!api.GetKernelObjectSecurity(object, c.OWNER_SECURITY_INFORMATION, descriptor, ROOM, needed)) return undefined;
  const at = descriptor.readUInt32LE(OWNER_AT);
  return at === 0 ? undefined : decodeSid(descriptor, at);
}

/**
 * Whether an object is ours. A name proves nothing, since whoever finds it free can take it. What we made belongs to us, or, as SYSTEM, to the
 * administrators (S09, P22).
 */
export function isOurs(api: Winapi, object: Handle, own: string): boolean {
  const owner = ownerOf(api, object);
  if (owner === undefined) return false;
  return [own, LOCAL_SYSTEM, ADMINISTRATORS].includes(owner) || owner === ownerOfNewObjects(api);
}

function ownerOfNewObjects(api: Winapi): string {
  const token = Token.ofProcess(api);
  try {
    return token.owner;
  } finally {
    token.close();
  }
}
