import type { ExitStatus } from "./runtime.ts";

/** Names of the NTSTATUS (ntstatus.h) and exception codes that Windows processes are seen to exit with, in the form people search for. */
const NTSTATUS: ReadonlyMap<number, string> = new Map([
  [0x40000015, "FatalAppExit"],
  [0x40010004, "SystemShutdown"],
  [0x80000002, "DatatypeMisalignment"],
  [0x80000003, "Breakpoint"],
  [0xc0000005, "AccessViolation"],
  [0xc0000006, "InPageError"],
  [0xc0000008, "InvalidHandle"],
  [0xc000000d, "InvalidParameter"],
  [0xc0000017, "NoMemory"],
  [0xc000001d, "IllegalInstruction"],
  [0xc0000022, "AccessDenied"],
  [0xc0000025, "NoncontinuableException"],
  [0xc000007b, "InvalidImageFormat"],
  [0xc000008c, "ArrayBoundsExceeded"],
  [0xc000008e, "FloatDivideByZero"],
  [0xc0000094, "IntegerDivideByZero"],
  [0xc0000095, "IntegerOverflow"],
  [0xc0000096, "PrivilegedInstruction"],
  [0xc00000fd, "StackOverflow"],
  [0xc0000135, "DllNotFound"],
  [0xc0000138, "OrdinalNotFound"],
  [0xc0000139, "EntryPointNotFound"],
  [0xc000013a, "ControlCExit"],
  [0xc0000142, "DllInitFailed"],
  [0xc0000374, "HeapCorruption"],
  [0xc0000409, "StackBufferOverrun"],
  [0xc000041d, "FatalUserCallbackException"],
  [0xc0000420, "AssertionFailure"],
  [0xc06d007e, "DelayLoadDllNotFound"],
  [0xc06d007f, "DelayLoadEntryPointNotFound"],
  [0xe0434352, "DotNetException"],
  [0xe06d7363, "CppException"],
]);

/** For the codes whose names say little about what to do. */
const HINTS: ReadonlyMap<number, string> = new Map([
  [
    0xc0000142,
    "a library could not initialise itself: most often the desktop heap of services is used up by many programs (raise the third number of " +
      "SharedSection in HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\SubSystems, value Windows), or its account may not use the desktop",
  ],
  [0xc000013a, "it was ended by Ctrl-C or Ctrl-Break, or its console was closed"],
  [0xc0000135, "a library that it needs was not found: put it into the folder of the program"],
  [0xc000007b, "it met a library made for another processor: 32 and 64 bit do not mix"],
  [0xc0000409, "it ended itself at once because it found itself damaged (abort() and fail-fast do the same)"],
]);

/** What a POSIX shell and `env` answer when they could not run the program themselves. */
const POSIX_CODES: ReadonlyMap<number, string> = new Map([
  [126, "CommandNotExecutable"],
  [127, "CommandNotFound"],
]);

export interface DecodedExit {
  /** CamelCase, as in `state.terminated.reason`: `Completed`, `OOMKilled`, `AccessViolation`, `SIGKILL`, `Error`, `Unknown`. */
  reason: string;
  /** `0xC0000005`; only for codes that people know by their hexadecimal form. */
  exitCodeHex?: string;
  /** What to look at; present where the name alone does not say it. */
  hint?: string;
}

/** The name of an exit. Kubernetes' words where it has them. */
export function decodeExit(exit: ExitStatus): DecodedExit {
  if (exit.outOfMemory) return { reason: "OOMKilled", ...hexOf(exit.code) };
  if (exit.unknown) return { reason: "Unknown" };
  if (exit.signal !== undefined) return { reason: exit.signal };
  if (exit.code === 0) return { reason: "Completed" };
  return { reason: nameOfCode(exit.code ?? -1) ?? "Error", ...hexOf(exit.code), ...hintOf(exit.code) };
}

/** `AccessViolation` for 0xC0000005, also when it was read as a negative 32-bit number. */
export function nameOfCode(code: number): string | undefined {
  return NTSTATUS.get(code >>> 0) ?? POSIX_CODES.get(code);
}

function hintOf(code: number | undefined): { hint?: string } {
  const hint = HINTS.get((code ?? 0) >>> 0);
  return hint === undefined ? {} : { hint };
}

function hexOf(code: number | undefined): { exitCodeHex?: string } {
  if (code === undefined || (code >= 0 && code < 0x10000)) return {};
  return { exitCodeHex: `0x${(code >>> 0).toString(16).toUpperCase().padStart(8, "0")}` };
}
