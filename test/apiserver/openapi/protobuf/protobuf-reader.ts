/** The fields of a message: whole numbers, doubles, and the bytes of texts and messages, each in the order in which they stand. */
export function fieldsIn(bytes: Buffer): Map<number, (number | Buffer)[]> {
  const fields = new Map<number, (number | Buffer)[]>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes.readUInt8(at++);
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  };
  const read = (wireType: number): number | Buffer => {
    if (wireType === 0) return varint();
    if (wireType === 1) {
      at += 8;
      return bytes.readDoubleLE(at - 8);
    }
    if (wireType !== 2) throw new Error(`wire type ${wireType}`);
    const length = varint();
    at += length;
    if (at > bytes.length) throw new Error("too short");
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    fields.set(field, [...(fields.get(field) ?? []), read(tag % 8)]);
  }
  return fields;
}

export const textsIn = (fields: ReturnType<typeof fieldsIn>, field: number): string[] =>
  (fields.get(field) ?? []).map(String);
