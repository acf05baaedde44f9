import { constants } from "./ffi/constants.ts";
import { encode, read } from "./ffi/struct-codec.ts";
import { structs } from "./ffi/structs.ts";
import type { Handle, Winapi } from "./ffi/winapi.ts";
import type { Job } from "./job.ts";
import { extended } from "./path-rules.ts";
import { HeldProcess } from "./process.ts";
import { Win32Error } from "./win32-error.ts";

export interface ProcessRequest {
  /** Absolute path of the image. */
  image: string;
  commandLine: string;
  /** As of `environmentBlock`. */
  environment: Buffer;
  workingDir: string;
  stdin: Handle;
  stdout: Handle;
  stderr: Handle;
  /** Inheritable handles the child gets beside those three. */
  more: readonly Handle[];
  /** Outer first: the child is in all of them from its first instruction. */
  jobs: readonly Job[];
  /** Beside what every process gets. */
  flags: number;
}

const FLAGS =
  constants.CREATE_NO_WINDOW | constants.CREATE_UNICODE_ENVIRONMENT | constants.EXTENDED_STARTUPINFO_PRESENT;
const POINTER = 8;

/**
 * Starts a process inside its jobs, with exactly the handles that are named (S06), always by `lpApplicationName` (S03). Where the
 * system has no PROC_THREAD_ATTRIBUTE_JOB_LIST it is born suspended, put into its jobs and released. Throws `Win32Error`.
 */
export function createProcess(api: Winapi, request: ProcessRequest): HeldProcess {
  const { process, thread, pid } = bear(api, request);
  api.CloseHandle(thread);
  return new HeldProcess(api, process, pid);
}

const MOST_BIRTHS = 3;

/**
 * Wine answers ERROR_INTERNAL_ERROR when the new process ended before it had loaded its image, which happens on a busy machine: not one of its
 * instructions has run, so bearing it again starts nothing twice. Every other error is final.
 */
function bear(api: Winapi, request: ProcessRequest): Born {
  for (let birth = 1; ; birth++) {
    try {
      return isJobListKnown ? withJobList(api, request) : suspendedFirst(api, request);
    } catch (error) {
      const { call, code } = error as Win32Error;
      const stillborn = call === "CreateProcessW" && code === constants.ERROR_INTERNAL_ERROR;
      if (!stillborn || birth >= MOST_BIRTHS) throw error;
    }
  }
}

interface Born {
  process: Handle;
  thread: Handle;
  pid: number;
}

let isJobListKnown = true;

function withJobList(api: Winapi, request: ProcessRequest): Born {
  const jobs = request.jobs.map(({ handle }) => handle);
  try {
    return create(api, request, jobs, 0);
  } catch (error) {
    const { call, code } = error as Win32Error;
    if (call !== "UpdateProcThreadAttribute" || code !== constants.ERROR_NOT_SUPPORTED) throw error;
    isJobListKnown = false;
    return suspendedFirst(api, request);
  }
}

function suspendedFirst(api: Winapi, request: ProcessRequest): Born {
  const born = create(api, request, [], constants.CREATE_SUSPENDED);
  try {
    for (const job of request.jobs) job.assign(born.process);
    if (api.ResumeThread(born.thread) === 0xffffffff) throw new Win32Error("ResumeThread", api.GetLastError());
    return born;
  } catch (error) {
    api.TerminateProcess(born.process, 1);
    api.CloseHandle(born.thread);
    api.CloseHandle(born.process);
    throw error;
  }
}

function create(api: Winapi, request: ProcessRequest, jobs: readonly Handle[], flags: number): Born {
  const { stdin, stdout, stderr } = request;
  const handles = [...new Set([stdin, stdout, stderr, ...request.more])];
  const attributes = new AttributeList(api, jobs.length > 0 ? 2 : 1);
  try {
    attributes.set(constants.PROC_THREAD_ATTRIBUTE_HANDLE_LIST, handles);
    if (jobs.length > 0) attributes.set(constants.PROC_THREAD_ATTRIBUTE_JOB_LIST, jobs);
    const startup = encode(structs.STARTUPINFOEXW, {
      cb: structs.STARTUPINFOEXW.size,
      dwFlags: constants.STARTF_USESTDHANDLES,
      hStdInput: BigInt(stdin),
      hStdOutput: BigInt(stdout),
      hStdError: BigInt(stderr),
      lpAttributeList: attributes.address,
    });
    const line = Buffer.from(`${request.commandLine}\0`, "utf16le"); // CreateProcessW may write to it.
    const info = Buffer.alloc(structs.PROCESS_INFORMATION.size);
    const done = api.CreateProcessW(
      extended(request.image),
      line,
      null,
      null,
      1,
      FLAGS | request.flags | flags,
      request.environment,
      request.workingDir,
      startup,
      info,
    );
    if (!done) throw new Win32Error("CreateProcessW", api.GetLastError(), { image: request.image });
    return {
      process: Number(read(structs.PROCESS_INFORMATION, info, "hProcess")),
      thread: Number(read(structs.PROCESS_INFORMATION, info, "hThread")),
      pid: read(structs.PROCESS_INFORMATION, info, "dwProcessId"),
    };
  } finally {
    attributes.close();
  }
}

/** PROC_THREAD_ATTRIBUTE_LIST: lists of handles. The values must live as long as the list. */
class AttributeList {
  readonly #api: Winapi;
  readonly #list: Buffer;
  readonly #values: Buffer[] = [];

  constructor(api: Winapi, count: number) {
    this.#api = api;
    const size = Buffer.alloc(POINTER);
    api.InitializeProcThreadAttributeList(null, count, 0, size); // Fails, and tells how much it wants.
    this.#list = Buffer.alloc(Number(size.readBigUInt64LE(0)));
    if (!api.InitializeProcThreadAttributeList(this.#list, count, 0, size)) {
      throw new Win32Error("InitializeProcThreadAttributeList", api.GetLastError());
    }
  }

  get address(): bigint {
    return this.#api.addressOf(this.#list);
  }

  set(attribute: number, handles: readonly Handle[]): void {
    const value = Buffer.alloc(handles.length * POINTER);
    for (const [index, handle] of handles.entries()) value.writeBigInt64LE(BigInt(handle), index * POINTER);
    this.#values.push(value);
    if (!this.#api.UpdateProcThreadAttribute(this.#list, 0, attribute, value, value.length, null, null)) {
      throw new Win32Error("UpdateProcThreadAttribute", this.#api.GetLastError(), { attribute });
    }
  }

  close(): void {
    this.#api.DeleteProcThreadAttributeList(this.#list);
  }
}
