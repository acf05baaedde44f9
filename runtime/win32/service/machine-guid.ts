import type { ServiceApi } from "../ffi/service-api.ts";
import { serviceConstants as c, HKEY_LOCAL_MACHINE } from "../ffi/service-constants.ts";

/** 36 characters and a NUL, with room. */
const MOST_BYTES = 256;

/** `4ee21c03-…`, of HKLM\SOFTWARE\Microsoft\Cryptography; undefined where Windows does not tell it. */
export function machineGuid(api: Pick<ServiceApi, "RegGetValueW">): string | undefined {
  const out = Buffer.alloc(MOST_BYTES);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(out.length);
  const path = "SOFTWARE\\Microsoft\\Cryptography";
  const code = api.RegGetValueW(HKEY_LOCAL_MACHINE, path, "MachineGuid", c.RRF_RT_REG_SZ, null, out, size);
  const text = out.toString("utf16le", 0, size.readUInt32LE()).replace(/\0.*$/s, "");
  return code === 0 && /^[0-9a-f-]{36}$/i.test(text) ? text : undefined;
}

/** Windows says so to each program in a container, whatever kind of container it is. */
export function isWindowsContainer(api: Pick<ServiceApi, "RegGetValueW">): boolean {
  const path = "SYSTEM\\CurrentControlSet\\Control";
  return api.RegGetValueW(HKEY_LOCAL_MACHINE, path, "ContainerType", c.RRF_RT_REG_DWORD, null, null, null) === 0;
}
