import { type Clock, sleep } from "../../../lib/clock.ts";
import type { ServiceApi, ServiceHandle } from "../ffi/service-api.ts";
import { serviceConstants as c } from "../ffi/service-constants.ts";
import { serviceStructs } from "../ffi/service-structs.ts";
import { read } from "../ffi/struct-codec.ts";
import { withDescriptor } from "./descriptor.ts";
import { SERVICE_ACCESS, type ServiceDefinition, settingsOf } from "./service-definition.ts";
import { ServiceError } from "./service-error.ts";
import { type ServiceState, STOP_KEEPING, stateOf } from "./service-states.ts";

export interface ServiceStatus {
  name: string;
  state: ServiceState;
  /** 0 when it is stopped. */
  pid: number;
  /** The Win32 error that the service ended with last. 1066 means that `ownExitCode` holds a code of our own. */
  exitCode: number;
  ownExitCode: number;
  commandLine: string;
  account: string;
  startup: "Auto" | "Manual" | "Disabled";
}

/** How often a service that changes its state is queried. */
const LOOK_MS = 100;

/** A client of the service control manager. Every method throws ServiceError, which names the call that failed. */
export class ServiceManager {
  readonly #api: ServiceApi;
  readonly #clock: Clock;

  constructor({ api, clock }: { api: ServiceApi; clock: Clock }) {
    this.#api = api;
    this.#clock = clock;
  }

  /**
   * Creates the service, or changes an existing one to the definition. Returns a warning for each setting that this Windows does not know. When
   * another setting of a new service fails, removes the service again. Sets the access list (`SERVICE_ACCESS`) first, so that the service can never
   * be started under Windows' default list.
   */
  install(definition: ServiceDefinition): { created: boolean; warnings: string[] } {
    const created = this.#create(definition);
    const access = c.SERVICE_CHANGE_CONFIG | c.SERVICE_START | c.DELETE | c.WRITE_DAC; // Who sets a restart as failure action needs SERVICE_START.
    return this.#withService(definition.name, access, (service) => {
      try {
        if (!created) {
          this.#protect(service, definition.name);
          this.#change(service, definition.name, definition.commandLine, definition.displayName);
        }
        return { created, warnings: this.#applySettings(service, definition) };
      } catch (error) {
        if (created) this.#api.DeleteService(service);
        throw error;
      }
    });
  }

  /** Undefined when it is not installed. */
  status(name: string): ServiceStatus | undefined {
    try {
      return this.#withService(name, c.SERVICE_QUERY_STATUS | c.SERVICE_QUERY_CONFIG, (service) => ({
        name,
        ...this.#queryStatus(service, name),
        ...this.#queryConfig(service, name),
      }));
    } catch (error) {
      if (error instanceof ServiceError && error.code === c.ERROR_SERVICE_DOES_NOT_EXIST) return undefined;
      throw error;
    }
  }

  /** Returns when the system has started the process; the service is `StartPending` then. */
  start(name: string): void {
    this.#withService(name, c.SERVICE_START, (service) => {
      if (this.#api.StartServiceW(service, 0, null) === 0) throw this.#failed("StartServiceW", name);
    });
  }

  /** Returns when the service has received the control; it is `StopPending` then. */
  stop(name: string, { keepWorkloads }: { keepWorkloads: boolean }): void {
    if (keepWorkloads) this.#send(name, STOP_KEEPING, c.SERVICE_USER_DEFINED_CONTROL);
    else this.#send(name, c.SERVICE_CONTROL_STOP, c.SERVICE_STOP);
  }

  pause(name: string): void {
    this.#send(name, c.SERVICE_CONTROL_PAUSE, c.SERVICE_PAUSE_CONTINUE);
  }

  continue(name: string): void {
    this.#send(name, c.SERVICE_CONTROL_CONTINUE, c.SERVICE_PAUSE_CONTINUE);
  }

  /** Removes a stopped service. */
  remove(name: string): void {
    this.#withService(name, c.DELETE, (service) => {
      if (this.#api.DeleteService(service) === 0) throw this.#failed("DeleteService", name);
    });
  }

  /**
   * Resolves with the status as soon as its state is not pending, or when the time is up, whatever the state is then. Resolves with undefined when
   * the service is gone.
   */
  async untilNotPending(name: string, timeoutMs: number, signal?: AbortSignal): Promise<ServiceStatus | undefined> {
    const end = this.#clock.now() + timeoutMs;
    for (;;) {
      const status = this.status(name);
      if (!status?.state.endsWith("Pending") || this.#clock.now() >= end) return status;
      await sleep(this.#clock, LOOK_MS, signal);
    }
  }

  #create({ name, displayName, commandLine }: ServiceDefinition): boolean {
    return this.#withManager(c.SC_MANAGER_CONNECT | c.SC_MANAGER_CREATE_SERVICE, (manager) => {
      const {
        SERVICE_CHANGE_CONFIG,
        DELETE,
        WRITE_DAC,
        SERVICE_WIN32_OWN_PROCESS,
        SERVICE_AUTO_START,
        SERVICE_ERROR_NORMAL,
      } = c;
      const service = this.#api.CreateServiceW(
        manager,
        name,
        displayName,
        SERVICE_CHANGE_CONFIG | DELETE | WRITE_DAC,
        SERVICE_WIN32_OWN_PROCESS,
        SERVICE_AUTO_START,
        SERVICE_ERROR_NORMAL,
        commandLine,
        null,
        null,
        null,
        null, // The account: LocalSystem, which may start processes as other accounts.
        null,
      );
      if (service === 0) {
        if (this.#api.GetLastError() !== c.ERROR_SERVICE_EXISTS) throw this.#failed("CreateServiceW", name);
        return false;
      }
      try {
        this.#protect(service, name);
        return true;
      } catch (error) {
        this.#api.DeleteService(service);
        throw error;
      } finally {
        this.#api.CloseServiceHandle(service);
      }
    });
  }

  #protect(service: ServiceHandle, name: string): void {
    withDescriptor(this.#api, SERVICE_ACCESS, (descriptor) => {
      if (this.#api.SetServiceObjectSecurity(service, c.DACL_SECURITY_INFORMATION, descriptor) !== 0) return;
      throw this.#failed("SetServiceObjectSecurity", name);
    });
  }

  #change(service: ServiceHandle, name: string, commandLine: string, displayName: string): void {
    const { SERVICE_NO_CHANGE: same, SERVICE_AUTO_START } = c;
    const done = this.#api.ChangeServiceConfigW(
      service,
      same,
      SERVICE_AUTO_START,
      same,
      commandLine,
      null,
      null,
      null,
      null,
      null,
      displayName,
    );
    if (done === 0) throw this.#failed("ChangeServiceConfigW", name);
  }

  #applySettings(service: ServiceHandle, definition: ServiceDefinition): string[] {
    const warnings: string[] = [];
    for (const { what, level, info } of settingsOf(definition, this.#api)) {
      if (this.#api.ChangeServiceConfig2W(service, level, info) !== 0) continue;
      const error = this.#failed("ChangeServiceConfig2W", `${what} of ${definition.name}`);
      if (error.code !== c.ERROR_INVALID_LEVEL) throw error;
      warnings.push(error.message);
    }
    return warnings;
  }

  #queryStatus(
    service: ServiceHandle,
    name: string,
  ): Pick<ServiceStatus, "state" | "pid" | "exitCode" | "ownExitCode"> {
    const struct = serviceStructs.SERVICE_STATUS_PROCESS;
    const out = Buffer.alloc(struct.size);
    const needed = Buffer.alloc(4);
    if (this.#api.QueryServiceStatusEx(service, c.SC_STATUS_PROCESS_INFO, out, out.length, needed) === 0) {
      throw this.#failed("QueryServiceStatusEx", name);
    }
    return {
      state: stateOf(read(struct, out, "dwCurrentState")),
      pid: read(struct, out, "dwProcessId"),
      exitCode: read(struct, out, "dwWin32ExitCode"),
      ownExitCode: read(struct, out, "dwServiceSpecificExitCode"),
    };
  }

  #queryConfig(service: ServiceHandle, name: string): Pick<ServiceStatus, "commandLine" | "account" | "startup"> {
    const struct = serviceStructs.QUERY_SERVICE_CONFIGW;
    const out = Buffer.alloc(8 * 1024); // Windows never needs more.
    if (this.#api.QueryServiceConfigW(service, out, out.length, Buffer.alloc(4)) === 0) {
      throw this.#failed("QueryServiceConfigW", name);
    }
    const start = read(struct, out, "dwStartType");
    return {
      commandLine: this.#api.textAt(read(struct, out, "lpBinaryPathName")),
      account: this.#api.textAt(read(struct, out, "lpServiceStartName")),
      startup: start === c.SERVICE_AUTO_START ? "Auto" : start === c.SERVICE_DISABLED ? "Disabled" : "Manual",
    };
  }

  #send(name: string, control: number, access: number): void {
    this.#withService(name, access, (service) => {
      const status = Buffer.alloc(serviceStructs.SERVICE_STATUS.size);
      if (this.#api.ControlService(service, control, status) === 0) throw this.#failed("ControlService", name);
    });
  }

  #withService<T>(name: string, access: number, use: (service: ServiceHandle) => T): T {
    return this.#withManager(c.SC_MANAGER_CONNECT, (manager) => {
      const service = this.#api.OpenServiceW(manager, name, access);
      if (service === 0) throw this.#failed("OpenServiceW", name);
      try {
        return use(service);
      } finally {
        this.#api.CloseServiceHandle(service);
      }
    });
  }

  #withManager<T>(access: number, use: (manager: ServiceHandle) => T): T {
    const manager = this.#api.OpenSCManagerW(null, null, access);
    if (manager === 0) throw this.#failed("OpenSCManagerW", "the service control manager");
    try {
      return use(manager);
    } finally {
      this.#api.CloseServiceHandle(manager);
    }
  }

  #failed(call: string, subject: string): ServiceError {
    return new ServiceError(call, subject, this.#api.GetLastError());
  }
}
