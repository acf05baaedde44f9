import type { Field, Struct } from "./structs.ts";

const u32 = (at: number) => ({ type: "u32", at }) as const satisfies Field;
const pointer = (at: number) => ({ type: "pointer", at }) as const satisfies Field;

/** The structures of winsvc.h that we read or write; checked as `structs.ts` is. */
export const serviceStructs = {
  SERVICE_TABLE_ENTRYW: {
    size: 16,
    fields: { lpServiceName: pointer(0), lpServiceProc: pointer(8) },
  },
  SERVICE_STATUS: {
    size: 28,
    fields: {
      dwServiceType: u32(0),
      dwCurrentState: u32(4),
      dwControlsAccepted: u32(8),
      dwWin32ExitCode: u32(12),
      dwServiceSpecificExitCode: u32(16),
      dwCheckPoint: u32(20),
      dwWaitHint: u32(24),
    },
  },
  SERVICE_STATUS_PROCESS: {
    size: 36,
    fields: {
      dwServiceType: u32(0),
      dwCurrentState: u32(4),
      dwControlsAccepted: u32(8),
      dwWin32ExitCode: u32(12),
      dwServiceSpecificExitCode: u32(16),
      dwCheckPoint: u32(20),
      dwWaitHint: u32(24),
      dwProcessId: u32(28),
      dwServiceFlags: u32(32),
    },
  },
  QUERY_SERVICE_CONFIGW: {
    size: 64,
    fields: {
      dwServiceType: u32(0),
      dwStartType: u32(4),
      dwErrorControl: u32(8),
      lpBinaryPathName: pointer(16),
      lpServiceStartName: pointer(48),
      lpDisplayName: pointer(56),
    },
  },
  SERVICE_DESCRIPTIONW: { size: 8, fields: { lpDescription: pointer(0) } },
  SERVICE_FAILURE_ACTIONSW: {
    size: 40,
    fields: {
      dwResetPeriod: u32(0),
      lpRebootMsg: pointer(8),
      lpCommand: pointer(16),
      cActions: u32(24),
      lpsaActions: pointer(32),
    },
  },
  SC_ACTION: { size: 8, fields: { Type: u32(0), Delay: u32(4) } },
  SERVICE_FAILURE_ACTIONS_FLAG: { size: 4, fields: { fFailureActionsOnNonCrashFailures: u32(0) } },
  SERVICE_DELAYED_AUTO_START_INFO: { size: 4, fields: { fDelayedAutostart: u32(0) } },
  SERVICE_SID_INFO: { size: 4, fields: { dwServiceSidType: u32(0) } },
  SERVICE_REQUIRED_PRIVILEGES_INFOW: { size: 8, fields: { pmszRequiredPrivileges: pointer(0) } },
  SERVICE_PRESHUTDOWN_INFO: { size: 4, fields: { dwPreshutdownTimeout: u32(0) } },
} as const satisfies Readonly<Record<string, Struct>>;
