import type { DataProtectionApi } from "../ffi/data-protection-api.ts";
import { Win32Error } from "../win32-error.ts";

/** CRYPTPROTECT_UI_FORBIDDEN, CRYPTPROTECT_LOCAL_MACHINE: https://learn.microsoft.com/windows/win32/api/dpapi/nf-dpapi-cryptprotectdata */
const FLAGS = 0x1 | 0x4;
/** DATA_BLOB: cbData, pbData. */
const SIZEOF_BLOB = 16;
/** Other programs that ask this machine to unprotect everything they find do not know to say this. */
const ENTROPY = "wctl.dev secrets.key v1";

type Call = "CryptProtectData" | "CryptUnprotectData";

/**
 * DPAPI with the machine's key: what was protected on one Windows can be read on no other, and not by who has only the file. Programs on the same
 * machine are kept out by the access list of the folder. `context` is part of the entropy.
 */
export class MachineProtection {
  readonly name = "DPAPI";
  readonly #api: DataProtectionApi;

  constructor(api: DataProtectionApi) {
    this.#api = api;
  }

  protect(bytes: Uint8Array, context: string): Buffer {
    return this.#call("CryptProtectData", bytes, context);
  }

  unprotect(bytes: Uint8Array, context: string): Buffer {
    return this.#call("CryptUnprotectData", bytes, context);
  }

  #call(call: Call, bytes: Uint8Array, context: string): Buffer {
    const api = this.#api;
    const input = Buffer.from(bytes);
    const entropy = Buffer.from(`${ENTROPY}\0${context}`);
    const output = Buffer.alloc(SIZEOF_BLOB);
    const done = api[call](this.#blob(input), null, this.#blob(entropy), null, null, FLAGS, output);
    for (const used of [input, entropy]) used.fill(0); // Here they are needed no more, and not before.
    if (done === 0) throw new Win32Error(call, api.GetLastError());
    const address = output.readBigUInt64LE(8);
    try {
      return api.bytesAt(address, output.readUInt32LE(0));
    } finally {
      api.LocalFree(address);
    }
  }

  /** It points to `content`, which its caller keeps alive. */
  #blob(content: Buffer): Buffer {
    const blob = Buffer.alloc(SIZEOF_BLOB);
    blob.writeUInt32LE(content.length, 0);
    blob.writeBigUInt64LE(this.#api.addressOf(content), 8);
    return blob;
  }
}
