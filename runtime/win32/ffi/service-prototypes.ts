/** As `prototypes.ts`, for services, the event log, the registry and protected folders. SC_HANDLE, HKEY and the like are `intptr_t`. */
export const servicePrototypes = {
  "kernel32.dll": {
    GetLastError: "uint32_t GetLastError()",
    CloseHandle: "int CloseHandle(intptr_t handle)",
    LocalFree: "void *LocalFree(void *memory)",
    SetDefaultDllDirectories: "int SetDefaultDllDirectories(uint32_t directories)",
    CreateDirectoryW: "int CreateDirectoryW(str16 path, void *attributes)",
    CreateFileW:
      "intptr_t CreateFileW(str16 path, uint32_t access, uint32_t share, void *attributes, uint32_t disposition, uint32_t flags, intptr_t template)",
    GetModuleHandleW: "intptr_t GetModuleHandleW(str16 name)",
    GetProcAddress: "void *GetProcAddress(intptr_t module, str name)",
    CreateThread:
      "intptr_t CreateThread(void *attributes, size_t stack, void *start, void *parameter, uint32_t flags, void *id)",
    GetExitCodeThread: "int GetExitCodeThread(intptr_t thread, void *out)",
  },
  "advapi32.dll": {
    OpenSCManagerW: "intptr_t OpenSCManagerW(str16 machine, str16 database, uint32_t access)",
    CreateServiceW:
      "intptr_t CreateServiceW(intptr_t manager, str16 name, str16 displayName, uint32_t access, uint32_t type, uint32_t startType, uint32_t errorControl, str16 image, str16 group, void *tag, void *dependencies, str16 account, str16 password)",
    OpenServiceW: "intptr_t OpenServiceW(intptr_t manager, str16 name, uint32_t access)",
    CloseServiceHandle: "int CloseServiceHandle(intptr_t handle)",
    DeleteService: "int DeleteService(intptr_t service)",
    StartServiceW: "int StartServiceW(intptr_t service, uint32_t count, void *arguments)",
    ControlService: "int ControlService(intptr_t service, uint32_t control, void *status)",
    QueryServiceStatusEx:
      "int QueryServiceStatusEx(intptr_t service, int level, void *out, uint32_t length, void *needed)",
    QueryServiceConfigW: "int QueryServiceConfigW(intptr_t service, void *out, uint32_t length, void *needed)",
    ChangeServiceConfigW:
      "int ChangeServiceConfigW(intptr_t service, uint32_t type, uint32_t startType, uint32_t errorControl, str16 image, str16 group, void *tag, void *dependencies, str16 account, str16 password, str16 displayName)",
    ChangeServiceConfig2W: "int ChangeServiceConfig2W(intptr_t service, uint32_t level, void *info)",
    SetServiceObjectSecurity:
      "int SetServiceObjectSecurity(intptr_t service, uint32_t information, uintptr_t descriptor)",
    RegisterServiceCtrlHandlerExW:
      "intptr_t RegisterServiceCtrlHandlerExW(str16 name, intptr_t handler, uintptr_t context)",
    SetServiceStatus: "int SetServiceStatus(intptr_t handle, void *status)",
    RegisterEventSourceW: "intptr_t RegisterEventSourceW(str16 machine, str16 source)",
    ReportEventW:
      "int ReportEventW(intptr_t log, uint16_t type, uint16_t category, uint32_t id, void *user, uint16_t count, uint32_t dataLength, void *strings, void *data)",
    DeregisterEventSource: "int DeregisterEventSource(intptr_t log)",
    RegCreateKeyExW:
      "int32_t RegCreateKeyExW(intptr_t key, str16 path, uint32_t reserved, str16 keyClass, uint32_t options, uint32_t access, void *attributes, void *out, void *disposition)",
    RegSetValueExW:
      "int32_t RegSetValueExW(intptr_t key, str16 name, uint32_t reserved, uint32_t type, void *data, uint32_t length)",
    RegGetValueW:
      "int32_t RegGetValueW(intptr_t key, str16 path, str16 name, uint32_t flags, void *type, void *out, void *size)",
    RegDeleteKeyW: "int32_t RegDeleteKeyW(intptr_t key, str16 path)",
    RegCloseKey: "int32_t RegCloseKey(intptr_t key)",
    OpenProcessToken: "int OpenProcessToken(intptr_t process, uint32_t access, void *out)",
    GetTokenInformation:
      "int GetTokenInformation(intptr_t token, int infoClass, void *out, uint32_t length, void *returned)",
    ConvertSidToStringSidW: "int ConvertSidToStringSidW(void *sid, void *out)",
    ConvertStringSecurityDescriptorToSecurityDescriptorW:
      "int ConvertStringSecurityDescriptorToSecurityDescriptorW(str16 sddl, uint32_t revision, void *out, void *size)",
    GetKernelObjectSecurity:
      "int GetKernelObjectSecurity(intptr_t object, uint32_t information, void *out, uint32_t length, void *needed)",
  },
} as const;
