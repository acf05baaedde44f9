/** In C, for koffi: library -> function -> prototype. HANDLE and HWND are `intptr_t`, BOOL is `int`, DWORD and NTSTATUS 32 bits. */
export const prototypes = {
  "kernel32.dll": {
    GetLastError: "uint32_t GetLastError()",
    GetCurrentProcess: "intptr_t GetCurrentProcess()",
    GetActiveProcessorCount: "uint32_t GetActiveProcessorCount(uint16_t group)",
    CloseHandle: "int CloseHandle(intptr_t handle)",
    DuplicateHandle:
      "int DuplicateHandle(intptr_t fromProcess, intptr_t handle, intptr_t toProcess, void *out, uint32_t access, int inherit, uint32_t options)",
    LocalFree: "void *LocalFree(void *memory)",
    CreateJobObjectW: "intptr_t CreateJobObjectW(void *attributes, str16 name)",
    OpenJobObjectW: "intptr_t OpenJobObjectW(uint32_t access, int inherit, str16 name)",
    AssignProcessToJobObject: "int AssignProcessToJobObject(intptr_t job, intptr_t process)",
    IsProcessInJob: "int IsProcessInJob(intptr_t process, intptr_t job, void *result)",
    SetInformationJobObject: "int SetInformationJobObject(intptr_t job, int infoClass, void *info, uint32_t length)",
    QueryInformationJobObject:
      "int QueryInformationJobObject(intptr_t job, int infoClass, void *info, uint32_t length, void *returned)",
    TerminateJobObject: "int TerminateJobObject(intptr_t job, uint32_t exitCode)",
    CreateIoCompletionPort:
      "intptr_t CreateIoCompletionPort(intptr_t file, intptr_t port, uintptr_t key, uint32_t threads)",
    GetQueuedCompletionStatus:
      "int GetQueuedCompletionStatus(intptr_t port, void *bytes, void *key, void *overlapped, uint32_t milliseconds)",
    PostQueuedCompletionStatus:
      "int PostQueuedCompletionStatus(intptr_t port, uint32_t bytes, uintptr_t key, uintptr_t overlapped)",
    InitializeProcThreadAttributeList:
      "int InitializeProcThreadAttributeList(void *list, uint32_t count, uint32_t flags, void *size)",
    UpdateProcThreadAttribute:
      "int UpdateProcThreadAttribute(void *list, uint32_t flags, uintptr_t attribute, void *value, size_t size, void *previous, void *returned)",
    DeleteProcThreadAttributeList: "void DeleteProcThreadAttributeList(void *list)",
    ResumeThread: "uint32_t ResumeThread(intptr_t thread)",
    OpenProcess: "intptr_t OpenProcess(uint32_t access, int inherit, uint32_t pid)",
    TerminateProcess: "int TerminateProcess(intptr_t process, uint32_t exitCode)",
    GetExitCodeProcess: "int GetExitCodeProcess(intptr_t process, void *out)",
    GetProcessTimes: "int GetProcessTimes(intptr_t process, void *created, void *exited, void *kernel, void *user)",
    WaitForSingleObject: "uint32_t WaitForSingleObject(intptr_t handle, uint32_t milliseconds)",
    QueryFullProcessImageNameW:
      "int QueryFullProcessImageNameW(intptr_t process, uint32_t flags, void *out, void *length)",
    ReadProcessMemory: "int ReadProcessMemory(intptr_t process, uintptr_t address, void *out, size_t size, void *read)",
    CreateFileW:
      "intptr_t CreateFileW(str16 path, uint32_t access, uint32_t share, void *attributes, uint32_t disposition, uint32_t flags, intptr_t template)",
    CreatePipe: "int CreatePipe(void *reader, void *writer, void *attributes, uint32_t size)",
    PeekNamedPipe:
      "int PeekNamedPipe(intptr_t pipe, void *buffer, uint32_t length, void *read, void *available, void *left)",
    SetNamedPipeHandleState: "int SetNamedPipeHandleState(intptr_t pipe, void *mode, void *most, void *milliseconds)",
    WriteFile: "int WriteFile(intptr_t file, const void *buffer, uint32_t length, void *written, void *overlapped)",
    ReadFile: "int ReadFile(intptr_t file, void *buffer, uint32_t length, void *read, void *overlapped)",
    DeviceIoControl:
      "int DeviceIoControl(intptr_t file, uint32_t code, void *input, uint32_t inputLength, void *output, uint32_t outputLength, void *returned, void *overlapped)",
    CreateEventW: "intptr_t CreateEventW(void *attributes, int manualReset, int initialState, str16 name)",
    OpenEventW: "intptr_t OpenEventW(uint32_t access, int inherit, str16 name)",
    SetEvent: "int SetEvent(intptr_t event)",
    FreeConsole: "int FreeConsole()",
    AttachConsole: "int AttachConsole(uint32_t pid)",
    SetConsoleCtrlHandler: "int SetConsoleCtrlHandler(void *function, int add)",
    GenerateConsoleCtrlEvent: "int GenerateConsoleCtrlEvent(uint32_t event, uint32_t group)",
    GetOEMCP: "uint32_t GetOEMCP()",
    GetACP: "uint32_t GetACP()",
    GetSystemDirectoryW: "uint32_t GetSystemDirectoryW(void *out, uint32_t length)",
  },
  "ntdll.dll": {
    NtQuerySystemInformation:
      "int32_t NtQuerySystemInformation(int infoClass, void *info, uint32_t length, void *returned)",
    NtQueryInformationProcess:
      "int32_t NtQueryInformationProcess(intptr_t process, int infoClass, void *info, uint32_t length, void *returned)",
  },
  "advapi32.dll": {
    ConvertStringSecurityDescriptorToSecurityDescriptorW:
      "int ConvertStringSecurityDescriptorToSecurityDescriptorW(str16 sddl, uint32_t revision, void *out, void *size)",
    OpenProcessToken: "int OpenProcessToken(intptr_t process, uint32_t access, void *out)",
    GetTokenInformation:
      "int GetTokenInformation(intptr_t token, int infoClass, void *out, uint32_t length, void *returned)",
  },
  "userenv.dll": {
    CreateEnvironmentBlock: "int CreateEnvironmentBlock(void *out, intptr_t token, int inherit)",
    DestroyEnvironmentBlock: "int DestroyEnvironmentBlock(void *block)",
  },
  "iphlpapi.dll": {
    GetExtendedTcpTable:
      "uint32_t GetExtendedTcpTable(void *table, void *size, int order, uint32_t family, int tableClass, uint32_t reserved)",
  },
  "user32.dll": {
    FindWindowExW: "intptr_t FindWindowExW(intptr_t parent, intptr_t after, str16 className, str16 title)",
    GetWindowThreadProcessId: "uint32_t GetWindowThreadProcessId(intptr_t window, void *pid)",
    PostMessageW: "int PostMessageW(intptr_t window, uint32_t message, uintptr_t wParam, intptr_t lParam)",
  },
} as const;
