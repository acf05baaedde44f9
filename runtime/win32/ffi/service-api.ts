import koffi from "koffi";
import { servicePrototypes } from "./service-prototypes.ts";

/** An SC_HANDLE, SERVICE_STATUS_HANDLE, HKEY or event log handle; 0 means failure. */
export type ServiceHandle = number;
type Bool = number;

/**
 * Windows' own words and nothing else, as `Winapi`: what the service, its installation, the event log and protected folders need.
 * Everything above calls through this interface, so that a fake can stand in for it.
 */
export interface ServiceApi {
  /** Not of Windows: present when this is Wine, whose access lists are modes of Unix. */
  readonly isWine?: boolean;
  GetLastError(): number;
  CloseHandle(handle: ServiceHandle): Bool;
  LocalFree(memory: bigint): bigint | null;
  SetDefaultDllDirectories(directories: number): Bool;
  CreateDirectoryW(path: string, attributes: Buffer | null): Bool;
  CreateFileW(
    path: string,
    access: number,
    share: number,
    attributes: null,
    disposition: number,
    flags: number,
    template: number,
  ): ServiceHandle;

  OpenSCManagerW(machine: null, database: null, access: number): ServiceHandle;
  CreateServiceW(
    manager: ServiceHandle,
    name: string,
    displayName: string,
    access: number,
    type: number,
    startType: number,
    errorControl: number,
    image: string,
    group: null,
    tag: null,
    dependencies: null,
    account: string | null,
    password: string | null,
  ): ServiceHandle;
  OpenServiceW(manager: ServiceHandle, name: string, access: number): ServiceHandle;
  CloseServiceHandle(handle: ServiceHandle): Bool;
  DeleteService(service: ServiceHandle): Bool;
  StartServiceW(service: ServiceHandle, count: number, args: null): Bool;
  ControlService(service: ServiceHandle, control: number, status: Buffer): Bool;
  QueryServiceStatusEx(service: ServiceHandle, level: number, out: Buffer, length: number, needed: Buffer): Bool;
  QueryServiceConfigW(service: ServiceHandle, out: Buffer | null, length: number, needed: Buffer): Bool;
  ChangeServiceConfigW(
    service: ServiceHandle,
    type: number,
    startType: number,
    errorControl: number,
    image: string | null,
    group: null,
    tag: null,
    dependencies: null,
    account: string | null,
    password: string | null,
    displayName: string | null,
  ): Bool;
  SetServiceObjectSecurity(service: ServiceHandle, information: number, descriptor: bigint): Bool;
  ChangeServiceConfig2W(service: ServiceHandle, level: number, info: Buffer): Bool;

  GetModuleHandleW(name: string): ServiceHandle;
  GetProcAddress(library: ServiceHandle, name: string): bigint | null;
  CreateThread(
    attributes: null,
    stack: number,
    start: bigint,
    parameter: bigint,
    flags: number,
    id: null,
  ): ServiceHandle;
  GetExitCodeThread(thread: ServiceHandle, out: Buffer): Bool;
  RegisterServiceCtrlHandlerExW(name: string, handler: bigint, context: number): ServiceHandle;
  SetServiceStatus(handle: ServiceHandle, status: Buffer): Bool;

  RegisterEventSourceW(machine: null, source: string): ServiceHandle;
  ReportEventW(
    log: ServiceHandle,
    type: number,
    category: number,
    id: number,
    user: null,
    count: number,
    dataLength: number,
    strings: Buffer,
    data: null,
  ): Bool;
  DeregisterEventSource(log: ServiceHandle): Bool;

  /** The functions of the registry answer with the error's code; 0 is success. */
  RegCreateKeyExW(
    key: ServiceHandle,
    path: string,
    reserved: 0,
    keyClass: null,
    options: number,
    access: number,
    attributes: null,
    out: Buffer,
    disposition: null,
  ): number;
  RegSetValueExW(key: ServiceHandle, name: string, reserved: 0, type: number, data: Buffer, length: number): number;
  RegGetValueW(
    key: ServiceHandle,
    path: string,
    name: string,
    flags: number,
    type: null,
    out: Buffer | null,
    size: Buffer | null,
  ): number;
  RegDeleteKeyW(key: ServiceHandle, path: string): number;
  RegCloseKey(key: ServiceHandle): number;

  OpenProcessToken(process: ServiceHandle, access: number, out: Buffer): Bool;
  GetTokenInformation(token: ServiceHandle, infoClass: number, out: Buffer, length: number, returned: Buffer): Bool;
  ConvertSidToStringSidW(sid: bigint, out: Buffer): Bool;
  ConvertStringSecurityDescriptorToSecurityDescriptorW(
    sddl: string,
    revision: number,
    out: Buffer,
    size: Buffer | null,
  ): Bool;
  GetKernelObjectSecurity(
    object: ServiceHandle,
    information: number,
    out: Buffer | null,
    length: number,
    needed: Buffer,
  ): Bool;

  /** Not of Windows: the address of a Buffer, for structures that point to others. Keep the Buffer alive as long. */
  addressOf(buffer: Buffer): bigint;
  /** Not of Windows: the text that ends in NUL at an address in memory that is not ours. */
  textAt(address: bigint): string;
  /** Not of Windows: function pointers that bring Windows' threads to this one; they block until the listener has returned. */
  serviceMain(listener: (name: string) => void): bigint;
  controlListener(listener: (control: number, eventType: number) => number): bigint;
}

let loaded: ServiceApi | undefined;

/** Libraries are loaded by their full path in the system directory (S04). One per thread. */
export function loadServiceApi(): ServiceApi {
  if (loaded) return loaded;
  const folder = systemDirectory();
  const main = koffi.pointer(koffi.proto("void __stdcall wctl_ServiceMain(uint32_t count, void *arguments)"));
  const control = koffi.pointer(
    koffi.proto(
      "uint32_t __stdcall wctl_HandlerEx(uint32_t control, uint32_t eventType, void *eventData, void *context)",
    ),
  );
  const api: Record<string, unknown> = {
    addressOf: (buffer: Buffer) => koffi.address(buffer),
    textAt: (address: bigint) => koffi.decode(address, "char16_t", -1),
    serviceMain: (listener: (name: string) => void) =>
      koffi.register((_count: number, names: unknown) => listener(koffi.decode(names, "str16")), main),
    controlListener: (listener: (control: number, eventType: number) => number) => koffi.register(listener, control),
  };
  api.isWine = isWine();
  for (const [library, functions] of Object.entries(servicePrototypes)) {
    const dll = koffi.load(`${folder}\\${library}`);
    for (const [name, prototype] of Object.entries(functions)) api[name] = dll.func(prototype);
  }
  loaded = api as unknown as ServiceApi;
  return loaded;
}

/** Only Wine's ntdll.dll has such a function. */
function isWine(): boolean {
  try {
    koffi.load("ntdll.dll").func("const char *wine_get_version()");
    return true;
  } catch {
    return false;
  }
}

function systemDirectory(): string {
  const kernel32 = koffi.load("kernel32.dll"); // Always in memory already.
  const path = Buffer.alloc(1024);
  const length: number = kernel32.func("uint32_t GetSystemDirectoryW(void *out, uint32_t length)")(path, 512);
  return path.toString("utf16le", 0, length * 2);
}
