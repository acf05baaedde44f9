import type { Field, Struct } from "./structs.ts";

/** Addresses, handles in structures and 64-bit numbers are bigint. */
type ValueOf<F extends Field> = F["type"] extends "u64" | "pointer" ? bigint : number;
export type Values<S extends Struct> = { [K in keyof S["fields"]]: ValueOf<S["fields"][K]> };

/** A structure with these fields set and everything else 0. */
export function encode<S extends Struct>(struct: S, values: Partial<Values<S>>): Buffer {
  const buffer = Buffer.alloc(struct.size);
  for (const [name, value] of Object.entries(values) as [string, number | bigint][]) {
    const { type, at } = struct.fields[name]!;
    if (type === "u16") buffer.writeUInt16LE(Number(value), at);
    else if (type === "u32") buffer.writeUInt32LE(Number(value), at);
    else buffer.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)), at);
  }
  return buffer;
}

export function read<S extends Struct, K extends keyof S["fields"] & string>(
  struct: S,
  buffer: Buffer,
  name: K,
  base = 0,
): ValueOf<S["fields"][K]> {
  const { type, at } = struct.fields[name]!;
  if (type === "u16") return buffer.readUInt16LE(base + at) as ValueOf<S["fields"][K]>;
  if (type === "u32") return buffer.readUInt32LE(base + at) as ValueOf<S["fields"][K]>;
  return buffer.readBigUInt64LE(base + at) as ValueOf<S["fields"][K]>;
}
