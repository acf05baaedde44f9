import type { ServiceApi } from "../ffi/service-api.ts";
import { serviceConstants as c, HKEY_LOCAL_MACHINE } from "../ffi/service-constants.ts";

/** How often this Windows was started, as the kubelet reads it too; undefined where Windows does not tell it. */
export function bootNumber(api: Pick<ServiceApi, "RegGetValueW">): number | undefined {
  const out = Buffer.alloc(4);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(out.length);
  const path = "SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Memory Management\\PrefetchParameters";
  const code = api.RegGetValueW(HKEY_LOCAL_MACHINE, path, "BootId", c.RRF_RT_REG_DWORD, null, out, size);
  return code === 0 ? out.readUInt32LE() : undefined;
}
