import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { constants as c } from "../../runtime/win32/ffi/constants.ts";
import { read } from "../../runtime/win32/ffi/struct-codec.ts";
import { structs } from "../../runtime/win32/ffi/structs.ts";
import { Job } from "../../runtime/win32/job/job.ts";
import {
  affinityMask,
  cpuRate,
  extendedLimits,
  processorCounts,
  unreachableProcessors,
} from "../../runtime/win32/job/job-limits.ts";
import { recordingWinapi } from "./recording-winapi.ts";

const LIMITS = structs.JOBOBJECT_EXTENDED_LIMIT_INFORMATION;
const RATE = structs.JOBOBJECT_CPU_RATE_CONTROL_INFORMATION;

describe("the limits of a job", () => {
  it("are written whole, with a flag for each", () => {
    const info = extendedLimits({
      limits: { memory: 64 * 2 ** 20, processes: 5, cpu: 1 },
      priorityClass: "BelowNormal",
      affinity: [0, 2, 63],
    });
    assert.equal(info.length, 144);
    assert.equal(
      read(LIMITS, info, "LimitFlags"),
      c.JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION |
        c.JOB_OBJECT_LIMIT_PROCESS_MEMORY |
        c.JOB_OBJECT_LIMIT_JOB_MEMORY |
        c.JOB_OBJECT_LIMIT_ACTIVE_PROCESS |
        c.JOB_OBJECT_LIMIT_PRIORITY_CLASS |
        c.JOB_OBJECT_LIMIT_AFFINITY,
    );
    assert.equal(read(LIMITS, info, "ProcessMemoryLimit"), 64n * 2n ** 20n);
    assert.equal(read(LIMITS, info, "JobMemoryLimit"), 64n * 2n ** 20n);
    assert.equal(read(LIMITS, info, "ActiveProcessLimit"), 5);
    assert.equal(read(LIMITS, info, "PriorityClass"), c.BELOW_NORMAL_PRIORITY_CLASS);
    assert.equal(read(LIMITS, info, "Affinity"), (1n << 63n) | 5n);
  });

  it("that were not asked for are not there", () => {
    const info = extendedLimits({ limits: {} });
    assert.equal(read(LIMITS, info, "LimitFlags"), c.JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION);
    assert.ok(info.subarray(20).every((byte) => byte === 0));
  });

  it("never let a process out of the job, and never tie its life to the daemon's", () => {
    const flags = read(LIMITS, extendedLimits({ limits: { memory: 1, processes: 1 }, affinity: [1] }), "LimitFlags");
    const forbidden =
      c.JOB_OBJECT_LIMIT_BREAKAWAY_OK | c.JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK | c.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
    assert.equal(flags & forbidden, 0);
  });

  for (const [cpu, processors, rate] of [
    [0.5, 2, 2500],
    [1, 4, 2500],
    [2, 2, 10_000],
    [99, 2, 10_000],
    [0.00001, 64, 1],
  ] as const) {
    it(`make ${cpu} of ${processors} processors a hard cap of ${rate / 100} %`, () => {
      const info = cpuRate(cpu, processors);
      assert.equal(read(RATE, info, "CpuRate"), rate);
      assert.equal(
        read(RATE, info, "ControlFlags"),
        c.JOB_OBJECT_CPU_RATE_CONTROL_ENABLE | c.JOB_OBJECT_CPU_RATE_CONTROL_HARD_CAP,
      );
    });
  }

  it("count the machine's processors: those of all groups for a rate, those of the first for a mask", () => {
    const counts = processorCounts({ GetActiveProcessorCount: (group) => (group === 0xffff ? 96 : 48) });
    assert.deepEqual(counts, { all: 96, firstGroup: 48 });
    const recording = recordingWinapi();
    const refused = Job.create(recording.api, undefined).limit({ limits: { cpu: 48 }, affinity: [47, 48] }, counts);
    assert.deepEqual(
      refused.map(({ field }) => field),
      ["resources.affinity"],
    );
    const [, rate] = recording.of("SetInformationJobObject").map((args) => args[2] as Buffer);
    assert.equal(rate!.readUInt32LE(4), 5_000);
  });

  it("say which processors they can't name", () => {
    assert.equal(affinityMask([0, 1, 64]), 3n);
    assert.deepEqual(unreachableProcessors([0, 1], 2), []);
    assert.match(unreachableProcessors([0, 7], 4)[0]!.reason, /processors 7/);
    assert.match(unreachableProcessors([70], 64)[0]!.reason, /processors 70/);
  });
});
