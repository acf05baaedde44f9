import type { ServiceApi } from "../ffi/service-api.ts";
import { serviceConstants as c } from "../ffi/service-constants.ts";
import { ServiceError } from "./service-error.ts";

/** The security descriptor that the SDDL text says, for as long as `use` takes. Throws ServiceError. */
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
