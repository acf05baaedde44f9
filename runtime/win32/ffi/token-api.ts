import type { Bool, Handle, Memory } from "./types.ts";

/** The part of `Winapi` that is about accounts, tokens and profiles. Texts in Buffers are UTF-16 and end in NUL. */
export interface TokenApi {
  LookupAccountNameW(
    system: null,
    name: string,
    sid: Buffer,
    sidSize: Buffer,
    domain: Buffer,
    domainLength: Buffer,
    use: Buffer,
  ): Bool;
  LookupAccountSidW(
    system: null,
    sid: Buffer,
    name: Buffer,
    nameLength: Buffer,
    domain: Buffer,
    domainLength: Buffer,
    use: Buffer,
  ): Bool;
  LogonUserW(user: string, domain: string | null, password: Memory, type: number, provider: number, out: Buffer): Bool;
  OpenProcessToken(process: Handle, access: number, out: Buffer): Bool;
  DuplicateTokenEx(token: Handle, access: number, attributes: null, level: number, type: number, out: Buffer): Bool;
  CreateRestrictedToken(
    token: Handle,
    flags: number,
    disableCount: number,
    disable: Memory,
    deleteCount: number,
    remove: Memory,
    restrictCount: number,
    restrict: Memory,
    out: Buffer,
  ): Bool;
  GetTokenInformation(token: Handle, infoClass: number, out: Memory, length: number, returned: Buffer): Bool;
  SetTokenInformation(token: Handle, infoClass: number, info: Buffer, length: number): Bool;
  AdjustTokenPrivileges(
    token: Handle,
    disableAll: Bool,
    state: Buffer,
    length: number,
    previous: null,
    returned: null,
  ): Bool;
  LookupPrivilegeValueW(system: null, name: string, luid: Buffer): Bool;
  /** This thread has the rights of the token until RevertToSelf. */
  ImpersonateLoggedOnUser(token: Handle): Bool;
  RevertToSelf(): Bool;
  AccessCheck(
    descriptor: Buffer,
    token: Handle,
    access: number,
    mapping: Buffer,
    privileges: Buffer,
    length: Buffer,
    granted: Buffer,
    status: Buffer,
  ): Bool;
  GetFileSecurityW(path: string, information: number, out: Memory, length: number, needed: Buffer): Bool;
  GetKernelObjectSecurity(object: Handle, information: number, out: Buffer, length: number, needed: Buffer): Bool;
  SetKernelObjectSecurity(object: Handle, information: number, descriptor: bigint): Bool;
  GetSecurityDescriptorDacl(descriptor: bigint, present: Buffer, dacl: Buffer, defaulted: Buffer): Bool;
  CreateProcessAsUserW(
    token: Handle,
    application: string,
    commandLine: Buffer,
    processAttributes: Memory,
    threadAttributes: Memory,
    inheritHandles: Bool,
    flags: number,
    environment: Buffer,
    directory: string,
    startupInfo: Buffer,
    processInformation: Buffer,
  ): Bool;
  CreateEnvironmentBlock(out: Buffer, token: Handle, inherit: Bool): Bool;
  DestroyEnvironmentBlock(block: bigint): Bool;
  LoadUserProfileW(token: Handle, info: Buffer): Bool;
  UnloadUserProfile(token: Handle, profile: Handle): Bool;
  WTSGetActiveConsoleSessionId(): number;
  WTSQueryUserToken(session: number, out: Buffer): Bool;
  GetFileInformationByHandle(file: Handle, out: Buffer): Bool;

  /** Undefined where there is none. */
  LogonUserExExW?: (
    user: string,
    domain: string | null,
    password: Memory,
    type: number,
    provider: number,
    groups: null,
    out: Buffer,
    logonSid: null,
    profile: null,
    profileLength: null,
    quota: null,
  ) => Bool;
  /** Undefined where there is none. Answers with an NTSTATUS. */
  LsaManageSidNameMapping?: (operation: number, input: Buffer, out: Buffer) => number;

  /** The functions of the LSA answer with an NTSTATUS: below 0 they failed. */
  LsaOpenPolicy(system: null, attributes: Buffer, access: number, out: Buffer): number;
  LsaAddAccountRights(policy: Handle, sid: Buffer, rights: Buffer, count: number): number;
  LsaRemoveAccountRights(policy: Handle, sid: Buffer, allRights: Bool, rights: null, count: number): number;
  LsaEnumerateAccountsWithUserRight(policy: Handle, right: Buffer, out: Buffer, count: Buffer): number;
  LsaFreeMemory(memory: bigint): number;
  LsaClose(policy: Handle): number;
  LsaNtStatusToWinError(status: number): number;
}
