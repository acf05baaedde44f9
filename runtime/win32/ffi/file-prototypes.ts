/** As `prototypes.ts`: files by their handles. */
export const filePrototypes = {
  "kernel32.dll": {
    GetFileInformationByHandleEx:
      "int GetFileInformationByHandleEx(intptr_t file, int infoClass, void *out, uint32_t length)",
    SetFileInformationByHandle:
      "int SetFileInformationByHandle(intptr_t file, int infoClass, void *info, uint32_t length)",
    MoveFileExW: "int MoveFileExW(str16 from, str16 to, uint32_t flags)",
    WriteFile: "int WriteFile(intptr_t file, void *content, uint32_t length, void *written, void *overlapped)",
    SetProcessMitigationPolicy: "int SetProcessMitigationPolicy(int policy, void *info, size_t length)",
  },
  "ntdll.dll": {
    NtOpenFile:
      "int32_t NtOpenFile(void *out, uint32_t access, void *attributes, void *status, uint32_t share, uint32_t options)",
    NtCreateFile:
      "int32_t NtCreateFile(void *out, uint32_t access, void *attributes, void *status, void *size, uint32_t fileAttributes, uint32_t share, uint32_t disposition, uint32_t options, void *extended, uint32_t extendedLength)",
    NtSetInformationFile:
      "int32_t NtSetInformationFile(intptr_t file, void *status, void *info, uint32_t length, int infoClass)",
    RtlNtStatusToDosError: "uint32_t RtlNtStatusToDosError(int32_t status)",
  },
} as const;
