import { constants } from "../ffi/constants.ts";
import type { Handle, Winapi } from "../ffi/winapi.ts";
import { securityAttributes } from "../security.ts";
import { must, Win32Error } from "../win32-error.ts";

/** In the environment of a workload that is stopped by an event: the event's name. */
export const STOP_EVENT_VARIABLE = "WCTL_STOP_EVENT";

/** Everybody may wait for it (SYNCHRONIZE); only administrators, the system and its maker may set it. */
const ACCESS = "D:P(A;;GA;;;SY)(A;;GA;;;BA)(A;;GA;;;OW)(A;;0x100000;;;WD)";

/** Named after the run's job, so that the next daemon finds it too. */
export const stopEventName = (jobName: string): string => `${jobName}-stop`;

/** A named event, manual reset: the workload waits for it and ends. */
export class StopEvent {
  readonly #api: Winapi;
  readonly #handle: Handle;

  private constructor(api: Winapi, handle: Handle) {
    this.#api = api;
    this.#handle = handle;
  }

  static create(api: Winapi, name: string): StopEvent {
    const handle = must(api, "CreateEventW", api.CreateEventW(securityAttributes(api, ACCESS), 1, 0, name), { name });
    if (api.GetLastError() === constants.ERROR_ALREADY_EXISTS) {
      api.CloseHandle(handle);
      throw new Win32Error("CreateEventW", constants.ERROR_ALREADY_EXISTS, { name });
    }
    return new StopEvent(api, handle);
  }

  /** Undefined when nobody holds it any more, the workload neither. */
  static open(api: Winapi, name: string): StopEvent | undefined {
    const handle = api.OpenEventW(constants.EVENT_MODIFY_STATE, 0, name);
    return handle === 0 ? undefined : new StopEvent(api, handle);
  }

  set(): boolean {
    return this.#api.SetEvent(this.#handle) !== 0;
  }

  close(): void {
    this.#api.CloseHandle(this.#handle);
  }
}
