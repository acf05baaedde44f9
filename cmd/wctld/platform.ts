/** What differs by platform, chosen here and nowhere else; each body is loaded only where it is used. */
import type { LocalDoor } from "../../apiserver/door/local-door.ts";
import { type KeyProtection, noProtection } from "../../apiserver/encryption/key-protection.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import { readOrCreateDataId } from "../../runtime/data-id.ts";
import type { OutgoingPorts } from "../../runtime/ports/outgoing-ports.ts";
import type { Runtime, StopSignal } from "../../runtime/runtime.ts";
import { type DaemonOptions, UsageError } from "./config/options.ts";
import { prepareDataDir } from "./data-dir/data-dir.ts";
import { linuxMachine, windowsMachine } from "./data-dir/machine.ts";
import { OriginFile } from "./data-dir/origin.ts";
import type { DaemonHost } from "./lifecycle/daemon-host.ts";
import type { MachineIdentity } from "./node/machine-identity.ts";
import type { WindowsServices } from "./service/windows-services.ts";
import type { SystemdServices } from "./systemd/systemd-services.ts";

export const defaultStopSignal = (runtime: Runtime): StopSignal => (runtime.name === "win32" ? "CtrlC" : "SIGTERM");

/** The data directory, made or looked at by the rules of this platform. Resolves with the path to use; rejects with UsageError. */
export async function openDataDir(named: string): Promise<string> {
  if (process.getuid !== undefined) return prepareDataDir(named);
  const { prepareWindowsDataDir } = await import("./data-dir/windows-data-dir.ts");
  prepareWindowsDataDir(named);
  return named;
}

/** What says that a data directory is the original: which one on which machine. */
export async function originOf(dataDir: string): Promise<OriginFile> {
  if (process.platform !== "win32") return new OriginFile(dataDir, linuxMachine());
  const { loadServiceApi } = await import("../../runtime/win32/ffi/service-api.ts");
  const { isWindowsContainer, machineGuid } = await import("../../runtime/win32/service/machine-guid.ts");
  const api = loadServiceApi();
  return new OriginFile(dataDir, windowsMachine(machineGuid(api), isWindowsContainer(api)));
}

/** Of the Node object. */
export async function machineIdentity(): Promise<MachineIdentity> {
  const { linuxIdentity, windowsIdentity } = await import("./node/machine-identity.ts");
  if (process.platform !== "win32") return linuxIdentity();
  const { loadServiceApi } = await import("../../runtime/win32/ffi/service-api.ts");
  const { machineGuid } = await import("../../runtime/win32/service/machine-guid.ts");
  const { bootNumber } = await import("../../runtime/win32/service/boot-number.ts");
  const api = loadServiceApi();
  return windowsIdentity(machineGuid(api), bootNumber(api));
}

/** What the system does for the keys of the Secrets. */
export async function keyProtection(): Promise<KeyProtection> {
  if (process.platform !== "win32") return noProtection;
  const { loadDataProtectionApi } = await import("../../runtime/win32/ffi/data-protection-api.ts");
  const { MachineProtection } = await import("../../runtime/win32/service/machine-protection.ts");
  return new MachineProtection(loadDataProtectionApi());
}

/** Where programs of this machine come in without TLS; undefined where there is no such door. Call it when the data directory is locked. */
export async function localDoor(dataDir: string, logger: Logger): Promise<LocalDoor | undefined> {
  if (process.platform === "linux") {
    return (await import("../../runtime/posix/door/unix-door.ts")).UnixDoor.in(dataDir, logger);
  }
  if (process.platform !== "win32") return undefined;
  const { PipeDoor } = await import("../../runtime/win32/door/pipe-door.ts");
  const { loadWinapi } = await import("../../runtime/win32/ffi/winapi.ts");
  return PipeDoor.of(loadWinapi(), readOrCreateDataId(dataDir), logger);
}

/** Who waits to be told that the daemon is ready: systemd, which has started it. Windows' services come in by a door of their own (`service/run-service.ts`). */
export async function waitingHost(clock: Clock): Promise<DaemonHost | undefined> {
  if (process.platform !== "linux" || !process.env.NOTIFY_SOCKET) return undefined;
  const { NotifyHost } = await import("./systemd/notify-host.ts");
  return NotifyHost.from(process.env, clock);
}

/** What `wctl service` needs of this system. Throws UsageError where nothing runs services. */
export async function openServices(): Promise<WindowsServices | SystemdServices> {
  if (process.platform === "win32") return (await import("./service/windows-services.ts")).WindowsServices.open();
  return (await import("./systemd/systemd-services.ts")).SystemdServices.open();
}

/** Who holds a port, as far as the platform tells. Loaded when it is asked. */
export const portHolderOf = (runtime: Runtime) => async (port: number) => {
  if (runtime.name !== "win32") return (await import("../../runtime/posix/ports/port-holder.ts")).portHolder(port);
  const { portHolder } = await import("../../runtime/win32/ports/port-holder.ts");
  const { loadWinapi } = await import("../../runtime/win32/ffi/winapi.ts");
  return portHolder(loadWinapi(), port);
};

/** What the system gives to outgoing connections; undefined where it does not tell. */
export async function outgoingPorts(): Promise<OutgoingPorts | undefined> {
  if (process.platform !== "win32")
    return (await import("../../runtime/posix/ports/outgoing-ports.ts")).outgoingPorts();
  return (await import("../../runtime/win32/ports/outgoing-ports.ts")).outgoingPorts;
}

/** The body of `--runtime`; `auto` is the one of this platform. */
export async function openRuntime(options: DaemonOptions, clock: Clock, logger: Logger): Promise<Runtime> {
  const name = options.runtime === "auto" ? (process.platform === "win32" ? "win32" : "posix") : options.runtime;
  const { dataDir } = options;
  switch (name) {
    case "posix": {
      const { PosixRuntime } = await import("../../runtime/posix/posix-runtime.ts");
      return PosixRuntime.open({ dataDir, clock, logger });
    }
    case "memory": {
      const { MemoryRuntime } = await import("../../runtime/memory/memory-runtime.ts");
      return new MemoryRuntime({ clock });
    }
    case "win32": {
      if (process.platform !== "win32") throw new UsageError("--runtime: win32 needs Windows");
      const { Win32Runtime } = await import("../../runtime/win32/win32-runtime.ts");
      return Win32Runtime.open({ dataDir, clock, logger });
    }
  }
}
