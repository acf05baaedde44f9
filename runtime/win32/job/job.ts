import type { Unenforced } from "../../runtime.ts";
import { constants } from "../ffi/constants.ts";
import { encode, read } from "../ffi/struct-codec.ts";
import { structs } from "../ffi/structs.ts";
import type { Handle, Winapi } from "../ffi/winapi.ts";
import { isOurs } from "../security/owner-of.ts";
import { securityAttributes } from "../security/security-attributes.ts";
import { must, nameOfError, Win32Error } from "../win32-error.ts";
import {
  cpuRate,
  extendedLimits,
  type JobSettings,
  type ProcessorCounts,
  unreachableProcessors,
} from "./job-limits.ts";

const ID_LIST = structs.JOBOBJECT_BASIC_PROCESS_ID_LIST;
const ACCOUNTING = structs.JOBOBJECT_BASIC_ACCOUNTING_INFORMATION;
const POINTER = 8;

/** Administrators, the system, and whoever made it; a workload under another account can't open it by name (S08). */
export const JOB_ACCESS = "D:P(A;;GA;;;SY)(A;;GA;;;BA)(A;;GA;;;OW)";

/** A job object: a run is created in it, and so is everything that the run starts. */
export class Job {
  readonly #api: Winapi;
  readonly handle: Handle;
  readonly name: string | undefined;

  private constructor(api: Winapi, handle: Handle, name?: string) {
    this.#api = api;
    this.handle = handle;
    this.name = name;
  }

  /** Makes a new job. A job of that name that is there already is a stranger's, and is refused (S09). */
  static create(api: Winapi, name?: string): Job {
    const handle = must(
      api,
      "CreateJobObjectW",
      api.CreateJobObjectW(securityAttributes(api, JOB_ACCESS), name ?? null),
      { name },
    );
    if (name !== undefined && api.GetLastError() === constants.ERROR_ALREADY_EXISTS) {
      api.CloseHandle(handle);
      throw new Win32Error("CreateJobObjectW", constants.ERROR_ALREADY_EXISTS, { name });
    }
    return new Job(api, handle, name);
  }

  /** Undefined when no job has that name, we may not open it, or it belongs to a stranger. `own`: the SID of the daemon. */
  static open(api: Winapi, name: string, own: string): Job | undefined {
    const handle = api.OpenJobObjectW(constants.JOB_OBJECT_ALL_ACCESS, 0, name);
    if (handle === 0) return undefined;
    if (isOurs(api, handle, own)) return new Job(api, handle, name);
    api.CloseHandle(handle);
    return undefined;
  }

  /** Imposes the limits. Returns those that the system refused. */
  limit(settings: JobSettings, processors: ProcessorCounts): Unenforced[] {
    const refused: Unenforced[] = unreachableProcessors(settings.affinity, processors.firstGroup);
    const { limits } = settings;
    if (!this.#set(constants.JobObjectExtendedLimitInformation, extendedLimits(settings))) {
      const reason = this.#refusal("JobObjectExtendedLimitInformation");
      const asked = {
        "resources.limits.memory": limits.memory,
        "resources.limits.processes": limits.processes,
        "resources.priorityClass": settings.priorityClass,
        "resources.affinity": settings.affinity,
      };
      for (const [field, value] of Object.entries(asked)) if (value !== undefined) refused.push({ field, reason });
    }
    if (limits.cpu !== undefined) {
      if (!this.#set(constants.JobObjectCpuRateControlInformation, cpuRate(limits.cpu, processors.all))) {
        refused.push({
          field: "resources.limits.cpu",
          reason: this.#refusal("JobObjectCpuRateControlInformation"),
        });
      }
    }
    return refused;
  }

  /**
   * From now on messages about this job come to `port` under `key`. Answers false where a job keeps its first port for ever: Windows since 8 releases
   * it when asked, older ones and Wine do not.
   */
  tell(port: Handle, key: number): boolean {
    const associate = (to: Handle): boolean =>
      this.#set(
        constants.JobObjectAssociateCompletionPortInformation,
        encode(structs.JOBOBJECT_ASSOCIATE_COMPLETION_PORT, { CompletionKey: BigInt(key), CompletionPort: BigInt(to) }),
      );
    return associate(port) || (associate(0) && associate(port));
  }

  assign(process: Handle): void {
    must(this.#api, "AssignProcessToJobObject", this.#api.AssignProcessToJobObject(this.handle, process), {
      job: this.name,
    });
  }

  has(process: Handle): boolean {
    const result = Buffer.alloc(4);
    return this.#api.IsProcessInJob(process, this.handle, result) !== 0 && result.readInt32LE(0) !== 0;
  }

  /** Processes alive in it. */
  members(): number[] {
    for (let room = 64; ; room *= 4) {
      const info = Buffer.alloc(ID_LIST.fields.ProcessIdList.at + room * POINTER);
      const done = this.#api.QueryInformationJobObject(
        this.handle,
        constants.JobObjectBasicProcessIdList,
        info,
        info.length,
        null,
      );
      if (!done && this.#api.GetLastError() !== constants.ERROR_MORE_DATA) return [];
      const [assigned, listed] = [
        read(ID_LIST, info, "NumberOfAssignedProcesses"),
        read(ID_LIST, info, "NumberOfProcessIdsInList"),
      ];
      if (done !== 0 && assigned <= listed) return Array.from({ length: listed }, (_, index) => pidAt(info, index));
    }
  }

  accounting(): { alive: number; cpuSeconds: number } {
    const info = Buffer.alloc(ACCOUNTING.size);
    const id = constants.JobObjectBasicAccountingInformation;
    if (!this.#api.QueryInformationJobObject(this.handle, id, info, info.length, null)) {
      throw new Win32Error("QueryInformationJobObject", this.#api.GetLastError(), { job: this.name });
    }
    const time = read(ACCOUNTING, info, "TotalUserTime") + read(ACCOUNTING, info, "TotalKernelTime");
    return { alive: read(ACCOUNTING, info, "ActiveProcesses"), cpuSeconds: Number(time) / 1e7 };
  }

  /** Ends every process in it, and in the jobs inside it. */
  terminate(exitCode: number): void {
    must(this.#api, "TerminateJobObject", this.#api.TerminateJobObject(this.handle, exitCode), { job: this.name });
  }

  /** A second handle that a child can inherit, and that it can only query with; it keeps the name alive without us. */
  queryOnlyHandle(): Handle {
    const self = this.#api.GetCurrentProcess();
    const out = Buffer.alloc(POINTER);
    const done = this.#api.DuplicateHandle(self, this.handle, self, out, constants.JOB_OBJECT_QUERY, 1, 0);
    must(this.#api, "DuplicateHandle", done, { job: this.name });
    return Number(out.readBigUInt64LE(0));
  }

  close(): void {
    this.#api.CloseHandle(this.handle);
  }

  #set(infoClass: number, info: Buffer): boolean {
    return this.#api.SetInformationJobObject(this.handle, infoClass, info, info.length) !== 0;
  }

  #refusal(infoClass: string): string {
    return `this Windows refuses ${infoClass}: ${nameOfError(this.#api.GetLastError())}`;
  }
}

function pidAt(info: Buffer, index: number): number {
  return Number(info.readBigUInt64LE(ID_LIST.fields.ProcessIdList.at + index * POINTER));
}
