import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import type { RunProofs } from "../../runtime/runs/run-proofs.ts";
import { constants as c } from "../../runtime/win32/ffi/constants.ts";
import { read } from "../../runtime/win32/ffi/struct-codec.ts";
import { structs } from "../../runtime/win32/ffi/structs.ts";
import { openOutputs } from "../../runtime/win32/files/output-files.ts";
import { releaseRange } from "../../runtime/win32/files/release-range.ts";
import { Job } from "../../runtime/win32/job/job.ts";
import { jobName } from "../../runtime/win32/job/job-name.ts";
import { createProcess, type ProcessRequest } from "../../runtime/win32/process/create-process.ts";
import { encodeSid } from "../../runtime/win32/security/sid.ts";
import { Token } from "../../runtime/win32/security/token.ts";
import { consoleEventMain, sendConsoleEvent } from "../../runtime/win32/stop/console-event.ts";
import { StopEvent, stopEventName } from "../../runtime/win32/stop/stop-event.ts";
import { ADMINISTRATORS, descriptor, STRANGER, SYSTEM } from "../runtime/win32/descriptors.ts";
import { type Recording, recordingWinapi } from "./recording-winapi.ts";

const handles = (value: unknown): bigint[] => {
  const buffer = value as Buffer;
  return Array.from({ length: buffer.length / 8 }, (_, index) => buffer.readBigUInt64LE(index * 8));
};

const request = (jobs: readonly Job[]): ProcessRequest => ({
  token: new Token(recordingWinapi().api, 60),
  image: "C:\\p\\p.exe",
  commandLine: '"p" a',
  environment: Buffer.from("A=1\0\0", "utf16le"),
  workingDir: "C:\\work",
  stdin: 4,
  stdout: 8,
  stderr: 8,
  more: [12],
  jobs,
  flags: c.CREATE_NEW_PROCESS_GROUP,
  attributes: [],
});

describe("a process is made", () => {
  it("inside its job, with the handles that are named and no others, and by its full path", () => {
    const recording = recordingWinapi();
    const job = Job.create(recording.api, "Global\\wctl-x");
    createProcess(recording.api, request([job]));
    const lists = new Map(recording.of("UpdateProcThreadAttribute").map((args) => [args[2], handles(args[3])]));
    assert.deepEqual(lists.get(c.PROC_THREAD_ATTRIBUTE_HANDLE_LIST), [4n, 8n, 12n]);
    assert.deepEqual(lists.get(c.PROC_THREAD_ATTRIBUTE_JOB_LIST), [BigInt(job.handle)]);
    const [args] = recording.of("CreateProcessAsUserW");
    const [token, image, line, , , inherit, flags, environment, directory, startup] = args!;
    assert.equal(token, 60);
    assert.equal(image, "C:\\p\\p.exe");
    assert.equal((line as Buffer).toString("utf16le"), '"p" a\0');
    assert.equal(inherit, 1);
    assert.equal(
      flags,
      c.CREATE_NO_WINDOW | c.CREATE_UNICODE_ENVIRONMENT | c.EXTENDED_STARTUPINFO_PRESENT | c.CREATE_NEW_PROCESS_GROUP,
    );
    assert.equal((environment as Buffer).toString("utf16le"), "A=1\0\0");
    assert.equal(directory, "C:\\work");
    const info = startup as Buffer;
    assert.equal(read(structs.STARTUPINFOEXW, info, "cb"), 112);
    assert.equal(read(structs.STARTUPINFOEXW, info, "dwFlags"), c.STARTF_USESTDHANDLES);
    assert.equal(read(structs.STARTUPINFOEXW, info, "hStdInput"), 4n);
    assert.equal(read(structs.STARTUPINFOEXW, info, "hStdOutput"), 8n);
    assert.equal(read(structs.STARTUPINFOEXW, info, "hStdError"), 8n);
    assert.notEqual(read(structs.STARTUPINFOEXW, info, "lpAttributeList"), 0n);
    assert.equal(read(structs.STARTUPINFOEXW, info, "lpDesktop"), 0n);
    assert.deepEqual(recording.of("ResumeThread"), []);
  });

  it("and its failure is told with call, code and name; nothing is left open", () => {
    const recording = recordingWinapi({ CreateProcessAsUserW: () => 0, GetLastError: () => 740 });
    assert.throws(() => createProcess(recording.api, request([])), {
      name: "Win32Error",
      call: "CreateProcessAsUserW",
      code: 740,
      message: /CreateProcessAsUserW failed with ERROR_ELEVATION_REQUIRED \(740\), image=C:\\p\\p\.exe/,
    });
    assert.equal(recording.of("DeleteProcThreadAttributeList").length, 1);
  });
});

describe("a job", () => {
  it("is made for the system, administrators and its owner alone, and a name that is taken is refused", () => {
    const recording = recordingWinapi();
    Job.create(recording.api, "Global\\wctl-x");
    assert.deepEqual(
      recording.of("ConvertStringSecurityDescriptorToSecurityDescriptorW").map(([sddl]) => sddl),
      ["D:P(A;;GA;;;SY)(A;;GA;;;BA)(A;;GA;;;OW)"],
    );
    const [attributes] = recording.of("CreateJobObjectW")[0]!;
    assert.notEqual(read(structs.SECURITY_ATTRIBUTES, attributes as Buffer, "lpSecurityDescriptor"), 0n);
    assert.equal(read(structs.SECURITY_ATTRIBUTES, attributes as Buffer, "bInheritHandle"), 0);
    const squatted = recordingWinapi({ GetLastError: () => c.ERROR_ALREADY_EXISTS });
    assert.throws(() => Job.create(squatted.api, "Global\\wctl-x"), { code: c.ERROR_ALREADY_EXISTS });
    assert.equal(squatted.of("CloseHandle").length, 1);
  });

  it("gives a child a handle that can only ask", () => {
    const recording = recordingWinapi();
    const job = Job.create(recording.api, "Global\\wctl-x");
    job.queryOnlyHandle();
    const [from, handle, to, , access, inherit, options] = recording.of("DuplicateHandle")[0]!;
    assert.deepEqual([from, handle, to, access, inherit, options], [-1, job.handle, -1, c.JOB_OBJECT_QUERY, 1, 0]);
  });

  it("gets its limits whole, and what is refused is named with the reason", () => {
    const taken = recordingWinapi();
    const settings = { limits: { memory: 2 ** 20, processes: 3, cpu: 1 }, affinity: [1] };
    assert.deepEqual(Job.create(taken.api).limit(settings, { all: 4, firstGroup: 4 }), []);
    assert.deepEqual(
      taken.of("SetInformationJobObject").map(([, infoClass, , length]) => [infoClass, length]),
      [
        [c.JobObjectExtendedLimitInformation, 144],
        [c.JobObjectCpuRateControlInformation, 8],
      ],
    );
    const refused = recordingWinapi({ SetInformationJobObject: () => 0, GetLastError: () => 87 });
    const unenforced = Job.create(refused.api).limit(settings, { all: 4, firstGroup: 4 });
    assert.deepEqual(
      unenforced.map(({ field }) => field),
      ["resources.limits.memory", "resources.limits.processes", "resources.affinity", "resources.limits.cpu"],
    );
    for (const { reason } of unenforced) assert.match(reason, /ERROR_INVALID_PARAMETER \(87\)/);
  });

  it("is let go by the port of an earlier daemon where the system can", () => {
    let isBound = true;
    const recording = recordingWinapi({
      SetInformationJobObject: (_job: number, _class: number, info: Buffer) => {
        const port = read(structs.JOBOBJECT_ASSOCIATE_COMPLETION_PORT, info, "CompletionPort");
        if (port === 0n) isBound = false;
        return port === 0n || !isBound ? 1 : 0;
      },
    });
    assert.equal(Job.create(recording.api).tell(77, 5), true);
    const ports = recording
      .of("SetInformationJobObject")
      .map(([, , info]) => read(structs.JOBOBJECT_ASSOCIATE_COMPLETION_PORT, info as Buffer, "CompletionPort"));
    assert.deepEqual(ports, [77n, 0n, 77n]);
  });
});

describe("files and events", () => {
  it("give a workload handles that only append, may be asked what they are, share everything and are inherited", () => {
    const recording = recordingWinapi();
    openOutputs(recording.api, "C:\\logs\\1.out", "C:\\logs\\1.err");
    const [nul, out, err] = recording.of("CreateFileW");
    assert.deepEqual([nul![0], nul![1]], ["NUL", c.GENERIC_READ]);
    for (const [args, path] of [
      [out!, "C:\\logs\\1.out"],
      [err!, "C:\\logs\\1.err"],
    ] as const) {
      assert.deepEqual([args[0], args[1], args[2], args[4]], [path, 0x100084, 7, c.OPEN_ALWAYS]);
      assert.equal(read(structs.SECURITY_ATTRIBUTES, args[3] as Buffer, "bInheritHandle"), 1);
      assert.ok((args[5] as number) & c.FILE_FLAG_OPEN_REPARSE_POINT, "a link in its place is not followed");
    }
  });

  it("lose their oldest part as a hole: sparse first, then zeros from the beginning", () => {
    const recording = recordingWinapi();
    releaseRange(recording.api, "C:\\logs\\1.out", 65_536);
    const [sparse, zero] = recording.of("DeviceIoControl");
    assert.equal(sparse![1], c.FSCTL_SET_SPARSE);
    assert.equal(zero![1], c.FSCTL_SET_ZERO_DATA);
    assert.deepEqual(handles(zero![2]), [0n, 65_536n]);
    assert.equal(recording.of("CloseHandle").length, 1);
  });

  it("let everybody wait for a stop event, and only its makers set it", () => {
    const recording = recordingWinapi();
    StopEvent.create(recording.api, "Global\\x-stop");
    const [sddl] = recording.of("ConvertStringSecurityDescriptorToSecurityDescriptorW")[0]!;
    assert.equal(sddl, "D:P(A;;GA;;;SY)(A;;GA;;;BA)(A;;GA;;;OW)(A;;0x100000;;;WD)");
  });
});

describe("the name of a stop event", () => {
  const proofs = { of: (run: object) => createHash("sha256").update(JSON.stringify(run)).digest("hex") } as RunProofs;

  it("is of one run, made again by the next daemon, and not to be had from the job's, which shows earlier", () => {
    const name = stopEventName({ proofs }, "uid", 1);
    assert.match(name, /^Global\\wctl-stop-[0-9a-f]{32}$/);
    assert.equal(stopEventName({ proofs }, "uid", 1), name);
    assert.notEqual(stopEventName({ proofs }, "uid", 2), name);
    const job = jobName({ dataId: "d", proofs }, "uid", 1);
    assert.ok(!name.includes(job.split("-").at(-1)!) && !job.includes(name.split("-").at(-1)!.slice(0, 16)));
  });

  it("opens an event of the daemon's own making alone: to set a stranger's would ask nobody", () => {
    const own = "S-1-5-21-1-2-3-1000";
    for (const [owner, isOpened] of [
      [SYSTEM, true],
      [ADMINISTRATORS, true],
      [own, true],
      [STRANGER, false],
      ["S-1-5-19", false],
    ] as const) {
      const bytes = descriptor(owner, null);
      const recording: Recording = recordingWinapi({
        GetTokenInformation: (_token: number, _class: number, out: Buffer) => {
          out.writeBigUInt64LE(recording.api.addressOf(out) + 512n, 0);
          return encodeSid(own).copy(out, 512) && 1;
        },
        OpenEventW: () => 44,
        GetKernelObjectSecurity: (_object: number, _what: number, out: Buffer) => bytes.copy(out) && 1,
      });
      assert.equal(StopEvent.open(recording.api, "Global\\x", own) !== undefined, isOpened, owner);
      assert.deepEqual(recording.of("CloseHandle").filter(([handle]) => handle === 44).length, isOpened ? 0 : 1);
    }
  });
});

describe("the sender of console events", () => {
  it("joins the console, ignores Ctrl-C itself, and sends it to all there", () => {
    const recording = recordingWinapi();
    assert.equal(sendConsoleEvent(77, "ctrl-c", recording.api), true);
    assert.deepEqual(
      recording.calls.map(({ name, args }) => [name, ...args]),
      [["FreeConsole"], ["AttachConsole", 77], ["SetConsoleCtrlHandler", null, 1], ["GenerateConsoleCtrlEvent", 0, 0]],
    );
  });

  it("sends Ctrl-Break to the group, and does not ignore Ctrl-C for its children", () => {
    const recording = recordingWinapi();
    assert.equal(sendConsoleEvent(77, "ctrl-break", recording.api), true);
    assert.deepEqual(recording.of("GenerateConsoleCtrlEvent"), [[1, 77]]);
    assert.deepEqual(recording.of("SetConsoleCtrlHandler"), []);
  });

  it("says so when there is no console to join", () => {
    const recording = recordingWinapi({ AttachConsole: () => 0 });
    assert.equal(sendConsoleEvent(77, "ctrl-c", recording.api), false);
    assert.deepEqual(recording.of("GenerateConsoleCtrlEvent"), []);
  });

  it("takes several requests, leaves each console before the next, and tells of each", () => {
    const recording = recordingWinapi({ AttachConsole: (pid: number) => (pid === 8 ? 0 : 1) });
    const told: string[] = [];
    const requests = ["7=ctrl-c", "8=ctrl-c", "9=ctrl-break", "0=ctrl-c", "10=format-c"];
    assert.equal(
      consoleEventMain(requests, recording.api, (line) => told.push(line)),
      0,
    );
    assert.deepEqual(told, ["true\n", "false\n", "true\n", "false\n", "false\n"]);
    assert.deepEqual(recording.of("AttachConsole"), [[7], [8], [9]]);
    assert.equal(recording.of("FreeConsole").length, 3);
  });
});
