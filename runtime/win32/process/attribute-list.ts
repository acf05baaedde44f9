import type { Handle, Winapi } from "../ffi/winapi.ts";
import { Win32Error } from "../win32-error.ts";

const POINTER = 8;

/** PROC_THREAD_ATTRIBUTE_LIST. The values must live as long as the list. */
export class AttributeList {
  readonly #api: Winapi;
  readonly #list: Buffer;
  readonly #values: Buffer[] = [];

  constructor(api: Winapi, count: number) {
    this.#api = api;
    const size = Buffer.alloc(POINTER);
    api.InitializeProcThreadAttributeList(null, count, 0, size); // Fails, and tells how much it wants.
    this.#list = Buffer.alloc(Number(size.readBigUInt64LE(0)));
    if (!api.InitializeProcThreadAttributeList(this.#list, count, 0, size)) {
      throw new Win32Error("InitializeProcThreadAttributeList", api.GetLastError());
    }
  }

  get address(): bigint {
    return this.#api.addressOf(this.#list);
  }

  set(attribute: number, value: Buffer): void {
    this.#values.push(value);
    if (!this.#api.UpdateProcThreadAttribute(this.#list, 0, attribute, value, value.length, null, null)) {
      throw new Win32Error("UpdateProcThreadAttribute", this.#api.GetLastError(), { attribute });
    }
  }

  close(): void {
    this.#api.DeleteProcThreadAttributeList(this.#list);
  }
}

export function handleArray(handles: readonly Handle[]): Buffer {
  const value = Buffer.alloc(handles.length * POINTER);
  for (const [index, handle] of handles.entries()) value.writeBigInt64LE(BigInt(handle), index * POINTER);
  return value;
}
