import { type Identity, identityIn } from "../../runtime/runs/environment.ts";
import { constants } from "../../runtime/win32/ffi/constants.ts";
import { read } from "../../runtime/win32/ffi/struct-codec.ts";
import { structs } from "../../runtime/win32/ffi/structs.ts";
import type { Handle, Winapi } from "../../runtime/win32/ffi/winapi.ts";

const BASIC = structs.PROCESS_BASIC_INFORMATION;
const MOST_BYTES = 1024 * 1024;

/** Who it claims to belong to, read from its memory: what a test started it knows, so here a claim will do. No daemon does this. */
export function readMarker(api: Winapi, process: Handle): Identity | undefined {
  const block = readBlock(api, process);
  return block === undefined ? undefined : identityIn(block);
}

function readBlock(api: Winapi, process: Handle): string | undefined {
  const basic = Buffer.alloc(BASIC.size);
  const status = api.NtQueryInformationProcess(process, constants.ProcessBasicInformation, basic, basic.length, null);
  if (status < 0) return undefined;
  const peb = read(BASIC, basic, "PebBaseAddress");
  const parameters = readU64(api, process, peb + BigInt(structs.PEB.fields.ProcessParameters.at));
  if (!parameters) return undefined;
  const { Environment, EnvironmentSize } = structs.RTL_USER_PROCESS_PARAMETERS.fields;
  const address = readU64(api, process, parameters + BigInt(Environment.at));
  const size = readU64(api, process, parameters + BigInt(EnvironmentSize.at));
  if (!address || !size || size > BigInt(MOST_BYTES)) return undefined;
  return readMemory(api, process, address, Number(size))?.toString("utf16le");
}

function readU64(api: Winapi, process: Handle, address: bigint): bigint | undefined {
  return readMemory(api, process, address, 8)?.readBigUInt64LE(0);
}

function readMemory(api: Winapi, process: Handle, address: bigint, size: number): Buffer | undefined {
  const memory = Buffer.alloc(size);
  return api.ReadProcessMemory(process, address, memory, size, null) ? memory : undefined;
}
