import type { Clock, Timer } from "../../../lib/clock.ts";
import type { ServiceApi, ServiceHandle } from "../ffi/service-api.ts";
import { serviceConstants as c } from "../ffi/service-constants.ts";
import { serviceStructs } from "../ffi/service-structs.ts";
import { encode } from "../ffi/struct-codec.ts";
import { type Dispatcher, DispatcherThread } from "./dispatcher-thread.ts";
import { ServiceError } from "./service-error.ts";
import { controlOf, type ServiceControl, type ServiceState, states } from "./service-states.ts";

/** In a pending state we report a new checkpoint this often. The system gives the service up when none comes within the wait hint. */
const CHECKPOINT_MS = 1_000;
const WAIT_HINT_MS = 15_000;

export interface ServiceHostOptions {
  api: ServiceApi;
  clock: Clock;
  dispatcher?: Dispatcher;
}

/**
 * This process as the service control manager sees it: it reports its state and receives controls.
 * https://learn.microsoft.com/windows/win32/services/service-control-handler-function
 */
export class ServiceHost {
  /** The name under which the service was started. */
  readonly name: string;
  readonly #api: ServiceApi;
  readonly #clock: Clock;
  readonly #handle: ServiceHandle;
  readonly #dispatcher: Dispatcher;
  readonly #waiting: ServiceControl[] = [];
  #listener: ((control: ServiceControl) => void) | undefined;
  #state: ServiceState = "StartPending";
  #checkPoint = 0;
  #exitCode = 0;
  #tick: Timer | undefined;

  /**
   * Resolves when the system has called ServiceMain; the service is `StartPending` then. Resolves with undefined when the system did not start this
   * process, but somebody at a console did. Rejects with ServiceError.
   */
  static async connect({
    api,
    clock,
    dispatcher = new DispatcherThread(api, clock),
  }: ServiceHostOptions): Promise<ServiceHost | undefined> {
    const called = new AbortController();
    return new Promise((resolve, reject) => {
      const serviceMain = api.serviceMain((name) => {
        called.abort();
        try {
          resolve(new ServiceHost(name, { api, clock }, dispatcher));
        } catch (error) {
          reject(error);
        }
      });
      dispatcher.begin(serviceMain);
      dispatcher.ended(called.signal).then(
        (code) => {
          if (code === c.ERROR_FAILED_SERVICE_CONTROLLER_CONNECT) resolve(undefined);
          else reject(new ServiceError("StartServiceCtrlDispatcherW", "service", code));
        },
        (error) => called.signal.aborted || reject(error),
      );
    });
  }

  private constructor(name: string, { api, clock }: ServiceHostOptions, dispatcher: Dispatcher) {
    this.name = name;
    this.#api = api;
    this.#clock = clock;
    this.#dispatcher = dispatcher;
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

  /** Calls `listener` once for each control, in order. Controls that came before the first listener have waited for it. */
  listen(listener: (control: ServiceControl) => void): void {
    this.#listener = listener;
    for (const control of this.#waiting.splice(0)) listener(control);
  }

  /** Repeats the report every second, with a new checkpoint, while the state is a pending one. */
  report(state: ServiceState): void {
    this.#state = state;
    this.#checkPoint = 0;
    this.#tell();
    this.#keepTelling();
  }

  /**
   * Reports the end. The system may end this process right after that, so call it last. Resolves when the dispatcher's thread has ended.
   * @param exitCode 0, or a code of our own. With any code but 0 the service has failed, and the failure actions apply.
   */
  async stopped(exitCode: number): Promise<void> {
    this.#exitCode = exitCode;
    this.report("Stopped");
    await this.#dispatcher.ended();
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

  /** The system waits for the answer, so the control is only queued here. */
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
