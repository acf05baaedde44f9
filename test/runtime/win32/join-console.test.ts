import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fileTimeOf } from "../../../runtime/win32/process/held-process.ts";
import { joinConsole } from "../../../runtime/win32/stop/join-console.ts";
import { recordingWinapi } from "../../win32/recording-winapi.ts";

const NO_CONSOLE = 6;
const NO_PROCESS = 87;
const START = Date.UTC(2026, 0, 1);

/** A process of that age which has a console after some looks; `error` is what AttachConsole says until then. */
function machine({ ageMs = 0, looks = Number.POSITIVE_INFINITY, error = NO_CONSOLE, goesBack = false }) {
  let now = START;
  let looked = 0;
  const recording = recordingWinapi({
    AttachConsole: () => (looked++ < looks ? 0 : 1),
    GetLastError: () => error,
    GetProcessTimes: (_process: number, created: Buffer) => {
      created.writeBigUInt64LE(BigInt(fileTimeOf(new Date(START - ageMs))));
      return 1;
    },
  });
  const waiting = {
    now: () => now,
    pause: (ms: number) => {
      now += goesBack ? -ms : ms;
    },
  };
  return { recording, joined: joinConsole(recording.api, 77, waiting), looked };
}

describe("the console of a process", () => {
  it("is joined at once when it is there", () => {
    assert.deepEqual([machine({ looks: 0 }).joined, machine({ looks: 0 }).looked], [true, 1]);
  });

  it("is waited for when the process has just begun: it is about to make it", () => {
    const { joined, looked, recording } = machine({ looks: 40 });
    assert.deepEqual([joined, looked], [true, 41]);
    assert.deepEqual(recording.open(), []);
  });

  it("does not come when the process is older, or has ended", () => {
    assert.deepEqual([machine({ ageMs: 2_000 }).joined, machine({ ageMs: 2_000 }).looked], [false, 1]);
    assert.deepEqual([machine({ error: NO_PROCESS }).joined, machine({ error: NO_PROCESS }).looked], [false, 1]);
  });

  it("is given up after two seconds of a process that makes none, whatever the machine's clock does", () => {
    assert.deepEqual([machine({}).joined, machine({}).looked], [false, 201]);
    assert.deepEqual([machine({ goesBack: true }).joined, machine({ goesBack: true }).looked], [false, 201]);
    assert.equal(machine({ ageMs: 1_500 }).looked, 51);
  });
});
