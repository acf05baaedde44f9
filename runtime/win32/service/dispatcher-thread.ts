import { type Clock, sleep } from "../../../lib/clock.ts";
import type { ServiceApi, ServiceHandle } from "../ffi/service-api.ts";
import { serviceConstants as c } from "../ffi/service-constants.ts";
import { serviceStructs } from "../ffi/service-structs.ts";
import { encode } from "../ffi/struct-codec.ts";
import { ServiceError } from "./service-error.ts";

/** The thread in which the service control manager calls the service. */
export interface Dispatcher {
  begin(serviceMain: bigint): void;
  /** Resolves with 0 when the service has stopped, and with the Win32 error when this process is no service. Rejects when the signal aborts. */
  ended(signal?: AbortSignal): Promise<number>;
}

/** The system reads these Buffers for as long as the thread lives, so they must not be freed. */
const lent: Buffer[] = [];

/** Address space. The thread takes only as much memory as it uses. */
const STACK_BYTES = 1024 * 1024;
const LOOK_MS = 20;
const FOREVER_MS = 2 ** 30;

/**
 * StartServiceCtrlDispatcherW blocks until the service has stopped, so it needs a thread of its own. It has the signature of a thread's start routine
 * (one pointer in, 32 bits out), so the thread starts directly in it, and none of our code runs there. (A Worker would do the same, and take 10 MiB.)
 * We cannot read the last error of that thread. Microsoft documents three errors. Two of them mean that our call is wrong, so we read every failure
 * as the third: the system did not start this process as a service.
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
    const name = Buffer.from("wctl\0", "utf16le"); // Windows ignores it in a process that hosts a single service.
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
    const alive = setInterval(() => {}, FOREVER_MS); // Neither that thread nor a timer of the Clock keeps the process alive.
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
