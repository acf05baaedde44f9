import { constants } from "../ffi/constants.ts";
import type { Handle, Winapi } from "../ffi/winapi.ts";
import { must } from "../win32-error.ts";

/** The access we need to a workload's main process, adopted or not. */
const ACCESS =
  constants.SYNCHRONIZE |
  constants.PROCESS_QUERY_INFORMATION |
  constants.PROCESS_TERMINATE |
  constants.PROCESS_SET_QUOTA;

/** Between 1601, where FILETIME begins, and 1970, in ms. */
const EPOCH_MS = 11_644_473_600_000n;

/** A process that is held: as long as it is, its pid is nobody else's, and the system keeps its exit code. */
export class HeldProcess {
  readonly #api: Winapi;
  readonly handle: Handle;
  readonly pid: number;
  /** FILETIME: 100 ns since 1601, in decimal digits. */
  readonly creationTime: string;

  constructor(api: Winapi, handle: Handle, pid: number) {
    this.#api = api;
    this.handle = handle;
    this.pid = pid;
    this.creationTime = String(this.#times().created);
  }

  /**
   * Undefined when there is no such process, or we may not look into it. It is opened first and looked at afterwards: so what is held is what was
   * checked.
   */
  static open(api: Winapi, pid: number, access: number = ACCESS): HeldProcess | undefined {
    const handle = api.OpenProcess(access, 0, pid);
    return handle === 0 ? undefined : HeldProcess.from(api, handle, pid);
  }

  /** Takes over a handle. When it is not one of a process, closes it and returns undefined. */
  static from(api: Winapi, handle: Handle, pid: number): HeldProcess | undefined {
    try {
      return new HeldProcess(api, handle, pid);
    } catch {
      api.CloseHandle(handle);
      return undefined;
    }
  }

  get hasEnded(): boolean {
    return this.#api.WaitForSingleObject(this.handle, 0) === constants.WAIT_OBJECT_0;
  }

  /** How an ended process ended. */
  exit(): { code: number; finishedAt: string } {
    const out = Buffer.alloc(4);
    must(this.#api, "GetExitCodeProcess", this.#api.GetExitCodeProcess(this.handle, out), { pid: this.pid });
    const { exited } = this.#times();
    return { code: out.readUInt32LE(0), finishedAt: timeOf(exited).toISOString() };
  }

  /** Does nothing to a process that has ended already. */
  terminate(exitCode: number): void {
    const done = this.#api.TerminateProcess(this.handle, exitCode);
    if (!done && !this.hasEnded) must(this.#api, "TerminateProcess", done, { pid: this.pid });
  }

  close(): void {
    this.#api.CloseHandle(this.handle);
  }

  #times(): { created: bigint; exited: bigint } {
    const [created, exited, kernel, user] = [
      Buffer.alloc(8),
      Buffer.alloc(8),
      Buffer.alloc(8),
      Buffer.alloc(8),
    ] as const;
    must(this.#api, "GetProcessTimes", this.#api.GetProcessTimes(this.handle, created, exited, kernel, user), {
      pid: this.pid,
    });
    return { created: created.readBigUInt64LE(0), exited: exited.readBigUInt64LE(0) };
  }
}

/** `creationTime` of a process that would be created at this moment. */
export const fileTimeOf = (wall: Date): string => String((BigInt(wall.getTime()) + EPOCH_MS) * 10_000n);

/** The wall clock of a FILETIME. */
export function timeOf(filetime: bigint): Date {
  return new Date(Number(filetime / 10_000n - EPOCH_MS));
}
