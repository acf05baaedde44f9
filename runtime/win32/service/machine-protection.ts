import type { DataProtectionApi } from "../ffi/data-protection-api.ts";
import { Win32Error } from "../win32-error.ts";

/** CRYPTPROTECT_UI_FORBIDDEN, CRYPTPROTECT_LOCAL_MACHINE: https://learn.microsoft.com/windows/win32/api/dpapi/nf-dpapi-cryptprotectdata */
const FLAGS = 0x1 | 0x4;
/** DATA_BLOB: cbData, pbData. */
const SIZEOF_BLOB = 16;
/** Keeps out programs that ask this machine to unprotect whatever they find: they do not know this text. */
const ENTROPY = "wctl.dev secrets.key v1";

type Call = "CryptProtectData" | "CryptUnprotectData";

/**
 * DPAPI with the machine's key. Only the Windows that has protected something can read it, so a copied file is useless elsewhere. DPAPI does not keep
 * out other programs of the same machine; the access list of the folder does. `context` becomes part of the entropy.
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
    for (const used of [input, entropy]) used.fill(0); // DPAPI has read them, and no secret shall stay in memory.
    if (done === 0) throw new Win32Error(call, api.GetLastError());
    const address = output.readBigUInt64LE(8);
    try {
      return api.bytesAt(address, output.readUInt32LE(0));
    } finally {
      api.LocalFree(address);
    }
  }

  /** A DATA_BLOB that points to `content`. The caller keeps `content` alive. */
  #blob(content: Buffer): Buffer {
    const blob = Buffer.alloc(SIZEOF_BLOB);
    blob.writeUInt32LE(content.length, 0);
    blob.writeBigUInt64LE(this.#api.addressOf(content), 8);
    return blob;
  }
}
