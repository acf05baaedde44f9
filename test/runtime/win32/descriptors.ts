import type { ServiceApi } from "../../../runtime/win32/ffi/service-api.ts";
import { encodeSid } from "../../../runtime/win32/security/sid.ts";

export const SYSTEM = "S-1-5-18";
export const ADMINISTRATORS = "S-1-5-32-544";
export const USERS = "S-1-5-32-545";
export const EVERYONE = "S-1-1-0";
export const ME = "S-1-5-21-1-2-3-1001";
export const STRANGER = "S-1-5-21-9-9-9-1000";

/** OBJECT_INHERIT | CONTAINER_INHERIT, and the same for children alone. */
export const PASSED_ON = 0x3;
export const FOR_CHILDREN = 0xb;

export interface Entry {
  sid: string;
  mask: number;
  flags?: number;
  type?: number;
  /** What follows the SID, as the condition of a callback entry. */
  more?: Buffer;
}

export const ALL = 0x1f01ff;
export const READ = 0x1200a9;

export const OURS: readonly Entry[] = [
  { sid: SYSTEM, mask: ALL, flags: PASSED_ON },
  { sid: ADMINISTRATORS, mask: ALL, flags: PASSED_ON },
];

/** A self-relative descriptor as Windows lays it out (MS-DTYP 2.4.6). `dacl` null: there is none. */
export function descriptor(owner: string | undefined, dacl: readonly Entry[] | null): Buffer {
  const ownerSid = owner === undefined ? Buffer.alloc(0) : encodeSid(owner);
  const aces = (dacl ?? []).map(ace);
  const acl = Buffer.alloc(8);
  acl.writeUInt8(2, 0);
  acl.writeUInt16LE(8 + aces.reduce((sum, { length }) => sum + length, 0), 2);
  acl.writeUInt16LE(aces.length, 4);
  const header = Buffer.alloc(20);
  header.writeUInt8(1, 0);
  header.writeUInt16LE(0x8000 | (dacl ? 0x4 : 0), 2);
  if (owner !== undefined) header.writeUInt32LE(20, 4);
  if (dacl) header.writeUInt32LE(20 + ownerSid.length, 16);
  return Buffer.concat([header, ownerSid, ...(dacl ? [acl, ...aces] : [])]);
}

function ace({ sid, mask, flags = 0, type = 0, more = Buffer.alloc(0) }: Entry): Buffer {
  const start = Buffer.alloc(8);
  start.writeUInt8(type, 0);
  start.writeUInt8(flags, 1);
  start.writeUInt32LE(mask >>> 0, 4);
  const whole = Buffer.concat([start, encodeSid(sid), more]);
  whole.writeUInt16LE(whole.length, 2);
  return whole;
}

/** What a Windows answers whose paths have these descriptors; `usual` for all others. */
export function descriptorsOf(usual: Buffer, byPath: () => Readonly<Record<string, Buffer>>) {
  const opened: string[] = [];
  /** The one form for paths of this system and what a call was given. */
  const plain = (path: string): string => path.replaceAll("\\", "/");
  return {
    CreateFileW: (path: string) => opened.push(plain(path)),
    GetKernelObjectSecurity: (handle: number, _what: number, out: Buffer | null, _length: number, needed: Buffer) => {
      const bytes = Object.entries(byPath()).find(([path]) => plain(path) === opened[handle - 1])?.[1] ?? usual;
      needed.writeUInt32LE(bytes.length);
      if (out === null) return 0;
      bytes.copy(out);
      return 1;
    },
  } satisfies Partial<Record<keyof ServiceApi, unknown>>;
}
