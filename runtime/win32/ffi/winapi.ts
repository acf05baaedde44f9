import koffi from "koffi";
import type { FileApi } from "./file-api.ts";
import { filePrototypes } from "./file-prototypes.ts";
import { prototypes } from "./prototypes.ts";
import type { TokenApi } from "./token-api.ts";
import { optionalPrototypes, tokenPrototypes } from "./token-prototypes.ts";
import type { Bool, Handle, Memory } from "./types.ts";

export type { Handle };

/**
 * Windows' own words and nothing else: see Microsoft's page of each name. Functions answer as in C. Out parameters are Buffers;
 * structures are laid out in `structs.ts`. Everything above calls Windows through this interface, so that a fake can stand in for it.
 */
export interface Winapi extends FileApi, TokenApi {
  /**
   * The error of the last call through this interface in this thread. koffi keeps the value at the end of each call and puts it back before the next,
   * so what Node does meanwhile changes nothing (`test/win32/last-error.test.ts`). Take it before you make any other call here.
   */
  GetLastError(): number;
  CloseHandle(handle: Handle): Bool;
  DuplicateHandle(
    fromProcess: Handle,
    handle: Handle,
    toProcess: Handle,
    out: Buffer,
    access: number,
    inherit: Bool,
    options: number,
  ): Bool;
  LocalFree(memory: bigint): bigint | null;
  GetOEMCP(): number;
  GetACP(): number;

  CreateJobObjectW(attributes: Memory, name: string | null): Handle;
  OpenJobObjectW(access: number, inherit: Bool, name: string): Handle;
  AssignProcessToJobObject(job: Handle, process: Handle): Bool;
  IsProcessInJob(process: Handle, job: Handle, result: Buffer): Bool;
  SetInformationJobObject(job: Handle, infoClass: number, info: Buffer, length: number): Bool;
  QueryInformationJobObject(job: Handle, infoClass: number, info: Buffer, length: number, returned: Memory): Bool;
  TerminateJobObject(job: Handle, exitCode: number): Bool;

  CreateIoCompletionPort(file: Handle, port: Handle, key: number, threads: number): Handle;
  GetQueuedCompletionStatus(port: Handle, bytes: Buffer, key: Buffer, overlapped: Buffer, milliseconds: number): Bool;
  PostQueuedCompletionStatus(port: Handle, bytes: number, key: number, overlapped: number): Bool;

  InitializeProcThreadAttributeList(list: Memory, count: number, flags: number, size: Buffer): Bool;
  UpdateProcThreadAttribute(
    list: Buffer,
    flags: number,
    attribute: number,
    value: Buffer,
    size: number,
    previous: Memory,
    returned: Memory,
  ): Bool;
  DeleteProcThreadAttributeList(list: Buffer): void;
  ResumeThread(thread: Handle): number;

  OpenProcess(access: number, inherit: Bool, pid: number): Handle;
  TerminateProcess(process: Handle, exitCode: number): Bool;
  GetExitCodeProcess(process: Handle, out: Buffer): Bool;
  GetProcessTimes(process: Handle, created: Buffer, exited: Buffer, kernel: Buffer, user: Buffer): Bool;
  WaitForSingleObject(handle: Handle, milliseconds: number): number;
  QueryFullProcessImageNameW(process: Handle, flags: number, out: Buffer, length: Buffer): Bool;
  ReadProcessMemory(process: Handle, address: bigint, out: Buffer, size: number, read: Memory): Bool;
  NtQuerySystemInformation(infoClass: number, info: Buffer, length: number, returned: Buffer): number;
  NtQueryInformationProcess(process: Handle, infoClass: number, info: Buffer, length: number, returned: Memory): number;

  CreateFileW(
    path: string,
    access: number,
    share: number,
    attributes: Memory,
    disposition: number,
    flags: number,
    template: Handle,
  ): Handle;
  CreatePipe(reader: Buffer, writer: Buffer, attributes: null, size: number): Bool;
  PeekNamedPipe(pipe: Handle, buffer: null, length: number, read: null, available: Buffer, left: null): Bool;
  SetNamedPipeHandleState(pipe: Handle, mode: Buffer, most: null, milliseconds: null): Bool;
  WriteFile(file: Handle, buffer: Uint8Array, length: number, written: Buffer, overlapped: null): Bool;
  ReadFile(file: Handle, buffer: Buffer, length: number, read: Buffer, overlapped: null): Bool;
  DeviceIoControl(
    file: Handle,
    code: number,
    input: Memory,
    inputLength: number,
    output: Memory,
    outputLength: number,
    returned: Buffer,
    overlapped: Memory,
  ): Bool;

  CreateEventW(attributes: Memory, manualReset: Bool, initialState: Bool, name: string): Handle;
  OpenEventW(access: number, inherit: Bool, name: string): Handle;
  SetEvent(event: Handle): Bool;
  FreeConsole(): Bool;
  AttachConsole(pid: number): Bool;
  SetConsoleCtrlHandler(handler: null, add: Bool): Bool;
  GenerateConsoleCtrlEvent(event: number, group: number): Bool;
  FindWindowExW(parent: Handle, after: Handle, className: string | null, title: string | null): Handle;
  GetWindowThreadProcessId(window: Handle, pid: Buffer): number;
  PostMessageW(window: Handle, message: number, wParam: number, lParam: number): Bool;

  GetExtendedTcpTable(
    table: Memory,
    size: Buffer,
    order: Bool,
    family: number,
    tableClass: number,
    reserved: number,
  ): number;

  ConvertStringSecurityDescriptorToSecurityDescriptorW(sddl: string, revision: number, out: Buffer, size: Memory): Bool;
  GetSystemDirectoryW(out: Buffer, length: number): number;

  /** Not of Windows: the address of a Buffer, for structures that point to others. Keep the Buffer alive as long. */
  addressOf(buffer: Buffer): bigint;
  /** The processors of a group of at most 64, or of all (ALL_PROCESSOR_GROUPS), whichever of them this process may run on. */
  GetActiveProcessorCount(group: number): number;
  /** The pseudo handle of this process. */
  GetCurrentProcess(): Handle;
}

let loaded: Winapi | undefined;

/** Libraries are loaded by their full path in the system directory (S04). One per thread. */
export function loadWinapi(): Winapi {
  if (loaded) return loaded;
  const kernel32 = koffi.load("kernel32.dll"); // Always in memory already.
  const path = Buffer.alloc(1024);
  const length: number = kernel32.func(prototypes["kernel32.dll"].GetSystemDirectoryW)(path, 512);
  const folder = path.toString("utf16le", 0, length * 2);
  const api: Record<string, unknown> = { addressOf: (buffer: Buffer) => koffi.address(buffer) };
  const tables = [prototypes, tokenPrototypes, filePrototypes].flatMap((table) => Object.entries(table));
  for (const [library, functions] of tables) {
    const dll = koffi.load(`${folder}\\${library}`);
    for (const [name, prototype] of Object.entries<string>(functions)) api[name] = dll.func(prototype);
  }
  for (const [library, functions] of Object.entries(optionalPrototypes)) {
    const dll = koffi.load(`${folder}\\${library}`);
    for (const [name, prototype] of Object.entries<string>(functions)) api[name] = ifThere(() => dll.func(prototype));
  }
  loaded = api as unknown as Winapi;
  return loaded;
}

function ifThere<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch {
    return undefined;
  }
}
