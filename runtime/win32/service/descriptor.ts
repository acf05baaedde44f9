import type { ServiceApi } from "../ffi/service-api.ts";
import { serviceConstants as c } from "../ffi/service-constants.ts";
import { ServiceError } from "./service-error.ts";

/** Calls `use` with the security descriptor that the SDDL text describes, and frees it afterwards. Throws ServiceError. */
export function withDescriptor<T>(api: ServiceApi, sddl: string, use: (descriptor: bigint) => T): T {
  const out = Buffer.alloc(8);
  if (api.ConvertStringSecurityDescriptorToSecurityDescriptorW(sddl, c.SDDL_REVISION_1, out, null) === 0) {
    throw new ServiceError("ConvertStringSecurityDescriptorToSecurityDescriptorW", sddl, api.GetLastError());
  }
  const descriptor = out.readBigUInt64LE();
  try {
    return use(descriptor);
  } finally {
    api.LocalFree(descriptor);
  }
}
