import type { Clock, Timer } from "../../../lib/clock.ts";
import { startWorker } from "../../../lib/worker.ts";
import type { ServiceApi, ServiceHandle } from "../ffi/service-api.ts";
import { serviceConstants as c } from "../ffi/service-constants.ts";
import { serviceStructs } from "../ffi/service-structs.ts";
import { encode } from "../ffi/struct-codec.ts";
import { ServiceError } from "./service-error.ts";
import { controlOf, type ServiceControl, type ServiceState, states } from "./service-states.ts";

/** While something takes long, the system is told this often that it goes on; it waits for the next time as long as the hint says. */
const CHECKPOINT_MS = 1_000;
const WAIT_HINT_MS = 15_000;

/** Lends a thread to the system. Resolves with the Win32 error (0: none) when the service has stopped, or could not be one. */
export type Dispatcher = (serviceMain: bigint) => Promise<number>;

export interface ServiceHostOptions {
  api: ServiceApi;
  clock: Clock;
  dispatcher?: Dispatcher;
}

/**
 * This process as the service control manager sees it: it reports its state, and hears what the system asks.
 * https://learn.microsoft.com/windows/win32/services/service-control-handler-function
 */
export class ServiceHost {
  /** The name under which the service was started. */
  readonly name: string;
  readonly #api: ServiceApi;
  readonly #clock: Clock;
  readonly #handle: ServiceHandle;
  readonly #ended: Promise<number>;
  readonly #waiting: ServiceControl[] = [];
  #listener: ((control: ServiceControl) => void) | undefined;
  #state: ServiceState = "StartPending";
  #checkPoint = 0;
  #exitCode = 0;
  #tick: Timer | undefined;

  /**
   * Resolves when the system has called the service, which then is `StartPending`; with undefined when this process was not started
   * by the system but by somebody at a console. Rejects with ServiceError.
   */
  static async connect({ api, clock, dispatcher = inWorker }: ServiceHostOptions): Promise<ServiceHost | undefined> {
    return new Promise((resolve, reject) => {
      const serviceMain = api.serviceMain((name) => {
        try {
          resolve(new ServiceHost(name, { api, clock }, ended));
        } catch (error) {
          reject(error);
        }
      });
      const ended = dispatcher(serviceMain);
      ended.then((code) => {
        if (code === c.ERROR_FAILED_SERVICE_CONTROLLER_CONNECT) resolve(undefined);
        else reject(new ServiceError("StartServiceCtrlDispatcherW", "service", code));
      }, reject);
    });
  }

  private constructor(name: string, { api, clock }: ServiceHostOptions, ended: Promise<number>) {
    this.name = name;
    this.#api = api;
    this.#clock = clock;
    this.#ended = ended;
    this.#handle = api.RegisterServiceCtrlHandlerExW(
      name,
      api.controlListener((code) => this.#control(code)),
      0,
    );
    if (this.#handle === 0) throw new ServiceError("RegisterServiceCtrlHandlerExW", name, api.GetLastError());
    this.report("StartPending");
  }

  get state(): ServiceState {
    return this.#state;
  }

  /** Each control comes once, in order; those that came before the first listener wait for it. */
  listen(listener: (control: ServiceControl) => void): void {
    this.#listener = listener;
    for (const control of this.#waiting.splice(0)) listener(control);
  }

  /** While a state is pending the system hears every second that it goes on. */
  report(state: ServiceState): void {
    this.#state = state;
    this.#checkPoint = 0;
    this.#tell();
    this.#keepTelling();
  }

  /**
   * The last words: the system may end the process right after them. Resolves when the system has let go of its thread.
   * @param exitCode 0, or a code of our own; anything else than 0 counts as a failure, and the failure actions apply
   */
  async stopped(exitCode: number): Promise<void> {
    this.#exitCode = exitCode;
    this.report("Stopped");
    await this.#ended;
  }

  #keepTelling(): void {
    this.#tick?.cancel();
    if (!states[this.#state].isPending) return;
    this.#tick = this.#clock.after(CHECKPOINT_MS, () => {
      this.#tell();
      this.#keepTelling();
    });
  }

  #tell(): void {
    const { code, accepts, isPending } = states[this.#state];
    if (isPending) this.#checkPoint += 1;
    const status = encode(serviceStructs.SERVICE_STATUS, {
      dwServiceType: c.SERVICE_WIN32_OWN_PROCESS,
      dwCurrentState: code,
      dwControlsAccepted: accepts,
      dwWin32ExitCode: this.#exitCode === 0 ? c.NO_ERROR : c.ERROR_SERVICE_SPECIFIC_ERROR,
      dwServiceSpecificExitCode: this.#exitCode,
      dwCheckPoint: this.#checkPoint,
      dwWaitHint: isPending ? WAIT_HINT_MS : 0,
    });
    this.#api.SetServiceStatus(this.#handle, status);
  }

  /** The system waits for the answer, so what is asked is only noted here. */
  #control(code: number): number {
    if (code === c.SERVICE_CONTROL_INTERROGATE) {
      this.#tell();
      return c.NO_ERROR;
    }
    const control = controlOf(code);
    if (control === undefined) return c.ERROR_CALL_NOT_IMPLEMENTED;
    setImmediate(() => {
      if (this.#listener) this.#listener(control);
      else this.#waiting.push(control);
    });
    return c.NO_ERROR;
  }
}

function inWorker(serviceMain: bigint): Promise<number> {
  const worker = startWorker(new URL("./service-dispatcher-worker.ts", import.meta.url), {
    workerData: { serviceMain },
  });
  return new Promise((resolve, reject) => {
    worker.once("message", ({ code }: { code: number }) => resolve(code));
    worker.once("error", reject);
    worker.once("exit", () => reject(new Error("the thread of the service control manager ended")));
  });
}
