import type { RunProofs } from "../../runs/run-proofs.ts";
import { constants } from "../ffi/constants.ts";
import { tokenConstants as c } from "../ffi/token-constants.ts";
import type { Handle, Winapi } from "../ffi/winapi.ts";
import { isOurs } from "../security/owner-of.ts";
import { securityAttributes } from "../security/security-attributes.ts";
import { must, Win32Error } from "../win32-error.ts";

/** The variable in the environment of a workload that is stopped by an event: the event's name. */
export const STOP_EVENT_VARIABLE = "WCTL_STOP_EVENT";

/** Everybody may wait for it (SYNCHRONIZE); only administrators, the system and its maker may set it. */
const ACCESS = "D:P(A;;GA;;;SY)(A;;GA;;;BA)(A;;GA;;;OW)(A;;0x100000;;;WD)";

/** Hexadecimal digits: 128 bits. */
const CODE_DIGITS = 32;

/**
 * The name of the event, made under a key of ours for this one run. The next daemon can make it again; nobody can know it before the event is there;
 * and the name of the job, which can be seen earlier, does not tell it.
 */
export function stopEventName({ proofs }: { proofs: RunProofs }, uid: string, run: number): string {
  return `Global\\wctl-stop-${proofs.of({ uid, run, accountId: "stop event" }).slice(0, CODE_DIGITS)}`;
}

/** The name in a run that an earlier version started, which may still live: that version named the event after the job. */
export const formerStopEventName = (job: string): string => `${job}-stop`;

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

  /**
   * Undefined when nobody holds it any more, not even the workload; also when somebody else made it anew, since to set that one would ask nobody.
   * `own`: SID of the daemon's account.
   */
  static open(api: Winapi, name: string, own: string): StopEvent | undefined {
    const handle = api.OpenEventW(constants.EVENT_MODIFY_STATE | c.READ_CONTROL, 0, name);
    if (handle === 0) return undefined;
    if (isOurs(api, handle, own)) return new StopEvent(api, handle);
    api.CloseHandle(handle);
    return undefined;
  }

  /** The first of these names that `open` finds. */
  static openFirst(api: Winapi, names: readonly string[], own: string): StopEvent | undefined {
    for (const name of names) {
      const event = StopEvent.open(api, name, own);
      if (event) return event;
    }
    return undefined;
  }

  set(): boolean {
    return this.#api.SetEvent(this.#handle) !== 0;
  }

  close(): void {
    this.#api.CloseHandle(this.#handle);
  }
}
