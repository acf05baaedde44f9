/** Windows' own names and values for files by their handles; checked as `constants.ts` is. */
export const fileConstants = {
  MOVEFILE_DELAY_UNTIL_REBOOT: 4,
  FileBasicInfo: 0,
  FileDispositionInfo: 4,
  FileAttributeTagInfo: 9,
  FileIdBothDirectoryInfo: 10,
  FileIdBothDirectoryRestartInfo: 11,
  FileDispositionInfoEx: 21,
  FILE_DISPOSITION_FLAG_DELETE: 0x1,
  FILE_DISPOSITION_FLAG_POSIX_SEMANTICS: 0x2,
  FILE_DISPOSITION_FLAG_IGNORE_READONLY_ATTRIBUTE: 0x10,

  FILE_WRITE_ATTRIBUTES: 0x100,
  FILE_ATTRIBUTE_DIRECTORY: 0x10,
  FILE_ADD_FILE: 0x2,
  FILE_OPEN: 1,
  FILE_CREATE: 2,
  FILE_OPEN_IF: 3,
  FILE_DIRECTORY_FILE: 0x1,
  FILE_NON_DIRECTORY_FILE: 0x40,
  FileRenameInformation: 10,
  FILE_SYNCHRONOUS_IO_NONALERT: 0x20,
  FILE_OPEN_FOR_BACKUP_INTENT: 0x4000,
  FILE_OPEN_REPARSE_POINT: 0x200000,

  ProcessRedirectionTrustPolicy: 16,

  ERROR_INVALID_FUNCTION: 1,
  ERROR_NO_MORE_FILES: 18,
  ERROR_CALL_NOT_IMPLEMENTED: 120,
  ERROR_INVALID_LEVEL: 124,
  ERROR_DIR_NOT_EMPTY: 145,
} as const;
