/** A part of a message in the protobuf wire format. A message is its fields, one after the other. */
export type Field = Uint8Array;

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;

/** For whole numbers that are not negative. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
  return bytes;
}

const tag = (field: number, wireType: number): number[] => varint(field * 8 + wireType);

export const message = (...fields: readonly (Field | undefined)[]): Buffer =>
  Buffer.concat(fields.filter((field) => field !== undefined));

/** A message, or a text, within another. */
export function nested(field: number, value: Uint8Array | string): Field {
  const bytes = typeof value === "string" ? Buffer.from(value, "utf8") : value;
  return Buffer.concat([Buffer.from([...tag(field, DELIMITED), ...varint(bytes.length)]), bytes]);
}

export const whole = (field: number, value: number): Field => Buffer.from([...tag(field, VARINT), ...varint(value)]);

export const flag = (field: number, value: boolean): Field => whole(field, value ? 1 : 0);

export function double(field: number, value: number): Field {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([Buffer.from(tag(field, FIXED64)), bytes]);
}
