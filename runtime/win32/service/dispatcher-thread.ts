import { type Clock, sleep } from "../../../lib/clock.ts";
import type { ServiceApi, ServiceHandle } from "../ffi/service-api.ts";
import { serviceConstants as c } from "../ffi/service-constants.ts";
import { serviceStructs } from "../ffi/service-structs.ts";
import { encode } from "../ffi/struct-codec.ts";
import { ServiceError } from "./service-error.ts";

/** A thread that is lent to the system for as long as the service runs. */
export interface Dispatcher {
  begin(serviceMain: bigint): void;
  /** Resolves with the Win32 error (0: none) when the service has stopped, or could not be one. Looks until then, or until the signal. */
  ended(signal?: AbortSignal): Promise<number>;
}

/** What the system reads for as long as the thread lives. */
const lent: Buffer[] = [];

/** Address space; of memory it takes what is used. */
const STACK_BYTES = 1024 * 1024;
const LOOK_MS = 20;
const FOREVER_MS = 2 ** 30;

/**
 * StartServiceCtrlDispatcherW blocks until the service has stopped, so it needs a thread of its own. It takes one pointer and answers with
 * 32 bits, which is just what a thread's start routine does: the thread begins in it and no line of ours runs there. (A Worker would do
 * the same for 10 MiB.) The last error of that thread can't be asked for from here. Of the three that Microsoft names, two mean a mistake of
 * ours in the call; so a dispatcher that fails means the third: it was not the system that started this process.
 * https://learn.microsoft.com/windows/win32/api/winsvc/nf-winsvc-startservicectrldispatcherw
 */
export class DispatcherThread implements Dispatcher {
  readonly #api: ServiceApi;
  readonly #clock: Clock;
  #thread: ServiceHandle = 0;

  constructor(api: ServiceApi, clock: Clock) {
    this.#api = api;
    this.#clock = clock;
  }

  begin(serviceMain: bigint): void {
    const api = this.#api;
    const name = Buffer.from("wctl\0", "utf16le"); // Windows does not look at it in a process that hosts a single service.
    const entry = serviceStructs.SERVICE_TABLE_ENTRYW;
    const table = Buffer.concat([
      encode(entry, { lpServiceName: api.addressOf(name), lpServiceProc: serviceMain }),
      encode(entry, {}),
    ]);
    lent.push(name, table);
    const start = api.GetProcAddress(api.GetModuleHandleW("advapi32.dll"), "StartServiceCtrlDispatcherW");
    if (start === null) throw new ServiceError("GetProcAddress", "StartServiceCtrlDispatcherW", api.GetLastError());
    const flags = c.STACK_SIZE_PARAM_IS_A_RESERVATION;
    this.#thread = api.CreateThread(null, STACK_BYTES, start, api.addressOf(table), flags, null);
    if (this.#thread === 0) throw new ServiceError("CreateThread", "StartServiceCtrlDispatcherW", api.GetLastError());
  }

  async ended(signal?: AbortSignal): Promise<number> {
    const alive = setInterval(() => {}, FOREVER_MS); // A thread of the system, and a timer of the Clock, do not keep the process alive.
    try {
      for (;;) {
        const code = this.#exitCode();
        if (code !== c.STILL_ACTIVE) return code === 0 ? c.ERROR_FAILED_SERVICE_CONTROLLER_CONNECT : 0;
        await sleep(this.#clock, LOOK_MS, signal);
      }
    } finally {
      clearInterval(alive);
    }
  }

  #exitCode(): number {
    const out = Buffer.alloc(4);
    if (this.#api.GetExitCodeThread(this.#thread, out) === 0) {
      throw new ServiceError("GetExitCodeThread", "StartServiceCtrlDispatcherW", this.#api.GetLastError());
    }
    return out.readUInt32LE(0);
  }
}
