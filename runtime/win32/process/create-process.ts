import { constants } from "../ffi/constants.ts";
import { encode, read } from "../ffi/struct-codec.ts";
import { structs } from "../ffi/structs.ts";
import type { Handle, Winapi } from "../ffi/winapi.ts";
import { extended } from "../files/path-rules.ts";
import type { Job } from "../job/job.ts";
import { withAttributes } from "../security/security-attributes.ts";
import type { Token } from "../security/token.ts";
import { Win32Error } from "../win32-error.ts";
import { AttributeList, handleArray } from "./attribute-list.ts";
import { HeldProcess } from "./held-process.ts";
import type { Attribute } from "./mitigations.ts";

export interface ProcessRequest {
  /** The token whose rights it has: never simply the daemon's (docs/decisions/0011). */
  token: Token;
  /** Who may open it and its first thread, in SDDL (`processAccess`); absent: what the token says. */
  access?: string | undefined;
  /** Window station and desktop; absent: the daemon's. Empty: the one that Windows keeps for the logon. */
  desktop?: string | undefined;
  /** Absolute path of the image. */
  image: string;
  commandLine: string;
  /** Made by `environmentBlock`. */
  environment: Buffer;
  workingDir: string;
  stdin: Handle;
  stdout: Handle;
  stderr: Handle;
  /** Inheritable handles the child gets beside those three. */
  more: readonly Handle[];
  /** Outer first: the child is in all of them from its first instruction. */
  jobs: readonly Job[];
  /** Flags beside those that every process gets. */
  flags: number;
  attributes: readonly Attribute[];
}

const FLAGS =
  constants.CREATE_NO_WINDOW | constants.CREATE_UNICODE_ENVIRONMENT | constants.EXTENDED_STARTUPINFO_PRESENT;

/**
 * Starts a process inside its jobs, with exactly the handles that are named (S06), always by `lpApplicationName` (S03). Where the
 * system has no PROC_THREAD_ATTRIBUTE_JOB_LIST it is created suspended, put into its jobs and released. Throws `Win32Error`.
 */
export function createProcess(api: Winapi, request: ProcessRequest): HeldProcess {
  return held(api, createInJobs(api, request));
}

/** Creates a process in no job that never runs: its first thread stays suspended. Throws `Win32Error`. */
export function createSuspended(api: Winapi, request: ProcessRequest): HeldProcess {
  return held(api, create(api, request, [], constants.CREATE_SUSPENDED));
}

function held(api: Winapi, { process, thread, pid }: Created): HeldProcess {
  api.CloseHandle(thread);
  try {
    return new HeldProcess(api, process, pid);
  } catch (error) {
    api.TerminateProcess(process, 1); // Nobody would know it.
    api.CloseHandle(process);
    throw error;
  }
}

const MOST_ATTEMPTS = 3;

/**
 * Wine answers ERROR_INTERNAL_ERROR when the new process ended before it had loaded its image, which happens on a busy machine: not one of its
 * instructions has run, so another attempt starts nothing twice. Every other error is final.
 */
function createInJobs(api: Winapi, request: ProcessRequest): Created {
  for (let attempt = 1; ; attempt++) {
    try {
      return isJobListKnown ? withJobList(api, request) : suspendedFirst(api, request);
    } catch (error) {
      const { call, code } = error as Win32Error;
      const failedToInitialize = call === "CreateProcessAsUserW" && code === constants.ERROR_INTERNAL_ERROR;
      if (!failedToInitialize || attempt >= MOST_ATTEMPTS) throw error;
    }
  }
}

interface Created {
  process: Handle;
  thread: Handle;
  pid: number;
}

let isJobListKnown = true;

function withJobList(api: Winapi, request: ProcessRequest): Created {
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

function suspendedFirst(api: Winapi, request: ProcessRequest): Created {
  const created = create(api, request, [], constants.CREATE_SUSPENDED);
  try {
    for (const job of request.jobs) job.assign(created.process);
    if (api.ResumeThread(created.thread) === 0xffffffff) throw new Win32Error("ResumeThread", api.GetLastError());
    return created;
  } catch (error) {
    api.TerminateProcess(created.process, 1);
    api.CloseHandle(created.thread);
    api.CloseHandle(created.process);
    throw error;
  }
}

function create(api: Winapi, request: ProcessRequest, jobs: readonly Handle[], flags: number): Created {
  const { stdin, stdout, stderr } = request;
  const handles = [...new Set([stdin, stdout, stderr, ...request.more])];
  const attributes = new AttributeList(api, (jobs.length > 0 ? 2 : 1) + request.attributes.length);
  try {
    attributes.set(constants.PROC_THREAD_ATTRIBUTE_HANDLE_LIST, handleArray(handles));
    if (jobs.length > 0) attributes.set(constants.PROC_THREAD_ATTRIBUTE_JOB_LIST, handleArray(jobs));
    for (const { attribute, value } of request.attributes) attributes.set(attribute, value);
    const startup = startupInfo(api, request, attributes.address);
    const line = Buffer.from(`${request.commandLine}\0`, "utf16le"); // Windows may write to it.
    const info = Buffer.alloc(structs.PROCESS_INFORMATION.size);
    const done = withAttributes(api, request.access, (access) =>
      api.CreateProcessAsUserW(
        request.token.handle,
        extended(request.image),
        line,
        access,
        access,
        1,
        FLAGS | request.flags | flags,
        request.environment,
        request.workingDir,
        startup,
        info,
      ),
    );
    if (!done) throw new Win32Error("CreateProcessAsUserW", api.GetLastError(), { image: request.image });
    return {
      process: Number(read(structs.PROCESS_INFORMATION, info, "hProcess")),
      thread: Number(read(structs.PROCESS_INFORMATION, info, "hThread")),
      pid: read(structs.PROCESS_INFORMATION, info, "dwProcessId"),
    };
  } finally {
    attributes.close();
  }
}

/** The structure, and behind it the name of the desktop it points to. */
function startupInfo(api: Winapi, { stdin, stdout, stderr, desktop }: ProcessRequest, attributes: bigint): Buffer {
  const { STARTUPINFOEXW } = structs;
  const name = Buffer.from(desktop === undefined ? "" : `${desktop}\0`, "utf16le");
  const startup = Buffer.concat([Buffer.alloc(STARTUPINFOEXW.size), name]);
  encode(STARTUPINFOEXW, {
    cb: STARTUPINFOEXW.size,
    ...(desktop !== undefined && { lpDesktop: api.addressOf(startup) + BigInt(STARTUPINFOEXW.size) }),
    dwFlags: constants.STARTF_USESTDHANDLES,
    hStdInput: BigInt(stdin),
    hStdOutput: BigInt(stdout),
    hStdError: BigInt(stderr),
    lpAttributeList: attributes,
  }).copy(startup);
  return startup;
}
