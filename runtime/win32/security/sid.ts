/** SIDs as text (`S-1-5-18`) and as Windows lays them out. https://learn.microsoft.com/windows/win32/secauthz/sid-components */
export const LOCAL_SYSTEM = "S-1-5-18";
export const LOCAL_SERVICE = "S-1-5-19";
export const NETWORK_SERVICE = "S-1-5-20";
export const ADMINISTRATORS = "S-1-5-32-544";
export const EVERYONE = "S-1-1-0";
/** In every write-restricted token: what it may write can be granted to it alone. */
export const WRITE_RESTRICTED_CODE = "S-1-5-33";
export const VIRTUAL_ACCOUNTS = "S-1-5-80-";

/** SECURITY_MAX_SID_SIZE */
export const LONGEST_SID = 68;

const HEADER = 8;
const MOST_PARTS = 15;

export const isSid = (text: string): boolean => /^S-1-\d{1,15}(-\d{1,10}){0,15}$/i.test(text);

/** Throws RangeError for a text that is no SID. */
export function encodeSid(text: string): Buffer {
  const [, , authority = "", ...parts] = text.split("-");
  if (!isSid(text) || parts.length > MOST_PARTS) throw new RangeError(`${text} is not a SID`);
  const sid = Buffer.alloc(HEADER + parts.length * 4);
  sid.writeUInt8(1, 0);
  sid.writeUInt8(parts.length, 1);
  sid.writeUIntBE(Number(authority), 2, 6);
  for (const [index, part] of parts.entries()) sid.writeUInt32LE(Number(part), HEADER + index * 4);
  return sid;
}

export function decodeSid(buffer: Buffer, at = 0): string {
  const parts = Array.from({ length: buffer.readUInt8(at + 1) }, (_, index) =>
    buffer.readUInt32LE(at + HEADER + index * 4),
  );
  return ["S-1", buffer.readUIntBE(at + 2, 6), ...parts].join("-");
}
