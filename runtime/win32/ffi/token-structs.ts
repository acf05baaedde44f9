import type { Field, Struct } from "./structs.ts";

const u16 = (at: number, header?: string) => ({ type: "u16", at, ...(header && { header }) }) as const satisfies Field;
const u32 = (at: number, header?: string) => ({ type: "u32", at, ...(header && { header }) }) as const satisfies Field;
const u64 = (at: number, header?: string) => ({ type: "u64", at, ...(header && { header }) }) as const satisfies Field;
const pointer = (at: number, header?: string) =>
  ({ type: "pointer", at, ...(header && { header }) }) as const satisfies Field;

/** The structures of tokens, profiles and access checks; checked as `structs.ts` is. */
export const tokenStructs = {
  TOKEN_USER: { size: 16, fields: { Sid: pointer(0, "User.Sid") } },
  TOKEN_GROUPS: { size: 24, fields: { GroupCount: u32(0), Groups: pointer(8, "Groups[0].Sid") } },
  TOKEN_PRIVILEGES: { size: 16, fields: { PrivilegeCount: u32(0), Privileges: u64(4, "Privileges[0].Luid") } },
  LUID_AND_ATTRIBUTES: { size: 12, fields: { Luid: u64(0), Attributes: u32(8) } },
  TOKEN_MANDATORY_LABEL: { size: 16, fields: { Sid: pointer(0, "Label.Sid"), Attributes: u32(8, "Label.Attributes") } },
  TOKEN_DEFAULT_DACL: { size: 8, fields: { DefaultDacl: pointer(0) } },
  PROFILEINFOW: {
    size: 56,
    fields: { dwSize: u32(0), dwFlags: u32(4), lpUserName: pointer(8), hProfile: pointer(48) },
  },
  GENERIC_MAPPING: {
    size: 16,
    fields: { GenericRead: u32(0), GenericWrite: u32(4), GenericExecute: u32(8), GenericAll: u32(12) },
  },
  PRIVILEGE_SET: { size: 20, fields: { PrivilegeCount: u32(0) } },
  LSA_OBJECT_ATTRIBUTES: { size: 48, fields: { Length: u32(0) } },
  LSA_UNICODE_STRING: { size: 16, fields: { Length: u16(0), MaximumLength: u16(2), Buffer: pointer(8) } },
  LSA_SID_NAME_MAPPING_OPERATION_ADD_INPUT: {
    size: 48,
    fields: {
      DomainName: u16(0, "DomainName.Length"),
      AccountName: u16(16, "AccountName.Length"),
      Sid: pointer(32),
      Flags: u32(40),
    },
  },
  LSA_SID_NAME_MAPPING_OPERATION_REMOVE_INPUT: {
    size: 32,
    fields: { DomainName: u16(0, "DomainName.Length"), AccountName: u16(16, "AccountName.Length") },
  },
  LSA_ENUMERATION_INFORMATION: { size: 8, fields: { Sid: pointer(0) } },
  BY_HANDLE_FILE_INFORMATION: { size: 52, fields: { dwFileAttributes: u32(0), nNumberOfLinks: u32(40) } },
} as const satisfies Readonly<Record<string, Struct>>;
