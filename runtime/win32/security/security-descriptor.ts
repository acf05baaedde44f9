import { decodeSid } from "./sid.ts";

/** One entry of an access list. `sid` is present only for the types that are known here. */
export interface Ace {
  /** ACCESS_ALLOWED_ACE_TYPE 0, ACCESS_DENIED_ACE_TYPE 1; every other number says something that is not understood here. */
  type: number;
  flags: number;
  mask: number;
  sid?: string;
}

export interface SecurityDescriptor {
  owner?: string;
  /** Absent: there is no list, so everybody may do everything. An empty list lets nobody do anything. */
  dacl?: readonly Ace[];
}

export const ALLOWED = 0;
export const DENIED = 1;

const DACL_PRESENT = 0x4;
const HEADER = { control: 2, owner: 4, dacl: 16, size: 20 };
const ACL = { size: 2, count: 4, header: 8 };
const ACE = { flags: 1, size: 2, mask: 4, sid: 8 };

/**
 * Reads a self-relative security descriptor as Windows lays it out, entry by entry. The text form (SDDL) is harder to read safely, since conditions
 * have nested brackets of their own. Throws RangeError for bytes that are no descriptor.
 * https://learn.microsoft.com/openspecs/windows_protocols/ms-dtyp/7d4dac05-9cef-4563-a058-f108abecce1d
 */
export function readDescriptor(bytes: Buffer): SecurityDescriptor {
  if (bytes.length < HEADER.size) throw new RangeError("not a security descriptor");
  const owner = bytes.readUInt32LE(HEADER.owner);
  const dacl = (bytes.readUInt16LE(HEADER.control) & DACL_PRESENT) === 0 ? 0 : bytes.readUInt32LE(HEADER.dacl);
  return {
    ...(owner !== 0 && { owner: decodeSid(bytes, owner) }),
    ...(dacl !== 0 && { dacl: readAcl(bytes, dacl) }),
  };
}

function readAcl(bytes: Buffer, at: number): Ace[] {
  const end = at + bytes.readUInt16LE(at + ACL.size);
  if (end > bytes.length) throw new RangeError("the access list is longer than its descriptor");
  const aces: Ace[] = [];
  let next = at + ACL.header;
  for (let left = bytes.readUInt16LE(at + ACL.count); left > 0; left--) {
    const size = bytes.readUInt16LE(next + ACE.size);
    if (size < ACE.sid || next + size > end) throw new RangeError("an entry is longer than its access list");
    aces.push(readAce(bytes.subarray(next, next + size)));
    next += size;
  }
  return aces;
}

function readAce(bytes: Buffer): Ace {
  const type = bytes.readUInt8(0);
  const flags = bytes.readUInt8(ACE.flags);
  const mask = bytes.readUInt32LE(ACE.mask);
  return { type, flags, mask, ...((type === ALLOWED || type === DENIED) && { sid: decodeSid(bytes, ACE.sid) }) };
}
