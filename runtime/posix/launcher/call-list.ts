import { systemError } from "../system-error.ts";
import { LIST_ADDRESS, LIST_LENGTH, SIZEOF_CALL } from "./machine-code.ts";

const E2BIG = 7;

/** A number, or something that the call gets the address of: bytes, a text, or a list of texts that a null pointer ends. */
export type Argument = number | bigint | Uint8Array | string | readonly string[];

export interface SystemCall {
  /** For messages. */
  name: string;
  number: number;
  args: readonly Argument[];
  /** The call may fail; the list then goes on. */
  mayFail?: boolean;
}

/**
 * The calls as the launcher reads them, with all they point at: addresses are those that the list will have there. Throws what execve would say
 * (E2BIG) when the list is larger than the launcher maps, which is more than the kernel takes.
 */
export function callList(calls: readonly SystemCall[]): Buffer {
  const records = Buffer.alloc(calls.length * SIZEOF_CALL);
  const memory = new Memory(LIST_ADDRESS + records.length);
  calls.forEach(({ number, args, mayFail }, index) => {
    const fields = [number, ...args.map((argument) => memory.value(argument))];
    fields.forEach((value, place) => {
      records.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)), index * SIZEOF_CALL + place * 8);
    });
    records.writeBigUInt64LE(mayFail ? 1n : 0n, (index + 1) * SIZEOF_CALL - 8);
  });
  const list = Buffer.concat([records, ...memory.chunks]);
  if (list.length > LIST_LENGTH) throw systemError("execve", E2BIG);
  return list;
}

/** The things that are pointed at, one after the other. */
class Memory {
  readonly chunks: Buffer[] = [];
  #next: number;

  constructor(start: number) {
    this.#next = start;
  }

  value(argument: Argument): number | bigint {
    if (typeof argument === "number" || typeof argument === "bigint") return argument;
    if (typeof argument === "string") return this.#put(Buffer.from(`${argument}\0`));
    if (argument instanceof Uint8Array) return this.#put(argument);
    const pointers = Buffer.alloc((argument.length + 1) * 8);
    argument.forEach((text, index) => {
      pointers.writeBigUInt64LE(BigInt(this.#put(Buffer.from(`${text}\0`))), index * 8);
    });
    return this.#put(pointers);
  }

  /** Structures begin at multiples of eight. */
  #put(bytes: Uint8Array): number {
    const address = this.#next;
    const room = Buffer.alloc(Math.ceil(bytes.length / 8) * 8);
    room.set(bytes);
    this.chunks.push(room);
    this.#next += room.length;
    return address;
  }
}
