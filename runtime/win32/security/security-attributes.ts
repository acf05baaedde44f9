import { constants } from "../ffi/constants.ts";
import { encode } from "../ffi/struct-codec.ts";
import { structs } from "../ffi/structs.ts";
import type { Winapi } from "../ffi/winapi.ts";
import { must } from "../win32-error.ts";

/** Makes each descriptor once and keeps it: there are a handful. */
const known = new WeakMap<Winapi, Map<string, bigint>>();

/** The access list of a new object, in SDDL. It is given at the creation, so that there is no moment without it. */
export function securityAttributes(api: Winapi, sddl: string): Buffer {
  const descriptors = known.get(api) ?? new Map<string, bigint>();
  known.set(api, descriptors);
  let descriptor = descriptors.get(sddl);
  if (descriptor === undefined) {
    descriptor = makeDescriptor(api, sddl);
    descriptors.set(sddl, descriptor);
  }
  const { size } = structs.SECURITY_ATTRIBUTES;
  return encode(structs.SECURITY_ATTRIBUTES, { nLength: size, lpSecurityDescriptor: descriptor });
}

/** As `securityAttributes`, for a descriptor that is needed once. Absent: the system's default. Throws Win32Error. */
export function withAttributes<T>(api: Winapi, sddl: string | undefined, use: (attributes: Buffer | null) => T): T {
  if (sddl === undefined) return use(null);
  const { size } = structs.SECURITY_ATTRIBUTES;
  return withDescriptor(api, sddl, (lpSecurityDescriptor) =>
    use(encode(structs.SECURITY_ATTRIBUTES, { nLength: size, lpSecurityDescriptor })),
  );
}

/** The default descriptor; children that are given the object inherit it. */
export function inheritable(): Buffer {
  return encode(structs.SECURITY_ATTRIBUTES, { nLength: structs.SECURITY_ATTRIBUTES.size, bInheritHandle: 1 });
}

/** For a descriptor that is made of changing parts, and needed for a moment only. Throws Win32Error. */
export function withDescriptor<T>(api: Winapi, sddl: string, use: (descriptor: bigint) => T): T {
  const descriptor = makeDescriptor(api, sddl);
  try {
    return use(descriptor);
  } finally {
    api.LocalFree(descriptor);
  }
}

function makeDescriptor(api: Winapi, sddl: string): bigint {
  const out = Buffer.alloc(8);
  const done = api.ConvertStringSecurityDescriptorToSecurityDescriptorW(sddl, constants.SDDL_REVISION_1, out, null);
  must(api, "ConvertStringSecurityDescriptorToSecurityDescriptorW", done, { sddl });
  return out.readBigUInt64LE(0);
}
