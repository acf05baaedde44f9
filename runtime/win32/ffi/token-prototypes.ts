/** As `prototypes.ts`: accounts, tokens, profiles. */
export const tokenPrototypes = {
  "kernel32.dll": {
    WTSGetActiveConsoleSessionId: "uint32_t WTSGetActiveConsoleSessionId()",
    GetFileInformationByHandle: "int GetFileInformationByHandle(intptr_t file, void *out)",
  },
  "advapi32.dll": {
    LookupAccountNameW:
      "int LookupAccountNameW(str16 system, str16 name, void *sid, void *sidSize, void *domain, void *domainLength, void *use)",
    LookupAccountSidW:
      "int LookupAccountSidW(str16 system, void *sid, void *name, void *nameLength, void *domain, void *domainLength, void *use)",
    LogonUserW: "int LogonUserW(str16 user, str16 domain, void *password, uint32_t type, uint32_t provider, void *out)",
    DuplicateTokenEx:
      "int DuplicateTokenEx(intptr_t token, uint32_t access, void *attributes, int level, int type, void *out)",
    CreateRestrictedToken:
      "int CreateRestrictedToken(intptr_t token, uint32_t flags, uint32_t disableCount, void *disable, uint32_t deleteCount, void *delete_, uint32_t restrictCount, void *restrict_, void *out)",
    SetTokenInformation: "int SetTokenInformation(intptr_t token, int infoClass, void *info, uint32_t length)",
    AdjustTokenPrivileges:
      "int AdjustTokenPrivileges(intptr_t token, int disableAll, void *state, uint32_t length, void *previous, void *returned)",
    LookupPrivilegeValueW: "int LookupPrivilegeValueW(str16 system, str16 name, void *luid)",
    ImpersonateLoggedOnUser: "int ImpersonateLoggedOnUser(intptr_t token)",
    RevertToSelf: "int RevertToSelf()",
    AccessCheck:
      "int AccessCheck(void *descriptor, intptr_t token, uint32_t access, void *mapping, void *privileges, void *length, void *granted, void *status)",
    GetFileSecurityW:
      "int GetFileSecurityW(str16 path, uint32_t information, void *out, uint32_t length, void *needed)",
    GetKernelObjectSecurity:
      "int GetKernelObjectSecurity(intptr_t object, uint32_t information, void *out, uint32_t length, void *needed)",
    SetKernelObjectSecurity: "int SetKernelObjectSecurity(intptr_t object, uint32_t information, uintptr_t descriptor)",
    GetSecurityDescriptorDacl:
      "int GetSecurityDescriptorDacl(uintptr_t descriptor, void *present, void *dacl, void *defaulted)",
    LsaOpenPolicy: "int32_t LsaOpenPolicy(void *system, void *attributes, uint32_t access, void *out)",
    LsaAddAccountRights: "int32_t LsaAddAccountRights(intptr_t policy, void *sid, void *rights, uint32_t count)",
    LsaRemoveAccountRights:
      "int32_t LsaRemoveAccountRights(intptr_t policy, void *sid, uint8_t allRights, void *rights, uint32_t count)",
    LsaEnumerateAccountsWithUserRight:
      "int32_t LsaEnumerateAccountsWithUserRight(intptr_t policy, void *right, void *out, void *count)",
    LsaFreeMemory: "int32_t LsaFreeMemory(uintptr_t memory)",
    LsaClose: "int32_t LsaClose(intptr_t policy)",
    LsaNtStatusToWinError: "uint32_t LsaNtStatusToWinError(int32_t status)",
    CreateProcessAsUserW:
      "int CreateProcessAsUserW(intptr_t token, str16 application, void *commandLine, void *processAttributes, void *threadAttributes, int inheritHandles, uint32_t flags, void *environment, str16 directory, void *startupInfo, void *processInformation)",
  },
  "userenv.dll": {
    LoadUserProfileW: "int LoadUserProfileW(intptr_t token, void *info)",
    UnloadUserProfile: "int UnloadUserProfile(intptr_t token, intptr_t profile)",
  },
  "wtsapi32.dll": {
    WTSQueryUserToken: "int WTSQueryUserToken(uint32_t session, void *out)",
  },
} as const;

/** Functions that a Windows may lack (Wine does): they are undefined then. */
export const optionalPrototypes = {
  "advapi32.dll": {
    LsaManageSidNameMapping: "int32_t LsaManageSidNameMapping(int operation, void *input, void *out)",
    LogonUserExExW:
      "int LogonUserExExW(str16 user, str16 domain, void *password, uint32_t type, uint32_t provider, void *groups, void *token, void *logonSid, void *profile, void *profileLength, void *quota)",
  },
} as const;
