import koffi from "koffi";

/** Windows' own words and nothing else, as `Winapi`: what protects data for this machine. */
export interface DataProtectionApi {
  GetLastError(): number;
  LocalFree(memory: bigint): bigint | null;
  CryptProtectData(
    input: Buffer,
    description: null,
    entropy: Buffer,
    reserved: null,
    prompt: null,
    flags: number,
    output: Buffer,
  ): number;
  CryptUnprotectData(
    input: Buffer,
    description: null,
    entropy: Buffer,
    reserved: null,
    prompt: null,
    flags: number,
    output: Buffer,
  ): number;
  /** Not of Windows: the address of a Buffer, for structures that point to others. Keep the Buffer alive as long. */
  addressOf(buffer: Buffer): bigint;
  /** Not of Windows: copies memory that is not ours. */
  bytesAt(address: bigint, length: number): Buffer;
}

const parameters =
  "(void *input, void *description, void *entropy, void *reserved, void *prompt, uint32_t flags, void *output)";
const prototypes = {
  "kernel32.dll": {
    GetLastError: "uint32_t GetLastError()",
    LocalFree: "void *LocalFree(void *memory)",
  },
  "crypt32.dll": {
    CryptProtectData: `int CryptProtectData${parameters}`,
    CryptUnprotectData: `int CryptUnprotectData${parameters}`,
  },
};

/** Libraries are loaded by their full path in the system directory (S04). */
export function loadDataProtectionApi(): DataProtectionApi {
  const kernel32 = koffi.load("kernel32.dll"); // Always in memory already.
  const path = Buffer.alloc(1024);
  const length: number = kernel32.func("uint32_t GetSystemDirectoryW(void *out, uint32_t length)")(path, 512);
  const folder = path.toString("utf16le", 0, length * 2);
  const api: Record<string, unknown> = {
    addressOf: (buffer: Buffer) => koffi.address(buffer),
    bytesAt: (address: bigint, count: number) => Buffer.from(koffi.decode(address, "uint8_t", count) as Uint8Array),
  };
  for (const [library, functions] of Object.entries(prototypes)) {
    const dll = koffi.load(`${folder}\\${library}`);
    for (const [name, prototype] of Object.entries<string>(functions)) api[name] = dll.func(prototype);
  }
  return api as unknown as DataProtectionApi;
}
