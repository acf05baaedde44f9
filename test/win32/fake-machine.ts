import { constants } from "../../runtime/win32/ffi/constants.ts";
import { tokenConstants as c } from "../../runtime/win32/ffi/token-constants.ts";
import { encodeSid } from "../../runtime/win32/security/sid.ts";
import type { Answers, Recording } from "./recording-winapi.ts";

export interface FakeProcess {
  pid: number;
  /** FILETIME */
  created: bigint;
  user: string;
  image?: string;
  /** Its exit code. */
  ended?: number;
}

interface FakeJob {
  owner: string;
  pids: number[];
}

const TOKEN = 900_000;
/** Of every Buffer: nothing here points from one to another. */
const ADDRESS = 0x1000n;

/** A Windows with processes in named jobs, which the calls of recovery see: its own part of `recordingWinapi`. */
export class FakeMachine {
  readonly processes = new Map<number, FakeProcess>();
  readonly jobs = new Map<string, FakeJob>();
  /** Name: owner. */
  readonly events = new Map<string, string>();
  readonly assigned: [job: string, pid: number][] = [];
  readonly terminated: string[] = [];
  recording: Recording | undefined;
  /** The table of handles of the keeper. */
  readonly kept = new Map<number, FakeProcess | string>();
  readonly #handles = new Map<number, FakeProcess | string>();
  #next = 5000;
  #error = 0;

  add(process: FakeProcess): FakeProcess {
    this.processes.set(process.pid, process);
    return process;
  }

  /** Pids whose process somebody has opened. */
  get opened(): number[] {
    return (this.recording?.of("OpenProcess") ?? []).map(([, , pid]) => pid as number);
  }

  readonly answers: Answers = {
    GetLastError: () => this.#error,
    addressOf: () => ADDRESS,
    OpenProcess: (_access: number, _inherit: number, pid: number) => {
      const process = this.processes.get(pid);
      this.#error = process ? 0 : constants.ERROR_INVALID_PARAMETER;
      return process ? this.#give(process) : 0;
    },
    GetProcessTimes: (handle: number, created: Buffer) => {
      created.writeBigUInt64LE(this.#process(handle).created);
      return 1;
    },
    WaitForSingleObject: (handle: number) =>
      this.#process(handle).ended === undefined ? constants.WAIT_TIMEOUT : constants.WAIT_OBJECT_0,
    GetExitCodeProcess: (handle: number, out: Buffer) => {
      out.writeUInt32LE(this.#process(handle).ended ?? 259);
      return 1;
    },
    QueryFullProcessImageNameW: (handle: number, _flags: number, out: Buffer, length: Buffer) => {
      const { image = "C:\\p\\web.exe" } = this.#process(handle);
      out.write(image, "utf16le");
      length.writeUInt32LE(image.length);
      return 1;
    },
    OpenProcessToken: (handle: number, _access: number, out: Buffer) => {
      out.writeBigUInt64LE(BigInt(handle < 0 ? TOKEN : TOKEN + handle));
      return 1;
    },
    GetTokenInformation: (handle: number, infoClass: number, out: Buffer) => {
      if (infoClass !== c.TokenUser && infoClass !== c.TokenOwner) return 0;
      const user = handle === TOKEN ? "S-1-5-18" : this.#process(handle - TOKEN).user;
      out.writeBigUInt64LE(ADDRESS + 64n);
      encodeSid(user).copy(out, 64);
      return 1;
    },
    OpenJobObjectW: (_access: number, _inherit: number, name: string) => {
      this.#error = this.jobs.has(name) ? 0 : constants.ERROR_FILE_NOT_FOUND;
      return this.jobs.has(name) ? this.#give(name) : 0;
    },
    CreateJobObjectW: (_attributes: Buffer, name: string | null) => {
      const made = name ?? `unnamed-${this.#next}`;
      this.#error = this.jobs.has(made) ? constants.ERROR_ALREADY_EXISTS : 0;
      if (!this.jobs.has(made)) this.jobs.set(made, { owner: "S-1-5-32-544", pids: [] });
      return this.#give(made);
    },
    GetKernelObjectSecurity: (handle: number, _what: number, out: Buffer) => {
      out.writeUInt32LE(20, 4);
      encodeSid(this.#owner(handle)).copy(out, 20);
      return 1;
    },
    IsProcessInJob: (process: number, job: number, out: Buffer) => {
      out.writeInt32LE(this.#job(job).pids.includes(this.#process(process).pid) ? 1 : 0);
      return 1;
    },
    AssignProcessToJobObject: (job: number, process: number) => {
      const { pid } = this.#process(process);
      this.#job(job).pids.push(pid);
      this.assigned.push([this.#handles.get(job) as string, pid]);
      return 1;
    },
    TerminateJobObject: (job: number) => {
      this.terminated.push(this.#handles.get(job) as string);
      return 1;
    },
    QueryInformationJobObject: (job: number, infoClass: number, out: Buffer) => {
      const { pids } = this.#job(job);
      if (infoClass === constants.JobObjectBasicAccountingInformation) out.writeUInt32LE(pids.length, 40);
      else {
        out.writeUInt32LE(pids.length, 0);
        out.writeUInt32LE(pids.length, 4);
        for (const [index, pid] of pids.entries()) out.writeBigUInt64LE(BigInt(pid), 8 + index * 8);
      }
      return 1;
    },
    OpenEventW: (_access: number, _inherit: number, name: string) => (this.events.has(name) ? this.#give(name) : 0),
    CreateProcessAsUserW: (...args: unknown[]) => {
      const process = this.add({ pid: 7000, created: 1n, user: "S-1-5-18", image: args[1] as string });
      const info = args[10] as Buffer;
      info.writeBigUInt64LE(BigInt(this.#give(process)), 0);
      info.writeBigUInt64LE(BigInt(this.#give(process)), 8);
      info.writeUInt32LE(process.pid, 16);
      return 1;
    },
    TerminateProcess: (handle: number, code: number) => {
      this.#process(handle).ended = code;
      return 1;
    },
    /** From or to a process of this machine is into or out of its own table of handles. */
    DuplicateHandle: (
      from: number,
      handle: number,
      to: number,
      out: Buffer,
      _access: number,
      _in: number,
      how: number,
    ) => {
      const source = from < 0 ? this.#handles : this.kept;
      const found = source.get(handle);
      if (found === undefined) return 0;
      if (how === constants.DUPLICATE_CLOSE_SOURCE) return source.delete(handle) ? 1 : 0;
      this.#next += 4;
      (to < 0 ? this.#handles : this.kept).set(this.#next, found);
      out.writeBigUInt64LE(BigInt(this.#next));
      return 1;
    },
  };

  #give(what: FakeProcess | string): number {
    this.#next += 4;
    this.#handles.set(this.#next, what);
    return this.#next;
  }

  #process(handle: number): FakeProcess {
    const found = this.#handles.get(handle);
    if (typeof found === "object") return found;
    throw new Error(`${handle} is no process`);
  }

  /** Of a job or an event. */
  #owner(handle: number): string {
    return this.events.get(this.#handles.get(handle) as string) ?? this.#job(handle).owner;
  }

  #job(handle: number): FakeJob {
    const found = this.#handles.get(handle);
    if (typeof found === "string") return this.jobs.get(found)!;
    throw new Error(`${handle} is no job`);
  }
}
