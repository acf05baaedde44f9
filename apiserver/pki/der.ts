/** The few DER shapes that an X.509 certificate needs (X.690, RFC 5280). Every function returns one encoded TLV. */
export type Der = Buffer;

const tlv = (tag: number, content: Uint8Array): Der => Buffer.concat([Buffer.from([tag]), length(content), content]);

function length(content: Uint8Array): Buffer {
  if (content.length < 0x80) return Buffer.from([content.length]);
  const digits: number[] = [];
  for (let rest = content.length; rest > 0; rest >>>= 8) digits.unshift(rest & 0xff);
  return Buffer.from([0x80 | digits.length, ...digits]);
}

export const sequence = (...parts: Der[]): Der => tlv(0x30, Buffer.concat(parts));
export const set = (...parts: Der[]): Der => tlv(0x31, Buffer.concat(parts));
export const octetString = (bytes: Uint8Array): Der => tlv(0x04, bytes);
export const utf8String = (text: string): Der => tlv(0x0c, Buffer.from(text, "utf8"));
export const bool = (value: boolean): Der => tlv(0x01, Buffer.from([value ? 0xff : 0]));

/** `unused` bits at the end of the last byte do not count. */
export const bitString = (bytes: Uint8Array, unused = 0): Der =>
  tlv(0x03, Buffer.concat([Buffer.from([unused]), bytes]));

/** A number that is never negative, most significant byte first. */
export function integer(bytes: Uint8Array): Der {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const digits = bytes.subarray(start);
  return tlv(0x02, (digits[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), digits]) : digits);
}

/** `[n]` around what follows. */
export const explicit = (n: number, content: Der): Der => tlv(0xa0 | n, content);
/** `[n]` in place of the type's own tag, for primitive types. */
export const implicit = (n: number, bytes: Uint8Array): Der => tlv(0x80 | n, bytes);

export function oid(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return tlv(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(arc: number): number[] {
  const digits = [arc & 0x7f];
  for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) digits.unshift(0x80 | (left & 0x7f));
  return digits;
}

/** UTCTime up to 2049, GeneralizedTime after it, as RFC 5280 4.1.2.5 wants. */
export function time(date: Date): Der {
  const digits = date
    .toISOString()
    .replace(/[-:T]/g, "")
    .replace(/\.\d+Z$/, "Z");
  return date.getUTCFullYear() < 2050
    ? tlv(0x17, Buffer.from(digits.slice(2), "latin1"))
    : tlv(0x18, Buffer.from(digits, "latin1"));
}
