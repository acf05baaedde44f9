import { lstatSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ServiceApi } from "../ffi/service-api.ts";
import { serviceConstants as c } from "../ffi/service-constants.ts";
import { withDescriptor } from "../service/descriptor.ts";
import { ownSid } from "../service/own-account.ts";
import { ServiceError } from "../service/service-error.ts";
import { windowsTrust } from "./windows-trust.ts";

/** SYSTEM and Administrators own it, have all rights, and pass them on; nothing is inherited from above (P). */
export const PROTECTED = "O:BAG:BAD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)";
/** The same for somebody who may not give a folder to the administrators. */
export const protectedFor = (self: string): string => `D:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;${self})`;

/** nLength, lpSecurityDescriptor, bInheritHandle. */
const SIZEOF_SECURITY_ATTRIBUTES = 24;
const NOT_AN_ADMINISTRATOR: readonly number[] = [c.ERROR_INVALID_OWNER, c.ERROR_PRIVILEGE_NOT_HELD];

/** Checked elsewhere: the folders of workloads, and the manifests, whose access is checked at each reading. */
const JUDGED_APART = ["homes", "instances", "manifests"];

/** The folder is somebody else's, or somebody else can change it, read it, or replace it. */
export class FolderNotTrusted extends Error {
  override readonly name = "FolderNotTrusted";
}

/**
 * A folder for keys and secrets. It is made with its access list in one step, and so is what is missing above it: there is no moment in which others
 * could write to it (S12). One that is there already is used only when the system, its administrators and this account alone own and open it, when
 * nobody else wrote what is in it, and when nobody else can rename a folder above it. We never repair one: whoever made it first may hold it open,
 * and have left keys of his own in it. Throws FolderNotTrusted, or ServiceError when a call failed.
 */
export function ensureProtectedFolder(api: ServiceApi, path: string): void {
  const self = ownSid(api);
  const made = makeProtected(api, path, self);
  const why = windowsTrust(api, self, "secrets").ofPath(path) ?? (made ? undefined : strangeEntry(api, path, self));
  if (why === undefined) return;
  throw new FolderNotTrusted(
    `${path} is not safe: ${why}. Only SYSTEM and Administrators may have made it and use it. Delete it (rmdir /s "${path}"): wctl makes it anew; ` +
      "or choose another below C:\\ProgramData. Correcting the rights does not help, since whoever made it may have left files in it, or hold it open",
  );
}

/** Makes the folder, and what is missing above it, for SYSTEM and Administrators. False when it is there already. Throws ServiceError. */
export function makeProtected(api: ServiceApi, path: string, self = ownSid(api)): boolean {
  const parent = dirname(path);
  if (parent !== path && !isThere(parent)) makeProtected(api, parent, self);
  const code = create(api, path, PROTECTED);
  return isMade(NOT_AN_ADMINISTRATOR.includes(code) ? create(api, path, protectedFor(self)) : code, path);
}

function isMade(code: number, path: string): boolean {
  if (code === 0) return true;
  if (code === c.ERROR_ALREADY_EXISTS) return false;
  throw new ServiceError("CreateDirectoryW", path, code);
}

/** 0, or the error's code. */
function create(api: ServiceApi, path: string, sddl: string): number {
  return withDescriptor(api, sddl, (descriptor) => {
    const attributes = Buffer.alloc(SIZEOF_SECURITY_ATTRIBUTES);
    attributes.writeUInt32LE(SIZEOF_SECURITY_ATTRIBUTES, 0);
    attributes.writeBigUInt64LE(descriptor, 8);
    return api.CreateDirectoryW(path, attributes) === 0 ? api.GetLastError() : 0;
  });
}

/** Something that another account left in a folder that is safe now. */
function strangeEntry(api: ServiceApi, path: string, self: string): string | undefined {
  const trust = windowsTrust(api, self, "inputs");
  const folders = [path];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const one = join(folder, entry.name);
      const why = trust.ofEntry(one);
      if (why !== undefined) return why;
      if (entry.isDirectory() && !(folder === path && JUDGED_APART.includes(entry.name))) folders.push(one);
    }
  }
  return undefined;
}

const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;
