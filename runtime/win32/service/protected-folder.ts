import type { ServiceApi } from "../ffi/service-api.ts";
import { serviceConstants as c } from "../ffi/service-constants.ts";
import { distrustOf, PROTECTED } from "./folder-security.ts";
import { ownSid } from "./own-account.ts";
import { ServiceError } from "./service-error.ts";

/** nLength, lpSecurityDescriptor, bInheritHandle. */
const SIZEOF_SECURITY_ATTRIBUTES = 24;

/** The folder is somebody else's, or somebody else can change it. */
export class FolderNotTrusted extends Error {
  override readonly name = "FolderNotTrusted";
}

/**
 * Makes the folder with its access list in one step, so that there is no moment in which others could write to it (S12); one that is
 * there is only checked. Throws FolderNotTrusted, or ServiceError when a call failed. Its parent must exist.
 */
export function ensureProtectedFolder(api: ServiceApi, path: string): void {
  if (createProtected(api, path)) return;
  const why = distrustOf(securityOf(api, path), ownSid(api));
  if (why === undefined) return;
  throw new FolderNotTrusted(
    `${path} is not safe: ${why}. Only SYSTEM and Administrators may own it and write to it; move it away, or correct it: ` +
      `icacls "${path}" /setowner *S-1-5-32-544 & icacls "${path}" /inheritance:r /grant:r *S-1-5-18:(OI)(CI)F *S-1-5-32-544:(OI)(CI)F`,
  );
}

/** Why a program in this folder must not be run as SYSTEM: others could exchange it. Undefined when they can't. */
export function distrustOfProgramFolder(api: ServiceApi, path: string): string | undefined {
  return distrustOf(securityOf(api, path), "S-1-5-18");
}

/** False when it is there already. */
function createProtected(api: ServiceApi, path: string): boolean {
  const out = Buffer.alloc(8);
  if (api.ConvertStringSecurityDescriptorToSecurityDescriptorW(PROTECTED, c.SDDL_REVISION_1, out, null) === 0) {
    throw new ServiceError("ConvertStringSecurityDescriptorToSecurityDescriptorW", PROTECTED, api.GetLastError());
  }
  const descriptor = out.readBigUInt64LE();
  try {
    const attributes = Buffer.alloc(SIZEOF_SECURITY_ATTRIBUTES);
    attributes.writeUInt32LE(SIZEOF_SECURITY_ATTRIBUTES, 0);
    attributes.writeBigUInt64LE(descriptor, 8);
    if (api.CreateDirectoryW(path, attributes) !== 0) return true;
    const code = api.GetLastError();
    if (code === c.ERROR_ALREADY_EXISTS) return false;
    throw new ServiceError("CreateDirectoryW", path, code);
  } finally {
    api.LocalFree(descriptor);
  }
}

/** Owner and access list, in SDDL. */
function securityOf(api: ServiceApi, path: string): string {
  const information = c.OWNER_SECURITY_INFORMATION | c.DACL_SECURITY_INFORMATION;
  const needed = Buffer.alloc(4);
  api.GetFileSecurityW(path, information, null, 0, needed);
  const descriptor = Buffer.alloc(needed.readUInt32LE());
  if (api.GetFileSecurityW(path, information, descriptor, descriptor.length, needed) === 0) {
    throw new ServiceError("GetFileSecurityW", path, api.GetLastError());
  }
  const out = Buffer.alloc(8);
  const { SDDL_REVISION_1: revision } = c;
  if (api.ConvertSecurityDescriptorToStringSecurityDescriptorW(descriptor, revision, information, out, null) === 0) {
    throw new ServiceError("ConvertSecurityDescriptorToStringSecurityDescriptorW", path, api.GetLastError());
  }
  const text = out.readBigUInt64LE();
  try {
    return api.textAt(text);
  } finally {
    api.LocalFree(text);
  }
}
