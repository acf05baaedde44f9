/** A writer of protobuf for tests, written from the format's page alone. A field is a number and its value. */
export type Written = readonly (readonly [number: number, value: string | number | boolean | Uint8Array | Written])[];

export function varint(value: number | bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest === 0n ? low : low | 0x80);
  } while (rest !== 0n);
  return bytes;
}

export function written(fields: Written): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [number, value] of fields) {
    if (typeof value === "number" || typeof value === "boolean") {
      parts.push(Uint8Array.from([...varint(number * 8), ...varint(Number(value))]));
      continue;
    }
    const inside = typeof value === "string" ? new TextEncoder().encode(value) : insideOf(value);
    parts.push(Uint8Array.from([...varint(number * 8 + 2), ...varint(inside.length)]), inside);
  }
  return new Uint8Array(Buffer.concat(parts));
}

const insideOf = (value: Uint8Array | Written): Uint8Array => (value instanceof Uint8Array ? value : written(value));

/** As a client sends an Object. */
export const enveloped = (apiVersion: string, kind: string, fields: Written | Uint8Array): Uint8Array => {
  const typeMeta: Written = [
    [1, apiVersion],
    [2, kind],
  ];
  const unknown: Written = [
    [1, typeMeta],
    [2, fields],
    [3, ""],
    [4, ""],
  ];
  return Uint8Array.from(Buffer.concat([Uint8Array.of(0x6b, 0x38, 0x73, 0x00), written(unknown)]));
};
