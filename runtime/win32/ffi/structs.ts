/**
 * Structures of Windows' 64-bit headers as plain data: name -> size, and of each field its type and offset. Only the fields that we
 * read or write are named. `test/win32/layout.test.ts` compiles all of it against the headers. `header`: how the headers call it, where
 * that differs.
 */
export type FieldType = "u16" | "u32" | "u64" | "pointer";

export interface Field {
  readonly type: FieldType;
  readonly at: number;
  readonly header?: string;
  /** Why we believe the layout although no public header shows it. */
  readonly unchecked?: string;
}

export interface Struct {
  /** 0: we never make one, and its size does not matter. */
  readonly size: number;
  readonly header?: string;
  readonly fields: Readonly<Record<string, Field>>;
}

const u16 = <A extends number>(at: A, header?: string) => field("u16", at, header);
const u32 = <A extends number>(at: A, header?: string) => field("u32", at, header);
const u64 = <A extends number>(at: A, header?: string) => field("u64", at, header);
const pointer = <A extends number>(at: A, header?: string) => field("pointer", at, header);

function field<T extends FieldType>(type: T, at: number, header?: string): { type: T; at: number; header?: string } {
  return header === undefined ? { type, at } : { type, at, header };
}

export const structs = {
  SECURITY_ATTRIBUTES: {
    size: 24,
    fields: { nLength: u32(0), lpSecurityDescriptor: pointer(8), bInheritHandle: u32(16) },
  },
  JOBOBJECT_BASIC_ACCOUNTING_INFORMATION: {
    size: 48,
    fields: {
      TotalUserTime: u64(0),
      TotalKernelTime: u64(8),
      TotalProcesses: u32(36),
      ActiveProcesses: u32(40),
    },
  },
  JOBOBJECT_BASIC_PROCESS_ID_LIST: {
    size: 16,
    fields: { NumberOfAssignedProcesses: u32(0), NumberOfProcessIdsInList: u32(4), ProcessIdList: pointer(8) },
  },
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION: {
    size: 144,
    fields: {
      LimitFlags: u32(16, "BasicLimitInformation.LimitFlags"),
      ActiveProcessLimit: u32(40, "BasicLimitInformation.ActiveProcessLimit"),
      Affinity: u64(48, "BasicLimitInformation.Affinity"),
      PriorityClass: u32(56, "BasicLimitInformation.PriorityClass"),
      ProcessMemoryLimit: u64(112),
      JobMemoryLimit: u64(120),
      PeakProcessMemoryUsed: u64(128),
      PeakJobMemoryUsed: u64(136),
    },
  },
  JOBOBJECT_CPU_RATE_CONTROL_INFORMATION: {
    size: 8,
    fields: { ControlFlags: u32(0), CpuRate: u32(4) },
  },
  JOBOBJECT_ASSOCIATE_COMPLETION_PORT: {
    size: 16,
    fields: { CompletionKey: pointer(0), CompletionPort: pointer(8) },
  },
  STARTUPINFOEXW: {
    size: 112,
    fields: {
      cb: u32(0, "StartupInfo.cb"),
      lpDesktop: pointer(16, "StartupInfo.lpDesktop"),
      dwFlags: u32(60, "StartupInfo.dwFlags"),
      hStdInput: pointer(80, "StartupInfo.hStdInput"),
      hStdOutput: pointer(88, "StartupInfo.hStdOutput"),
      hStdError: pointer(96, "StartupInfo.hStdError"),
      lpAttributeList: pointer(104),
    },
  },
  PROCESS_INFORMATION: {
    size: 24,
    fields: { hProcess: pointer(0), hThread: pointer(8), dwProcessId: u32(16), dwThreadId: u32(20) },
  },
  SYSTEM_PROCESS_INFORMATION: {
    size: 256,
    fields: {
      NextEntryOffset: u32(0),
      NumberOfThreads: u32(4),
      CreateTime: u64(32),
      UserTime: u64(40),
      KernelTime: u64(48),
      ImageNameLength: u16(56, "ImageName.Length"),
      ImageNameBuffer: pointer(64, "ImageName.Buffer"),
      UniqueProcessId: pointer(80),
      InheritedFromUniqueProcessId: pointer(88),
      HandleCount: u32(96),
      WorkingSetSize: u64(144, "VirtualMemoryCounters.WorkingSetSize"),
      PrivatePageCount: u64(200),
    },
  },
  /** Ports are in the order of the network. */
  MIB_TCPROW_OWNER_PID: {
    size: 24,
    fields: { dwLocalAddr: u32(4), dwLocalPort: u32(8), dwOwningPid: u32(20) },
  },
  MIB_TCP6ROW_OWNER_PID: {
    size: 56,
    fields: { dwLocalPort: u32(20), dwOwningPid: u32(52) },
  },
  PROCESS_BASIC_INFORMATION: {
    size: 48,
    fields: { PebBaseAddress: pointer(8), UniqueProcessId: pointer(32) },
  },
  PEB: {
    size: 0,
    fields: { ProcessParameters: pointer(32) },
  },
  /** No header shows where the rest lies. It is the same since Windows Vista, and our tests read the environment of a child through it. */
  RTL_USER_PROCESS_PARAMETERS: {
    size: 0,
    fields: {
      CommandLine: u16(112, "CommandLine.Length"),
      Environment: { type: "pointer", at: 0x80, unchecked: "follows CommandLine, which is the last that is public" },
      EnvironmentSize: { type: "u64", at: 0x3f0, unchecked: "since Windows Vista" },
    },
  },
  FILE_ZERO_DATA_INFORMATION: {
    size: 16,
    fields: { FileOffset: u64(0), BeyondFinalZero: u64(8) },
  },
  SID_AND_ATTRIBUTES: {
    size: 16,
    fields: { Sid: pointer(0), Attributes: u32(8) },
  },
} as const satisfies Readonly<Record<string, Struct>>;
