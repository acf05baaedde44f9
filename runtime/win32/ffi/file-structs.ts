import type { Field, Struct } from "./structs.ts";

const u16 = (at: number) => ({ type: "u16", at }) as const satisfies Field;
const u32 = (at: number) => ({ type: "u32", at }) as const satisfies Field;
const pointer = (at: number) => ({ type: "pointer", at }) as const satisfies Field;

/** The structures of files by their handles; checked as `structs.ts` is. */
export const fileStructs = {
  OBJECT_ATTRIBUTES: {
    size: 48,
    fields: { Length: u32(0), RootDirectory: pointer(8), ObjectName: pointer(16), SecurityDescriptor: pointer(32) },
  },
  /** The name follows its length. `Flags`: 1 replaces what has the name. */
  FILE_RENAME_INFO: {
    size: 24,
    fields: {
      Flags: u32(0),
      RootDirectory: pointer(8),
      FileNameLength: u32(16),
      FileName: { type: "u16", at: 20, header: "FileName[0]" },
    },
  },
  UNICODE_STRING: { size: 16, fields: { Length: u16(0), MaximumLength: u16(2), Buffer: pointer(8) } },
  IO_STATUS_BLOCK: { size: 16, fields: {} },
  FILE_ATTRIBUTE_TAG_INFO: { size: 8, fields: { FileAttributes: u32(0), ReparseTag: u32(4) } },
  FILE_BASIC_INFO: { size: 40, fields: { FileAttributes: u32(32) } },
  /** The name follows FileId. */
  FILE_ID_BOTH_DIR_INFO: {
    size: 112,
    fields: {
      NextEntryOffset: u32(0),
      FileAttributes: u32(56),
      FileNameLength: u32(60),
      FileName: { type: "u16", at: 104, header: "FileName[0]" },
    },
  },
} as const satisfies Readonly<Record<string, Struct>>;
