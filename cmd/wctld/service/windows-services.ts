import process from "node:process";
import { isSea } from "node:sea";
import { type Clock, sleep, systemClock } from "../../../lib/clock.ts";
import { wctlVersion } from "../../../lib/version.ts";
import type { Waiting } from "../../../lib/waiting.ts";
import { forgetProcessAccounts, grantServiceLogon } from "../../../runtime/win32/accounts/grant-logon.ts";
import { loadServiceApi, type ServiceApi } from "../../../runtime/win32/ffi/service-api.ts";
import { loadWinapi } from "../../../runtime/win32/ffi/winapi.ts";
import { removeTree } from "../../../runtime/win32/files/remove-tree.ts";
import { registerEventSource, removeEventSource } from "../../../runtime/win32/service/event-log.ts";
import { explain, ServiceError } from "../../../runtime/win32/service/service-error.ts";
import { ServiceManager, type ServiceStatus } from "../../../runtime/win32/service/service-manager.ts";
import { removeUnpackedAddons } from "../../../runtime/win32/service/unpacked-addons.ts";
import { Win32Error } from "../../../runtime/win32/win32-error.ts";
import { parseOptions, UsageError } from "../config/options.ts";
import { defaultDataDir } from "../data-dir/default-data-dir.ts";
import { prepareWindowsDataDir } from "../data-dir/windows-data-dir.ts";
import { daemonNotes } from "../lifecycle/daemon-notes.ts";
import { warningsAboutInputs, warningsAboutProgram } from "./check-inputs.ts";
import { daemonFlagsOf, dataDirOf, programOf, serviceDefinition } from "./service-installation.ts";
import { replaceProgram } from "./upgrade.ts";

const LOOK_MS = 100;
const OWN_EXIT_CODE = 1066;
const NOT_INSTALLED = 1060;
const ERROR_ACCESS_DENIED = 5;
const ERROR_NONE_MAPPED = 1332;
const PROCESS_ABORTED = 1067;
const NEVER_STARTED = 1077;

/** What `wctl service` does: the service with all that belongs to it (event source, data directory, program). */
export class WindowsServices {
  readonly #api: ServiceApi;
  readonly #clock: Clock;
  readonly #manager: ServiceManager;

  static open(): WindowsServices {
    return new WindowsServices({ api: loadServiceApi(), clock: systemClock });
  }

  constructor({ api, clock }: { api: ServiceApi; clock: Clock }) {
    this.#api = api;
    this.#clock = clock;
    this.#manager = new ServiceManager({ api, clock });
  }

  async install({ name, daemonFlags }: { name: string; daemonFlags: readonly string[] }): Promise<{
    created: boolean;
    dataDir: string;
    warnings: string[];
  }> {
    const kept = daemonFlagsOf(this.#manager.status(name)?.commandLine ?? "");
    // Of a repeated flag the last counts. A wrong flag is an error now, not when the service starts.
    const options = parseOptions([...kept, ...daemonFlags], defaultDataDir());
    prepareWindowsDataDir(options.dataDir, this.#api);
    const inputs = warningsAboutInputs(this.#api, options, parseOptions(daemonFlags, defaultDataDir()));
    registerEventSource(this.#api, name);
    const { created, warnings } = this.#manager.install(serviceDefinition(name, options));
    const program = warningsAboutProgram(this.#api, process.execPath);
    return { created, dataDir: options.dataDir, warnings: [...warnings, ...inputs, ...program] };
  }

  async uninstall(name: string, options: Waiting & { purge: boolean }): Promise<{ dataDir: string | undefined }> {
    const { commandLine } = this.#installed(name);
    await this.stop(name, { ...options, keepWorkloads: false });
    this.#manager.remove(name);
    removeEventSource(this.#api, name);
    const dataDir = dataDirOf(commandLine);
    if (options.purge && dataDir !== undefined) await removeTree(loadWinapi(), dataDir, this.#clock);
    if (options.purge) forgetProcessAccounts(loadWinapi());
    if (options.purge) await removeUnpackedAddons(loadWinapi(), this.#clock);
    return { dataDir };
  }

  async start(name: string, { timeoutMs, signal }: Waiting): Promise<boolean> {
    if (this.#installed(name).state === "Running") return false;
    this.#manager.start(name);
    const status = await this.#manager.untilNotPending(name, timeoutMs, signal);
    if (status?.state === "Running") return true;
    const why = status && (problemOf(status) ?? `it is ${status.state}`);
    throw new Error(`service/${name} did not start: ${why ?? "it is not installed any more"}`);
  }

  async stop(name: string, options: Waiting & { keepWorkloads: boolean }): Promise<boolean> {
    const { pid, state } = this.#installed(name);
    if (state === "Stopped") return false;
    this.#manager.stop(name, options);
    await this.#untilGone(name, pid, options);
    return true;
  }

  async pause(name: string, waiting: Waiting): Promise<void> {
    this.#manager.pause(name);
    await this.#until(name, "Paused", waiting);
  }

  async continue(name: string, waiting: Waiting): Promise<void> {
    this.#manager.continue(name);
    await this.#until(name, "Running", waiting);
  }

  async upgrade(name: string, options: Waiting & { allowDowngrade: boolean }): Promise<{ from: string; to: string }> {
    const { commandLine, state } = this.#installed(name);
    const wasRunning = state !== "Stopped";
    if (!isSea()) throw new UsageError("only wctl.exe can take the place of another wctl.exe");
    return replaceProgram({
      program: process.execPath,
      version: wctlVersion,
      installed: programOf(commandLine),
      allowDowngrade: options.allowDowngrade,
      stop: async () => void (await this.stop(name, { ...options, keepWorkloads: true })),
      start: async () => void (wasRunning && (await this.start(name, options))),
    });
  }

  async grantLogon(account: string): Promise<string> {
    try {
      return await grantServiceLogon(loadWinapi(), account);
    } catch (error) {
      if (error instanceof Win32Error) throw new Error(whyNotGranted(account, error), { cause: error });
      throw error;
    }
  }

  async status(name: string): Promise<(ServiceStatus & { problem: string | undefined }) | undefined> {
    const status = this.#manager.status(name);
    return status && { ...truthOf(status), problem: problemOf(truthOf(status)) };
  }

  #installed(name: string): ServiceStatus {
    const status = this.#manager.status(name);
    if (status === undefined) throw new ServiceError("OpenServiceW", name, NOT_INSTALLED);
    return truthOf(status);
  }

  async #until(name: string, state: string, { timeoutMs, signal }: Waiting): Promise<void> {
    const end = this.#clock.now() + timeoutMs;
    while (this.#installed(name).state !== state) {
      if (this.#clock.now() >= end)
        throw new Error(`service/${name} is not ${state} yet: ${this.#installed(name).state}`);
      await sleep(this.#clock, LOOK_MS, signal);
    }
  }

  /** The process outlives the state `Stopped` by a moment, and holds its files that long. */
  async #untilGone(name: string, pid: number, { timeoutMs, signal }: Waiting): Promise<void> {
    const end = this.#clock.now() + timeoutMs;
    while (this.#installed(name).state !== "Stopped" || isRunning(pid)) {
      if (this.#clock.now() >= end)
        throw new Error(`service/${name} is still stopping: ${this.#installed(name).state}`);
      await sleep(this.#clock, LOOK_MS, signal);
    }
  }
}

function whyNotGranted(account: string, { code, message }: Win32Error): string {
  if (code === ERROR_NONE_MAPPED) return `account "${account}" does not exist on this machine or in its domain`;
  return code === ERROR_ACCESS_DENIED ? `account "${account}": ${explain(code)}` : message;
}

/** The system's view may lag behind a process that was killed. */
function truthOf(status: ServiceStatus): ServiceStatus {
  if (status.state === "Stopped" || status.pid === 0 || isRunning(status.pid)) return status;
  return { ...status, state: "Stopped", pid: 0, exitCode: PROCESS_ABORTED };
}

/** How it ended, when that was not in good order; while it runs, why its API does not answer. */
function problemOf({ state, exitCode, ownExitCode, commandLine }: ServiceStatus): string | undefined {
  const dataDir = dataDirOf(commandLine);
  const noted = dataDir === undefined ? undefined : daemonNotes.read(dataDir);
  if (state === "Running" || state === "Paused") return noted?.state === "ApiShut" ? noted.message : undefined;
  if (state !== "Stopped" || exitCode === 0 || exitCode === NEVER_STARTED) return undefined;
  if (exitCode !== OWN_EXIT_CODE) return explain(exitCode);
  if (noted?.state === "NotStarted") return [noted.message, ...noted.ways].join(". ");
  return `it ended with exit code ${ownExitCode}; see the event log`;
}

function isRunning(pid: number): boolean {
  try {
    return pid !== 0 && process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // It is there, and belongs to somebody else.
  }
}
